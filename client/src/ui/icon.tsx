/**
 * Draws the small pictures that stand beside words, never instead of them.
 * Pure; path data written for a 24 by 24 field. Any component may import it.
 */

const PATHS = {
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  back: "M14 5l-7 7 7 7",
  down: "M6 9l6 6 6-6",
  up: "M6 15l6-6 6 6",
  menu: "M4 6h16M4 12h16M4 18h16",
  check: "M4 13l5 5L20 6",
  warn: "M12 3L1.8 20.5h20.4zM12 10v4M12 17.2v.3",
  phone: "M6 3h4l2 5-2.5 1.8a12 12 0 0 0 4.7 4.7L16 12l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 4 5a2 2 0 0 1 2-2z",
  pin: "M12 21s7-6.3 7-11.5A7 7 0 0 0 5 9.5C5 14.7 12 21 12 21zM12 7.5v4M10 9.5h4",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
  people: "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 5.5a3 3 0 0 1 0 6M18 14.5c2.3.8 3.5 2.7 3.5 5.5",
  sent: "M4 13l5 5L20 6M4 21h16",
  sending: "M12 20V7M6 12l6-6 6 6M4 3h16",
  device: "M7 2h10v20H7zM11 19h2",
  offline: "M3 3l18 18M5 12.5a10 10 0 0 1 4-2.4M2 8.5a15 15 0 0 1 4-2.5M12 6a15 15 0 0 1 10 2.5M15.5 10.5a10 10 0 0 1 3.5 2M12 18.5v.5",
  fork: "M12 21v-7M12 14L5 7M12 14l7-7M5 12V6h6M19 12V6h-6",
  lock: "M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
  eye: "M2 12s3.5-6.5 10-6.5S22 12 22 12s-3.5 6.5-10 6.5S2 12 2 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L11.8 7.2M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.5-1.5",
  copy: "M9 9h11v12H9zM5 15H4V3h11v2",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 14h2M18 18h2v2M14 20h2",
  history: "M3.5 12a8.5 8.5 0 1 0 2.8-6.3L3 8.5M3 3.5v5h5M12 8v4.5l3 1.8",
  flag: "M5 21V4h13l-3 4.5 3 4.5H5",
  go: "M4 12h15M13 6l6 6-6 6",
  user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c0-4.5 3.5-6.5 8-6.5s8 2 8 6.5",
  filter: "M3 5h18l-7 8.5V20l-4-2v-4.5z",
  upload: "M12 16V4M7 9l5-5 5 5M4 20h16",
  download: "M12 4v12M7 11l5 5 5-5M4 20h16",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .8-1 1.7M12 16.8v.2",
  undo: "M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  note: "M5 3h14v18H5zM9 8h6M9 12h6M9 16h3",
  water: "M12 3s6.5 7 6.5 11.5a6.5 6.5 0 0 1-13 0C5.5 10 12 3 12 3z",
  battery: "M3 8h15v8H3zM21 11v2M6 11v2",
  edit: "M4 20l1-4L16.5 4.5l3 3L8 19zM14 7l3 3",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9S9 6 12 3z",
  shield: "M12 3l8 3v6c0 5-3.5 8-8 9.5C7.5 20 4 17 4 12V6z",
  pair: "M4 4h11v11H4zM9 9h11v11H9z",
  dot: "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14z",
  half: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 4v16",
  diamond: "M12 2.5L21.5 12 12 21.5 2.5 12z",
  triangle: "M12 2.5L23 21.5H1z",
  stop: "M8 3h8l5 5v8l-5 5H8l-5-5V8z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, solid, small }: { name: IconName; solid?: boolean; small?: boolean }) {
  return (
    <svg class={`icon${solid ? " is-solid" : ""}${small ? " icon--s" : ""}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
