/**
 * Passing a row on: as text for WeChat and SMS, as its address, and to the person concerned as their own link and short code.
 * A chunk of its own, for the QR code's sake.
 */
import type { RowView } from "../core/api";
import { useApp } from "./context";
import { textBlock } from "./account";
import { Icon } from "./icon";
import { keyAddress, rowAddress } from "./sharing";
import { copyText, sharePage } from "./clipboard";
import { Qr } from "./qr";
import { t } from "./words";

export function Share({ view }: { view: RowView }) {
  const app = useApp();
  const address = rowAddress(app.workbook, view);
  const text = `${textBlock(view, app.now())}\n${address}`;
  const link = app.links.value.find((one) => one.row === view.row);
  return (
    <div class="offer">
      <pre class="box pad scrolls" tabIndex={0} lang="zh-CN">{text}</pre>
      <div class="row">
        <button class="btn" type="button" onClick={() => void copyText(text)}><Icon name="copy" />{t("copyText")}</button>
        <button class="btn" type="button" onClick={() => void sharePage(text)}><Icon name="link" />{t("share")}</button>
      </div>
      <Qr text={address} label={t("rowAddress")} />
      <p class="small centred">{t("rowAddress")}</p>
      {link && <RowKey secret={link.secret} code={link.code} address={keyAddress(app.workbook, link)} />}
    </div>
  );
}

/** The row link: whoever has it is the person concerned. */
export function RowKey({ code, address }: { secret: string; code: string; address: string }) {
  return (
    <div class="stack">
      <p class="h3"><Icon name="lock" small /> {t("rowKey")}</p>
      <p class="small">{t("rowKeyHint")}</p>
      <Qr text={address} label={t("rowKey")} />
      <code class="secret">{address}</code>
      <div class="row">
        <button class="btn" type="button" onClick={() => void copyText(address)}><Icon name="copy" />{t("copy")}</button>
        <button class="btn" type="button" onClick={() => void sharePage(`${t("rowKey")} ${address}`)}><Icon name="link" />{t("receiptFamily")}</button>
      </div>
      <p><span class="small">{t("shortCode")}</span> <span class="code">{code}</span></p>
      <p class="small">{t("shortCodeHint")}</p>
    </div>
  );
}
