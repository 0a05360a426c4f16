/**
 * What a definition says beyond what a first screen shows goes into a chunk of its own: meanings, synonyms, English labels, and the
 * fields and rights of every sheet but the help sheet. 12 of the 16 kB that the definitions weigh, compressed. Runs in the build;
 * src/core/whole.ts puts it back.
 */
import { readFileSync } from "node:fs";

const DEFINITION = /\/schema\/sheets\/([a-z_]+)\.json$/;
/** Whole but for their words in the first load; of the others the head. */
const FIRST = ["help", "shared"];

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const isMap = (json: Json | undefined): json is { [key: string]: Json } => json !== null && typeof json === "object" && !Array.isArray(json);
/** `{zh, en}`: what people call something. */
const isWords = (json: Json): boolean => isMap(json) && typeof json["zh"] === "string" && typeof json["en"] === "string";

/** The definition without its words; its other parts keep their order. */
export function withoutWords(json: Json): Json {
  if (Array.isArray(json)) return json.map(withoutWords);
  if (!isMap(json)) return json;
  if (isWords(json)) return { zh: json["zh"]! };
  const kept: { [key: string]: Json } = {};
  for (const key of Object.keys(json)) if (key !== "meaning" && key !== "aliases") kept[key] = withoutWords(json[key]!);
  return kept;
}

/** A sheet's head: enough to name it in a tab. Its shared fields come with shared.json. */
export function headOf(json: Json): Json {
  return { ...(withoutWords(json) as { [key: string]: Json }), fields: [], rights: {} };
}

/** The words alone, with the ids and codes that say whose they are. */
export function wordsOf(json: Json): Json {
  if (!isMap(json)) return null;
  const kept: { [key: string]: Json } = {};
  for (const key of Object.keys(json)) {
    const value = json[key]!;
    if (key === "meaning" || key === "aliases" || key === "id" || key === "code") kept[key] = value;
    else if (isWords(value)) kept[key] = { en: (value as { [key: string]: Json })["en"]! };
    else if (Array.isArray(value) && value.some(isMap)) kept[key] = value.map(wordsOf);
  }
  return kept;
}

/** A Vite plugin; after slimDefinitions, before the JSON plugin. `x.json` is what comes first, `x.json?rest` the rest. */
export function restApart() {
  let builds = false;
  return {
    name: "rest-apart",
    enforce: "pre" as const,
    // Tests and the development server have the definitions whole from the start.
    configResolved(config: { command: string }) {
      builds = config.command === "build";
    },
    load(id: string) {
      const [file, query] = id.split("?");
      const name = DEFINITION.exec(file!)?.[1];
      if (query !== "rest" || name === undefined) return null;
      const json = JSON.parse(readFileSync(file!, "utf8")) as { fields: { aliases?: unknown; entry?: { aliases?: unknown }[] }[] };
      // Header words: only an import asks for those, and it runs on the server.
      for (const field of json.fields) {
        delete field.aliases;
        for (const part of field.entry ?? []) delete part.aliases;
      }
      const rest = FIRST.indexOf(name) >= 0 ? wordsOf(json as unknown as Json) : (json as unknown as Json);
      return { code: `export default ${JSON.stringify(rest)};`, map: null, moduleType: "js" as const };
    },
    transform(code: string, id: string) {
      const name = DEFINITION.exec(id)?.[1];
      if (name === undefined || !builds) return null;
      const json = JSON.parse(code) as Json;
      return { code: JSON.stringify(FIRST.indexOf(name) >= 0 ? withoutWords(json) : headOf(json)), map: null };
    },
  };
}
