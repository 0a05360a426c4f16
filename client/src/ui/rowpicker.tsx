/**
 * Finds a row of a sheet by its number or by words in it, among the rows this device has.
 * Imported by the editors and the acts that point at another row.
 */
import { useSignal } from "@preact/signals";
import type { RowId, SheetId } from "../core/api";
import { useApp } from "./context";
import { headline } from "./definition";
import { found } from "./order";
import { rowNumber } from "./marks";
import { t } from "./words";

const MOST = 6;

export function RowPicker({ sheet, start, id, except, onPick }: { sheet: SheetId; start?: RowId; id?: string; except?: RowId; onPick: (row: RowId | null) => void }) {
  const app = useApp();
  const query = useSignal("");
  const picked = useSignal<RowId>(start ?? "");
  const pick = (row: RowId | null) => { picked.value = row ?? ""; onPick(row); };
  const hits: RowId[] = [];
  if (query.value.trim()) {
    for (const row of app.rows(sheet).value) {
      if (row === except) continue;
      const view = app.peek(sheet, row);
      if (view && found(view, query.value)) hits.push(row);
      if (hits.length === MOST) break;
    }
  }
  const chosen = picked.value ? app.peek(sheet, picked.value) : null;
  return (
    <div class="stack">
      {picked.value && (
        <p class="row"><span class="grow">{chosen ? `${rowNumber(chosen)} ${headline(chosen)}` : picked.value}</span>
          <button class="btn btn--small" type="button" onClick={() => pick(null)}>{t("remove")}</button></p>
      )}
      <input class="input" id={id} type="search" autocomplete="off" placeholder={t("duplicateFind")} aria-label={t("duplicateFind")}
        onInput={(event) => { if (!event.isComposing) query.value = event.currentTarget.value; }}
        onCompositionEnd={(event) => { query.value = event.currentTarget.value; }} />
      {query.value.trim() !== "" && (
        <ul class="menu-list">
          {hits.map((row) => {
            const view = app.peek(sheet, row)!;
            return <li key={row}><button class="btn" type="button" aria-pressed={row === picked.value} onClick={() => pick(row)}>{rowNumber(view)} {headline(view)}</button></li>;
          })}
          {hits.length === 0 && <li class="hint">{t("emptyList")}</li>}
        </ul>
      )}
    </div>
  );
}
