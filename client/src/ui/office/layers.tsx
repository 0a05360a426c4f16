/**
 * The layers of those who answer for the sheet, and of who clears a phone. Each comes as its own chunk, or with this one where it is small.
 */
import { Later } from "../later";
import type { Layer } from "../view";
import { Devices } from "./devices";
export { Guards } from "./guard";
import { ADMIN, IMPORT, INVITES, QUEUE } from "./parts";

export function OfficeLayer({ top }: { top: Layer }) {
  switch (top.kind) {
    case "suggestions": return <Later part={QUEUE} pick={(m) => <m.Queue />} />;
    case "office": return <Later part={ADMIN} pick={(m) => <m.Admin at={top.at} />} />;
    case "import": return <Later part={IMPORT} pick={(m) => <m.Import />} />;
    case "invites": return <Later part={INVITES} pick={(m) => <m.Invites />} />;
    case "devices": return <Devices />;
    default: return null;
  }
}
