/**
 * A sheet of paper laid over the page: whole screen on a phone, centred on a wide one.
 * Keeps the keyboard inside, gives it back where it came from, and closes on Esc or the browser's back.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icon";
import { stepBack } from "./view";
import { t } from "./words";

const REACHABLE = "a[href],button:not([disabled]),input:not([disabled]),select:not([disabled]),textarea:not([disabled]),[tabindex='0']";

interface LayerProps {
  title: string;
  children: ComponentChildren;
  /** Buttons that stay in view below the scrolling part. */
  foot?: ComponentChildren;
  /** As low as its content, at the foot of a phone. */
  low?: boolean;
  broad?: boolean;
  onClose?: () => void;
}

export function LayerSheet({ title, children, foot, low, broad, onClose = stepBack }: LayerProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const came = document.activeElement as HTMLElement | null;
    box.current?.focus();
    return () => { if (came?.isConnected) came.focus({ preventScroll: true }); };
  }, []);
  useEffect(() => keepAboveKeyboard(box.current), []);

  const onKeyDown = (event: KeyboardEvent) => {
    // While a syllable is being composed, Esc and Tab belong to the input method.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") { event.stopPropagation(); onClose(); return; }
    if (event.key !== "Tab" || !box.current) return;
    const reach = [...box.current.querySelectorAll<HTMLElement>(REACHABLE)].filter((e) => e.offsetParent !== null);
    const first = reach[0], last = reach[reach.length - 1];
    if (!first || !last) return;
    const at = document.activeElement;
    if (event.shiftKey && (at === first || at === box.current)) { event.preventDefault(); last.focus(); }
    else if (!event.shiftKey && at === last) { event.preventDefault(); first.focus(); }
  };

  return (
    <div class={`layer${low ? " layer--low" : ""}${broad ? " layer--broad" : ""}`} onKeyDown={onKeyDown}>
      <div class="layer__shade" onClick={onClose} />
      <div class="layer__sheet" ref={box} role="dialog" aria-modal="true" aria-label={title} tabIndex={-1}>
        <header class="layer__head">
          <h2 class="grow">{title}</h2>
          <button class="btn btn--icon" type="button" aria-label={t("close")} onClick={onClose}><Icon name="close" /></button>
        </header>
        <div class="layer__body">{children}</div>
        {foot && <footer class="layer__foot">{foot}</footer>}
      </div>
    </div>
  );
}

/** The on-screen keyboard covers the foot of a fixed box on iOS; the visual viewport says by how much. */
function keepAboveKeyboard(box: HTMLElement | null): (() => void) | undefined {
  const port = (globalThis as { visualViewport?: VisualViewport }).visualViewport;
  if (!port || !box) return undefined;
  const fit = () => {
    const covered = Math.max(0, innerHeight - port.height - port.offsetTop);
    box.style.marginBottom = covered > 60 ? `${covered}px` : "";
    box.style.maxHeight = covered > 60 ? `${port.height}px` : "";
  };
  port.addEventListener("resize", fit);
  return () => port.removeEventListener("resize", fit);
}
