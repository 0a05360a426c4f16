/**
 * A small dialog that asks one question; lies over everything, is no step of the history.
 */
import type { ComponentChildren } from "preact";
import { LayerSheet } from "./layer";

export function Popup({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  return <LayerSheet title={title} low onClose={onClose}><div class="stack">{children}</div></LayerSheet>;
}
