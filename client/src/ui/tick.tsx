/**
 * A chip that is on or off; and giving an input the keyboard when it appears.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icon";

export function ChipButton({ on, onToggle, children, autoFocus }: { on: boolean; onToggle: () => void; children: ComponentChildren; autoFocus?: boolean }) {
  const box = useRef<HTMLButtonElement>(null);
  useFocus(box, autoFocus);
  return (
    <button ref={box} class="chip" type="button" aria-pressed={on} onClick={onToggle}>
      {on && <Icon name="check" small />}{children}
    </button>
  );
}

export function useFocus(box: { current: HTMLElement | null }, wanted: boolean | undefined): void {
  useEffect(() => {
    if (!wanted || !box.current) return;
    box.current.focus();
    const input = box.current as HTMLInputElement;
    if (typeof input.select === "function" && input.type !== "datetime-local") input.setSelectionRange?.(input.value.length, input.value.length);
  }, []);
}
