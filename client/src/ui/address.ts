/**
 * What an address asks for: a row, a sheet, a form, an invitation.
 * Secrets stand in the fragment only: it is not sent to any server and in no log.
 */
export type Entry =
  | { readonly kind: "invite"; readonly secret: string }
  /** `secret` is the row secret, or `row.secret` where a verifier issued the link anew (rule ID11). */
  | { readonly kind: "link"; readonly sheet: string; readonly secret: string }
  | { readonly kind: "row"; readonly sheet: string; readonly no: number }
  | { readonly kind: "sheet"; readonly sheet: string }
  | { readonly kind: "ask" }
  | null;

/** What an address asks for: an invitation, a row link, a row by its number, a sheet, the request form. */
export function readAddress(path: string, fragment: string): Entry {
  const invite = /^#invite=([0-9A-Za-z]{22})$/.exec(fragment);
  if (invite) return { kind: "invite", secret: invite[1]! };
  const link = /^#row=([a-z_]+)\/((?:[0-9A-Za-z]{16}\.)?[0-9A-Za-z]{22})$/.exec(fragment);
  if (link) return { kind: "link", sheet: link[1]!, secret: link[2]! };
  if (fragment === "#ask") return { kind: "ask" };
  const [, , , sheet, row] = path.split("/");
  if (sheet === "help" && row === "new") return { kind: "ask" };
  if (sheet && row && /^\d+$/.test(row)) return { kind: "row", sheet, no: Number(row) };
  return sheet ? { kind: "sheet", sheet } : null;
}
