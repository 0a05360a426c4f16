/**
 * The addresses people pass on: of a row, and of the person concerned. A secret stands in the fragment only: it is sent to no server.
 */
import type { RowLink, RowView } from "../core/api";
import { rowId } from "../core/ids";

function home(workbook: string): string {
  return `${location.origin}/w/${encodeURIComponent(workbook)}/`;
}

export function rowAddress(workbook: string, view: RowView): string {
  return view.no === null ? home(workbook) : `${home(workbook)}${view.sheet}/${view.no}`;
}

/** A link that was issued anew names its row beside the secret: the row's id is a digest of the first one (rule ID11). */
export function keyAddress(workbook: string, link: Pick<RowLink, "sheet" | "row" | "secret">): string {
  const row = rowId(link.sheet, link.secret) === link.row ? "" : `${link.row}.`;
  return `${home(workbook)}#row=${link.sheet}/${row}${link.secret}`;
}
