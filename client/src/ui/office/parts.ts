/**
 * The parts that are fetched when somebody in office opens them.
 * Imported by lazy chunks only: the first load knows `OFFICE` alone.
 */
import { part } from "../later";

export const QUEUE = part(() => import("./queue"));
export const ADMIN = part(() => import("./admin"));
export const CALLERS = part(() => import("./callers"));
export const IMPORT = part(() => import("../import"));
export const INVITES = part(() => import("../invites"));
