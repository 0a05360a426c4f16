/**
 * The list as a grid: what a wide screen shows. Virtual rows, a sticky header and first column, the keyboard of a spreadsheet.
 *
 * One textarea (`catch`) is always mounted, transparent, over the active cell, and has the focus. So the first key of a composed
 * word (拼音) lands in an input that already exists; no character is ever read from a key event. Keys are left alone
 * while a syllable is being composed. The editor's value is written only when no editing is going on.
 */
import { batch, effect, useComputed, useSignal, useSignalEffect, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { App, RowId, RowView, Seen, Value } from "../core/api";
import { called, useApp } from "./context";
import { cellText, columnsOf, isInline, type Column } from "./columns";
import { optionsOf, sheetOf, statusOf } from "./definition";
import { Icon } from "./icon";
import { busy, shownRows } from "./list";
import { Flags, rowNumber, StatusMark, urgencyField, UrgencyIcon, UrgencyMark } from "./marks";
import { worstUrgency } from "./order";
import { mayWrite } from "./rights";
import { fail, toast, told } from "./toast";
import { readText } from "./typed";
import { undoLast } from "./undo";
import { now, openRow, sheet, showLayer, showRow, sort } from "./view";
import { ago, say, t } from "./words";

const ROW = 40;
const OVERSCAN = 6;
const MOST_MOUNTED = 40;
const FRESH_MS = 1500;
/** Safari sends the Enter that ended a composition once more, right after it. */
const ENTER_AFTER_COMPOSING_MS = 20;

interface Editing {
  readonly row: RowId;
  readonly column: Column;
  readonly start: string;
  readonly seen: Seen;
}

export function Grid() {
  const app = useApp();
  const box = useRef<HTMLDivElement>(null);
  const trap = useRef<HTMLTextAreaElement>(null);
  const port = useSignal({ top: 0, left: 0, height: 600, width: 1000 });
  const active = useSignal<{ row: RowId; col: number }>({ row: "", col: 0 });
  const editing = useSignal<Editing | null>(null);
  const note = useSignal("");
  const option = useSignal(0);
  const typed = useSignal("");
  const composing = useRef(false);
  const composedAt = useRef(0);
  const id = sheet.value;
  const columns = columnsOf(id);
  const rows = shownRows.value;
  const lefts = leftsOf(columns);
  const total = lefts[columns.length]!;

  useLayoutEffect(() => {
    const element = box.current!;
    const measure = () => {
      port.value = { top: element.scrollTop, left: element.scrollLeft, height: element.clientHeight || 600, width: element.clientWidth || 1000 };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!box.current) return;
    box.current.scrollTop = 0;
    box.current.scrollLeft = 0;
    active.value = { row: "", col: 0 };
    cancel();
  }, [id]);
  useSignalEffect(() => { busy.value = !!editing.value || port.value.top > ROW; });
  useEffect(() => () => { busy.value = false; }, []);
  // Closing the panel gives the keyboard back to the cell it was opened from.
  useEffect(() => {
    let wasOpen = !!openRow.peek();
    return effect(() => {
      const isOpen = !!openRow.value;
      if (wasOpen && !isOpen) trap.current?.focus({ preventScroll: true });
      wasOpen = isOpen;
    });
  }, []);

  const rowNow = (): RowId => {
    const now_ = shownRows.peek();
    return now_.includes(active.peek().row) ? active.peek().row : now_[0] ?? "";
  };
  const at = rows.length ? Math.max(0, rows.indexOf(active.value.row)) : -1;
  const activeRow = at < 0 ? "" : rows[at]!;
  const activeColumn = columns[active.value.col];

  const goTo = (row: number, col: number) => {
    if (!rows.length) return;
    const r = Math.max(0, Math.min(rows.length - 1, row));
    const c = Math.max(0, Math.min(columns.length - 1, col));
    active.value = { row: rows[r]!, col: c };
    const element = box.current!;
    const y = r * ROW, head = ROW;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + ROW + head > element.scrollTop + element.clientHeight) element.scrollTop = y + ROW + head - element.clientHeight;
    const sticky = columns[0]!.width;
    if (c > 0) {
      const x = lefts[c]!;
      if (x - sticky < element.scrollLeft) element.scrollLeft = x - sticky;
      else if (x + columns[c]!.width > element.scrollLeft + element.clientWidth) element.scrollLeft = x + columns[c]!.width - element.clientWidth;
    }
    trap.current?.focus({ preventScroll: true });
  };

  /** Begins editing the active cell; `keep` says that the input already holds what was typed, which replaces the cell's text. */
  const begin = (keep: boolean): boolean => {
    // By the signals, not by what the last render saw: a key may come before the next render.
    const activeRow = rowNow();
    const activeColumn = columns[active.peek().col];
    const view = activeRow ? app.peek(id, activeRow) : null;
    if (!view || !activeColumn || !trap.current) return false;
    const field = activeColumn.field;
    if (!field || !isInline(field)) {
      if (!keep) showRow(id, activeRow, field?.id);
      return false;
    }
    if (mayWrite(app, view, field.id) === "-") {
      toast(t("notAllowed"), { bad: true });
      return false;
    }
    const start = view.cells[field.id]?.length ? cellText(app, view, activeColumn, now.peek()) : "";
    batch(() => {
      editing.value = { row: activeRow, column: activeColumn, start, seen: app.seenOf(view, [field.id]) };
      option.value = -1;
      note.value = "";
    });
    // Not a live editor yet: this is the one moment at which its value may be set.
    if (!keep) { trap.current.value = start; trap.current.select(); }
    typed.value = keep ? trap.current.value : "";
    app.here(id, activeRow, "editing");
    return true;
  };

  const cancel = () => {
    editing.value = null;
    note.value = "";
    typed.value = "";
    if (trap.current) trap.current.value = "";
    if (openRow.peek()) app.here(id, openRow.peek()!.row, "viewing"); else app.here("", "", "");
  };

  /** Writes what was typed. False: it could not be read, and the editor stays open with the words in it. */
  const commit = (chosen?: Value): boolean => {
    const now_ = editing.peek();
    if (!now_ || !trap.current) return true;
    const field = now_.column.field!;
    const text = trap.current.value.trim();
    if (chosen === undefined && text === now_.start.trim()) { cancel(); return true; }
    const read = chosen !== undefined ? { value: chosen } : readText(field, text);
    if (read.value === undefined) {
      note.value = t("ed_bad", { text, why: read.why ?? "" });
      return false;
    }
    const view = app.peek(id, now_.row);
    const suggested = view ? mayWrite(app, view, field.id) === "s" : false;
    void told(app, app.write(id, now_.row, { [field.id]: read.value }, { seen: { [field.id]: now_.seen[field.id] ?? [] } }), t(suggested ? "savedSuggest" : "saved"));
    cancel();
    return true;
  };

  const optionsNow = () => {
    const field = editing.value?.column.field;
    if (!field || (field.kind !== "enum" && field.kind !== "bool")) return null;
    const words = typed.value.trim().toLowerCase();
    const all = field.kind === "bool"
      ? [{ code: "true", label: { zh: t("yes"), en: t("yes") } }, { code: "false", label: { zh: t("no"), en: t("no") } }]
      : optionsOf(field).filter((one) => one.code !== "other");
    return words ? all.filter((one) => say(one.label).toLowerCase().includes(words) || one.code.startsWith(words)) : all;
  };
  const choose = (code: string) => { commit(editing.peek()?.column.field?.kind === "bool" ? code === "true" : code); trap.current?.focus(); };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229 || composing.current) return;
    const key = event.key;
    if (key === "Enter" && Date.now() - composedAt.current < ENTER_AFTER_COMPOSING_MS) { event.preventDefault(); return; }
    if (editing.peek()) { keyWhileEditing(event, key); return; }
    const at = shownRows.peek().indexOf(rowNow());
    const activeRow = rowNow();
    const page = Math.max(1, Math.floor((port.peek().height - ROW) / ROW) - 1);
    const ctrl = event.ctrlKey || event.metaKey;
    const c = active.peek().col;
    switch (key) {
      case "ArrowUp": goTo(ctrl ? 0 : at - 1, c); break;
      case "ArrowDown": goTo(ctrl ? rows.length - 1 : at + 1, c); break;
      case "ArrowLeft": goTo(at, ctrl ? 0 : c - 1); break;
      case "ArrowRight": goTo(at, ctrl ? columns.length - 1 : c + 1); break;
      case "PageUp": goTo(at - page, c); break;
      case "PageDown": goTo(at + page, c); break;
      case "Home": goTo(ctrl ? 0 : at, 0); break;
      case "End": goTo(ctrl ? rows.length - 1 : at, columns.length - 1); break;
      case "Enter": case "F2": begin(false); break;
      case " ": if (activeRow) showRow(id, activeRow); break;
      case "/": document.getElementById("search")?.focus(); break;
      case "?": showLayer({ kind: "keys" }); break;
      case "z": case "Z": if (!ctrl || event.shiftKey) return; void undoLast(app); break;
      case "Delete": case "Backspace": case "Escape": break;
      default: return;
    }
    event.preventDefault();
  };

  const keyWhileEditing = (event: KeyboardEvent, key: string) => {
    const options = optionsNow();
    if (key === "Escape") { event.preventDefault(); event.stopPropagation(); cancel(); return; }
    if (options && (key === "ArrowDown" || key === "ArrowUp")) {
      event.preventDefault();
      const n = options.length;
      if (n) option.value = (option.value + (key === "ArrowDown" ? 1 : -1) + n) % n;
      return;
    }
    if (key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      const picked = options?.[option.value] ?? (options?.length === 1 && typed.value ? options[0] : undefined);
      if (picked) { choose(picked.code); goTo(at + 1, active.peek().col); return; }
      if (commit()) goTo(at + 1, active.peek().col);
      return;
    }
    if (key === "Tab") {
      if (!commit()) { event.preventDefault(); return; }
      event.preventDefault();
      goTo(at, active.peek().col + (event.shiftKey ? -1 : 1));
    }
  };

  const onInput = () => {
    if (!trap.current) return;
    if (!editing.peek()) {
      if (!begin(true)) { if (!composing.current) refuseTyping(); return; }
    }
    typed.value = trap.current.value;
    option.value = -1;
  };
  /** Typed into a cell that is not edited in place: the panel has its editor. */
  const refuseTyping = () => {
    if (trap.current) trap.current.value = "";
    const field = columns[active.peek().col]?.field;
    const activeRow = rowNow();
    if (field && activeRow && field.kind !== "log" && field.kind !== "claim" && !field.derived) showRow(id, activeRow, field.id);
  };

  // What others write into the cell being edited never touches the editor; it is told below it.
  useSignalEffect(() => {
    const now_ = editing.value;
    if (!now_) return;
    const field = now_.column.field!;
    const live = app.row(id, now_.row).value?.cells[field.id] ?? [];
    const known = now_.seen[field.id] ?? [];
    const fresh = live.filter(([edit, , actor]) => !known.includes(edit) && actor !== app.me.peek().actor);
    const last = fresh[fresh.length - 1];
    if (last) note.value = t("changedNow", { who: called(app, last[2]), value: valueText(app, id, now_, last[1]) });
  });

  const cellOf = (target: EventTarget | null) => {
    const element = (target as HTMLElement | null)?.closest<HTMLElement>("[data-col]");
    const row = element?.closest<HTMLElement>("[data-row]");
    return element && row ? { row: row.dataset["row"]!, col: Number(element.dataset["col"]) } : null;
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const cell = cellOf(event.target);
    if (!cell) return;
    if (event.pointerType === "touch") return;
    event.preventDefault();
    if (editing.peek() && !commit()) return;
    goTo(rows.indexOf(cell.row), cell.col);
  };
  const onClick = (event: MouseEvent) => {
    const cell = cellOf(event.target);
    if (!cell) return;
    // A finger opens the row; it never edits in place. So does a click on the row's number.
    if ((event as PointerEvent).pointerType === "touch" || cell.col === 0) { active.value = cell; showRow(id, cell.row); }
    else if (openRow.peek()) showRow(id, cell.row);
  };
  const onDblClick = (event: MouseEvent) => { if (cellOf(event.target)) begin(false); };

  const { top, height } = port.value;
  const from = Math.max(0, Math.floor(top / ROW) - OVERSCAN);
  const until = Math.min(rows.length, from + Math.min(MOST_MOUNTED, Math.ceil(height / ROW) + 2 * OVERSCAN));
  const open = openRow.value?.row;
  const col = active.value.col;
  const options = optionsNow();
  const left = col === 0 ? port.value.left : lefts[col] ?? 0;
  const tall = editing.value && editing.value.column.wide;
  return (
    <div class="scroll" ref={box} onScroll={() => { const b = box.current!; port.value = { ...port.peek(), top: b.scrollTop, left: b.scrollLeft }; }}
      onPointerDown={onPointerDown} onClick={onClick} onDblClick={onDblClick} tabIndex={-1}>
      <div class="grid" id="grid" role="grid" aria-label={t("gridLabel", { sheet: say(sheetOf(id).label) })} aria-rowcount={rows.length + 1} aria-colcount={columns.length}
        style={{ width: `${total}px`, height: `${(rows.length + 1) * ROW + 24}px` }}>
        <Head columns={columns} />
        <div class="grid__body" role="rowgroup">
          {rows.slice(from, until).map((row, i) => (
            <GridRow key={row} row={row} index={from + i} columns={columns} width={total} active={row === activeRow ? col : -1} open={row === open} />
          ))}
        </div>
      </div>
      <textarea ref={trap} class={`catch${editing.value ? " is-editing" : ""}${tall ? " is-tall" : ""}`} rows={1} autocomplete="off" autocorrect="off" autocapitalize="off" spellcheck={false}
        aria-label={editing.value ? t("editing", { field: say(editing.value.column.label) }) : t("gridLabel", { sheet: say(sheetOf(id).label) })}
        aria-controls={options ? "grid-options" : "grid"}
        aria-activedescendant={options ? (option.value >= 0 ? `grid-option-${option.value}` : undefined) : activeRow && at >= from && at < until ? `c-${activeRow}-${col}` : undefined}
        style={{ left: `${left}px`, top: `${ROW + Math.max(0, at) * ROW}px`, width: `${Math.max(tall ? 360 : 0, columns[col]?.width ?? 100)}px` }}
        onKeyDown={onKeyDown} onInput={onInput}
        onCompositionStart={() => { composing.current = true; if (!editing.peek()) begin(true); }}
        onCompositionEnd={() => { composing.current = false; composedAt.current = Date.now(); if (!editing.peek()) refuseTyping(); else typed.value = trap.current!.value; }}
        onBlur={() => { if (editing.peek() && !composing.current) { if (!commit()) fail({ message: note.peek() }); } }}
        onCopy={(event) => {
          const view = activeRow ? app.peek(id, activeRow) : null;
          if (editing.peek() || !view || !activeColumn) return;
          event.clipboardData?.setData("text/plain", cellText(app, view, activeColumn, now.peek()));
          event.preventDefault();
        }} />
      {editing.value && (note.value || options || suggests(app, id, editing.value)) && (
        <Under left={left} top={ROW + at * ROW + (tall ? 120 : ROW)} note={note.value} suggests={suggests(app, id, editing.value)}>
          {options && (
            <ul id="grid-options" role="listbox" aria-label={say(editing.value.column.label)}>
              {options.map((one, i) => (
                <li key={one.code} id={`grid-option-${i}`} class={`option${i === option.value ? " is-at" : ""}`} role="option" aria-selected={i === option.value}
                  onPointerDown={(event) => { event.preventDefault(); event.stopPropagation(); choose(one.code); }}>{say(one.label)}</li>
              ))}
            </ul>
          )}
        </Under>
      )}
    </div>
  );
}

function suggests(app: App, id: string, editing: Editing): boolean {
  const view = app.peek(id, editing.row);
  return !!view && mayWrite(app, view, editing.column.field!.id) === "s";
}

function Under({ left, top, note, suggests: asSuggestion, children }: { left: number; top: number; note: string; suggests: boolean; children: preact.ComponentChildren }) {
  return (
    <div class="under" style={{ left: `${left}px`, top: `${top}px` }}>
      {note && <p class="under__note notice--warn" role="status">{note}</p>}
      {asSuggestion && <p class="under__note small">{t("suggests")}</p>}
      {children}
    </div>
  );
}

function valueText(app: App, id: string, editing: Editing, value: Value): string {
  const view = app.peek(id, editing.row);
  const path = editing.column.field!.id;
  if (!view) return String(value);
  return cellText(app, { ...view, cells: { [path]: [["", value, "", 0]] } }, editing.column, now.peek());
}

function Head({ columns }: { columns: readonly Column[] }) {
  const at = useSignal(0);
  const box = useRef<HTMLDivElement>(null);
  const toggle = (column: Column) => {
    const by = sort.value;
    // Up, down, back to urgency and waiting time.
    sort.value = by?.field !== column.id ? { field: column.id, down: false } : by.down ? null : { field: column.id, down: true };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    at.value = Math.max(0, Math.min(columns.length - 1, at.value + by));
    box.current?.querySelectorAll<HTMLElement>(".colhead")[at.value]?.focus();
  };
  return (
    <div class="grid__head" role="row" aria-rowindex={1} ref={box} onKeyDown={onKeyDown}>
      {columns.map((column, i) => {
        const by = sort.value?.field === column.id ? sort.value : null;
        return (
          <div key={column.id} class={`cell${i === 0 ? " cell--first" : ""}`} role="columnheader" aria-colindex={i + 1} aria-sort={by ? (by.down ? "descending" : "ascending") : "none"} style={{ width: `${column.width}px` }}>
            <button class="colhead" type="button" tabIndex={i === at.value ? 0 : -1} title={t("sortBy", { field: say(column.label) })} onClick={() => { at.value = i; toggle(column); }}>
              <span>{say(column.label)}</span>{by && <Icon name={by.down ? "down" : "up"} small />}
            </button>
          </div>
        );
      })}
    </div>
  );
}

function GridRow({ row, index, columns, width, active, open }: { row: RowId; index: number; columns: readonly Column[]; width: number; active: number; open: boolean }) {
  const app = useApp();
  const id = sheet.value;
  const shown = useComputed(() => app.row(id, row).value);
  const view = shown.value;
  const texts = view ? columns.map((column) => cellText(app, view, column, now.value)) : [];
  const fresh = useFresh(texts, view);
  if (!view) return null;
  const { over, alerts } = statusOf(view, now.value);
  const doubled = alerts.has("double_claim");
  const others = app.presence.value.filter((one) => one.row === row && one.sheet === id && one.actor !== app.me.value.actor);
  return (
    <div class={`grid__row${over ? " is-over" : ""}${open ? " is-open" : ""}`} role="row" aria-rowindex={index + 2} data-row={row}
      style={{ transform: `translateY(${index * ROW}px)`, width: `${width}px` }}>
      {columns.map((column, i) => {
        const conflict = column.field && view.conflicts.some((path) => path === column.id || path.startsWith(`${column.id}:`));
        const mine = column.field && view.cells[column.id]?.some(([edit]) => view.marks[edit] === "device");
        const cls = `cell${i === 0 ? " cell--first" : ""}${column.numeric ? " cell--num" : ""}${column.id === "status" ? " cell--state" : ""}${active === i ? " is-active" : ""}${conflict ? " is-conflict" : ""}${mine ? " is-mine" : ""}${fresh.value.has(i) ? " is-fresh" : ""}`;
        return (
          <div key={column.id} id={`c-${row}-${i}`} class={cls} role={i === 0 ? "rowheader" : "gridcell"} aria-colindex={i + 1} data-col={i} style={{ width: `${column.width}px` }} title={texts[i]!.length > 12 ? texts[i] : undefined}>
            {i === 0 ? (
              <>{urgencyField(id) && <UrgencyIcon urgency={worstUrgency(view, now.value)} />}{rowNumber(view)}{over && <span class="sr">{t("closedRow")}</span>}
                {others.length > 0 && <span class="flags"><span class="flag is-normal" title={others.map((one) => called(app, one.actor)).join("、")}><Icon name="user" small /></span></span>}<Flags view={view} /></>
            ) : column.id === "status" ? <StatusMark view={view} at={now.value} />
              : column.mark ? <UrgencyMark view={view} at={now.value} />
                : column.id === "created" ? ago(view.createdMs, now.value)
                  : column.id === "claim" && doubled ? <><span class="is-critical"><Icon name="warn" small /></span> {texts[i]}</>
                    : conflict ? <><span class="is-urgent"><Icon name="fork" small /></span> {texts[i]}</> : texts[i]}
          </div>
        );
      })}
    </div>
  );
}

/** Which cells others have just changed: they carry a border for a moment, without motion. */
function useFresh(texts: readonly string[], view: RowView | null): Signal<ReadonlySet<number>> {
  const fresh = useSignal<ReadonlySet<number>>(new Set());
  const before = useRef<readonly string[] | null>(null);
  const version = useRef<RowView | null>(null);
  useEffect(() => {
    const old = before.current;
    const sameView = version.current === view;
    before.current = texts;
    version.current = view;
    if (!old || sameView || !view) return undefined;
    const changed = new Set<number>();
    texts.forEach((text, i) => { if (old[i] !== undefined && old[i] !== text) changed.add(i); });
    if (!changed.size || view.unsent) return undefined;
    fresh.value = changed;
    const timer = setTimeout(() => { fresh.value = new Set(); }, FRESH_MS);
    return () => clearTimeout(timer);
  });
  return fresh;
}

function leftsOf(columns: readonly Column[]): number[] {
  const lefts = [0];
  for (const column of columns) lefts.push(lefts[lefts.length - 1]! + column.width);
  return lefts;
}
