/**
 * After a request is filed: its number, where it is now, and the link by which its author can come back to it.
 * A chunk of its own, for the QR code's sake; the words are kept before it is fetched.
 */
import { useComputed } from "@preact/signals";
import type { RowId, SheetId } from "../core/api";
import { keyAddress } from "./sharing";
import { useApp } from "./context";
import { headline } from "./definition";
import { Icon } from "./icon";
import { LayerSheet } from "./layer";
import { rowNumber } from "./marks";
import { RowKey } from "./share";
import { leaveToRow, replaceLayer, stepBack } from "./view";
import { t } from "./words";

export function Receipt({ sheet, row }: { sheet: SheetId; row: RowId }) {
  const app = useApp();
  const shown = useComputed(() => app.row(sheet, row).value);
  const view = shown.value;
  const link = app.links.value.find((one) => one.row === row);
  const waiting = app.unsent.value.some((edit) => edit.row === row);
  const stored = app.storage.value !== "broken";
  const help = sheet === "help";
  return (
    <LayerSheet title={t(help ? "receipt" : "receiptAdded")}
      foot={<div class="row row--even">
        {help && link && <button class="btn btn--act" type="button" onClick={() => replaceLayer({ kind: "mine", row })}>{t("receiptOpen")}</button>}
        {!help && view && <button class="btn btn--act" type="button" onClick={() => leaveToRow(sheet, row)}>{t("openRow")}</button>}
        <button class="btn" type="button" onClick={stepBack}>{t("receiptDone")}</button>
      </div>}>
      <div class="stack">
        <div>
          <p class="small">{t(view?.no != null ? "receiptNo" : "receiptCode")}</p>
          <p class="number">{view ? (view.no !== null ? view.no : row.slice(0, 4)) : row.slice(0, 4)}</p>
          {view?.no == null && <p class="small">{t("receiptLater")}</p>}
          {view && <p>{headline(view)}</p>}
        </div>
        <div class="box pad" role="status">
          <p class="steps">
            <span class={stored ? "is-done" : ""}><Icon name={stored ? "check" : "warn"} />{t(stored ? "stage_local" : "stage_memory")}</span>
            <Icon name="go" small />
            <span class={waiting ? "" : "is-done"}><Icon name={waiting ? "sending" : "sent"} />{t("stage_sent")}</span>
          </p>
          <p class="hint">{t(!stored ? "receiptMemory" : waiting ? "receiptLocal" : "receiptSent")}</p>
        </div>
        {link && help && <><p><strong>{t("receiptKeep")}</strong></p><RowKey secret={link.secret} code={link.code} address={keyAddress(app.workbook, link)} /></>}
        {!link && view && <p class="small">{rowNumber(view)}</p>}
      </div>
    </LayerSheet>
  );
}
