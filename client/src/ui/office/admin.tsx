/**
 * 管理: what stewards do for the whole sheet. Protection, the notice, people, alarms, the audit.
 * A chunk of its own.
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../context";
import { Icon } from "../icon";
import { LayerSheet } from "../layer";
import { fail, toast } from "../toast";
import { replaceLayer } from "../view";
import { t } from "../words";
import { Alarms, Audit } from "./audit";
import { ClosingPage } from "./forget";
import { People } from "./people";
import { ProtectionPage } from "./protection";

const PAGES = ["protection", "notice", "people", "alarms", "audit", "closing"] as const;
export type AdminPage = (typeof PAGES)[number];

export function Admin({ at }: { at?: string | undefined }) {
  const app = useApp();
  const page = useSignal<AdminPage>(PAGES.find((one) => one === at) ?? "protection");
  const tabs = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    page.value = PAGES[(PAGES.indexOf(page.value) + by + PAGES.length) % PAGES.length]!;
    requestAnimationFrame(() => tabs.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  };
  useEffect(() => { tabs.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "center" }); }, [page.value]);
  return (
    <LayerSheet title={t("officeTitle")} broad>
      <div class="frame__tabs admin__tabs" role="tablist" aria-label={t("officeTitle")} ref={tabs} onKeyDown={onKeyDown}>
        {PAGES.map((one) => (
          <button key={one} class="tab" type="button" role="tab" id={`admin-${one}`} aria-selected={page.value === one} aria-controls="admin-page" tabIndex={page.value === one ? 0 : -1} onClick={() => { page.value = one; }}>
            {t(`office_${one}`)}{one === "alarms" && app.alarms.value.length > 0 && <small>{app.alarms.value.length}</small>}
          </button>
        ))}
      </div>
      <div class="stack mt" role="tabpanel" id="admin-page" aria-labelledby={`admin-${page.value}`}>
        {page.value === "protection" && <ProtectionPage />}
        {page.value === "notice" && <NoticePage />}
        {page.value === "people" && <>
          <button class="btn" type="button" onClick={() => replaceLayer({ kind: "invites" })}><Icon name="link" />{t("invitesTitle")}</button>
          <People /></>}
        {page.value === "alarms" && <Alarms onPeople={() => { page.value = "people"; }} />}
        {page.value === "audit" && <Audit />}
        {page.value === "closing" && <ClosingPage />}
      </div>
    </LayerSheet>
  );
}

function NoticePage() {
  const app = useApp();
  const box = useRef<HTMLTextAreaElement>(null);
  const busy = useSignal(false);
  const set = async (text: string) => {
    busy.value = true;
    try {
      await (await app.office()).announce(text);
      toast(t("noticeDone"));
    } catch (error) { fail(error); }
    busy.value = false;
  };
  return (
    <form class="stack" onSubmit={(event) => { event.preventDefault(); void set(box.current?.value.trim() ?? ""); }}>
      <label class="label" for="notice-text">{t("notice")}</label>
      <textarea id="notice-text" ref={box} class="input" maxLength={500} defaultValue={app.notice.value?.text ?? ""} aria-describedby="notice-hint" />
      <p class="hint" id="notice-hint">{t("noticeHint")}</p>
      <div class="row">
        <button class="btn btn--act" type="submit" aria-busy={busy.value}>{t("noticeSet")}</button>
        {app.notice.value?.text && <button class="btn" type="button" onClick={() => { if (box.current) box.current.value = ""; void set(""); }}>{t("noticeClear")}</button>}
      </div>
    </form>
  );
}
