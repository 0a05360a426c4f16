/**
 * What a definition says beyond its labels (meanings, synonyms) goes into a chunk of its own: 10 of the 16 kB that the definitions weigh,
 * compressed, and no first screen shows them. Runs in the build only; src/core/meanings.ts puts them back.
 */
import { readFileSync } from "node:fs";

const DEFINITION = /\/schema\/sheets\/[a-z_]+\.json$/;
const APART = ["meaning", "aliases"];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The definition without its words; its other parts keep their order. */
export function withoutWords(json: Json): Json {
  if (Array.isArray(json)) return json.map(withoutWords);
  if (json === null || typeof json !== "object") return json;
  const kept: { [key: string]: Json } = {};
  for (const key of Object.keys(json)) if (APART.indexOf(key) < 0) kept[key] = withoutWords(json[key]!);
  return kept;
}

/** The words alone, with the ids and codes that say whose they are. */
export function wordsOf(json: Json): Json {
  if (Array.isArray(json)) return json.map(wordsOf).filter((item) => item !== null && typeof item === "object" && Object.keys(item).some((key) => key !== "id" && key !== "code"));
  if (json === null || typeof json !== "object") return json;
  const kept: { [key: string]: Json } = {};
  for (const key of Object.keys(json)) {
    const value = json[key]!;
    if (APART.indexOf(key) >= 0 || key === "id" || key === "code") kept[key] = value;
    else if (Array.isArray(value) && value.some((item) => item !== null && typeof item === "object")) {
      const words = wordsOf(value) as Json[];
      if (words.length > 0) kept[key] = words;
    }
  }
  return kept;
}

/** A Vite plugin; after slimDefinitions, before the JSON plugin. `x.json` is the definition, `x.json?words` its words. */
export function wordsApart() {
  return {
    name: "words-apart",
    enforce: "pre" as const,
    apply: "build" as const,
    load(id: string) {
      const [file, query] = id.split("?");
      if (query !== "words" || !DEFINITION.test(file!)) return null;
      const json = JSON.parse(readFileSync(file!, "utf8")) as { fields: { aliases?: unknown }[] };
      for (const field of json.fields) delete field.aliases; // Only an import asks for those, and it runs on the server.
      return { code: `export default ${JSON.stringify(wordsOf(json as unknown as Json))};`, map: null, moduleType: "js" as const };
    },
    transform(code: string, id: string) {
      return DEFINITION.test(id) ? { code: JSON.stringify(withoutWords(JSON.parse(code) as Json)), map: null } : null;
    },
  };
}
