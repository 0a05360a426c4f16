/**
 * The list as cards: what a phone shows. Only the cards in view exist.
 * Cards have one fixed height, so that a place in the list is arithmetic; the whole row is one tap away.
 */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { RowId, SheetId } from "../core/api";
import { useApp } from "./context";
import { cardText, claimLine, fieldOf, headline, placeLine, showCell, statusOf } from "./definition";
import { Icon } from "./icon";
import { busy, shownRows } from "./list";
import { Flags, rowNumber, StatusMark, UrgencyMark } from "./marks";
import { worstUrgency } from "./order";
import { now, sheet, showRow } from "./view";
import { ago, t } from "./words";

const CARD_REM = 9.75;
const OVERSCAN = 4;
/** However tall the window claims to be: old WebViews have measured before their style sheet was there, and drew everything. */
const MOST_MOUNTED = 40;

export function Cards() {
  const box = useRef<HTMLDivElement>(null);
  const size = useSignal({ top: 0, height: 700, card: CARD_REM * 16 });

  useLayoutEffect(() => {
    const element = box.current!;
    const measure = () => {
      const card = CARD_REM * (Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
      size.value = { top: element.scrollTop, height: element.clientHeight || 700, card };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => { if (box.current) { box.current.scrollTop = 0; busy.value = false; } }, [sheet.value]);
  useEffect(() => () => { busy.value = false; }, []);

  const onScroll = () => {
    const top = box.current!.scrollTop;
    size.value = { ...size.peek(), top };
    busy.value = top > 40;
  };
  const rows = shownRows.value;
  const { top, height, card } = size.value;
  const from = Math.max(0, Math.floor(top / card) - OVERSCAN);
  const until = Math.min(rows.length, from + Math.min(MOST_MOUNTED, Math.ceil(height / card) + 2 * OVERSCAN));
  const visible: RowId[] = rows.slice(from, until);
  return (
    <div class="scroll" ref={box} onScroll={onScroll} tabIndex={-1}
      onPointerDown={() => { busy.value = true; }} onPointerUp={() => { busy.value = box.current!.scrollTop > 40; }} onPointerCancel={() => { busy.value = box.current!.scrollTop > 40; }}>
      <ul class="cards" style={{ height: `${rows.length * card + 8}px` }}>
        {visible.map((row, i) => <Card key={row} sheet={sheet.value} row={row} top={(from + i) * card + 8} at={from + i + 1} of={rows.length} />)}
      </ul>
    </div>
  );
}

function Card({ sheet: id, row, top, at, of }: { sheet: SheetId; row: RowId; top: number; at: number; of: number }) {
  const app = useApp();
  const shown = useComputed(() => app.row(id, row).value);
  const view = shown.value;
  if (!view) return null;
  const { over, alerts } = statusOf(view, now.value);
  const double = alerts.has("double_claim");
  const people = fieldOf(id, "people_total") ? showCell(view, fieldOf(id, "people_total")!) : "";
  const claim = claimLine(app, view, now.value);
  return (
    <li class="card" style={{ transform: `translateY(${top}px)` }} aria-posinset={at} aria-setsize={of}>
      <button class={`card__face u-${worstUrgency(view, now.value)}${over ? " is-over" : ""}`} type="button" onClick={() => showRow(id, row)}>
        <span class="card__top">
          <UrgencyMark view={view} at={now.value} />
          <StatusMark view={view} at={now.value} />
          <span class="card__no">{rowNumber(view)} · {ago(view.createdMs, now.value)}</span>
        </span>
        <span class="card__place">{placeLine(view) || headline(view)}</span>
        <span class="card__text">{cardText(view)}</span>
        <span class="card__foot">
          {people && <span class="tag"><Icon name="people" small />{people}</span>}
          {claim && <span class={`flag ${double ? "is-critical" : "is-normal"}`}><Icon name={double ? "warn" : "flag"} small />{claim}</span>}
          <Flags view={view} words />
          {over && <span class="sr">{t("closedRow")}</span>}
        </span>
      </button>
    </li>
  );
}
