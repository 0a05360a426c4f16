/**
 * Takes out of a definition what a browser never asks for: the header words of import (5 kB of 21, compressed).
 * Runs in the build only; imported by vite.config.ts.
 */
const DEFINITION = /\/schema\/sheets\/[a-z_]+\.json$/;

/** The definition without the synonyms of fields and parts; those of options stay, for forms read words. */
export function slimmed(json: string): string {
  const file = JSON.parse(json) as { fields: { aliases?: unknown; entry?: { aliases?: unknown }[] }[] };
  for (const field of file.fields) {
    delete field.aliases;
    for (const part of field.entry || []) delete part.aliases;
  }
  return JSON.stringify(file);
}

/** A Vite plugin; before the JSON plugin. */
export function slimDefinitions() {
  return {
    name: "slim-definitions",
    enforce: "pre" as const,
    transform(code: string, id: string) {
      return DEFINITION.test(id) ? { code: slimmed(code), map: null } : null;
    },
  };
}
