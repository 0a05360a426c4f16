/**
 * The addresses people pass on: of a row, and of the person concerned. A secret stands in the fragment only: it is sent to no server.
 */
import type { RowLink, RowView } from "../core/api";

function home(workbook: string): string {
  return `${location.origin}/w/${encodeURIComponent(workbook)}/`;
}

export function rowAddress(workbook: string, view: RowView): string {
  return view.no === null ? home(workbook) : `${home(workbook)}${view.sheet}/${view.no}`;
}

export function keyAddress(workbook: string, link: Pick<RowLink, "sheet" | "secret">): string {
  return `${home(workbook)}#row=${link.sheet}/${link.secret}`;
}
