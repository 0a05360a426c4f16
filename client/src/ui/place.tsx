/**
 * The editor of a position: the phone's own, or numbers typed in, always with the datum they are measured in.
 * Chinese maps shift positions by hundreds of metres; a number without its datum sends a boat to the wrong street.
 */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Icon } from "./icon";
import { t } from "./words";
import type { EditorProps } from "./editor";

const DATUMS = ["wgs84", "gcj02", "bd09", "unknown"] as const;
const GIVE_UP_AFTER_MS = 20_000;

export function Place({ field, values, onChange, id, describedBy }: EditorProps) {
  const start = values[field.id];
  const parts = Array.isArray(start) ? (start as readonly string[]) : [];
  const lat = useRef<HTMLInputElement>(null);
  const lon = useRef<HTMLInputElement>(null);
  const datum = useRef<HTMLSelectElement>(null);
  const said = useSignal("");
  const busy = useSignal(false);
  const byHand = useSignal(parts.length > 0);

  const tell = (accuracy = "", by = "told") => {
    const [a, o] = [lat.current?.value.trim() ?? "", lon.current?.value.trim() ?? ""];
    onChange({ [field.id]: isDegrees(a, 90) && isDegrees(o, 180) ? [a, o, datum.current?.value ?? "unknown", accuracy, by] : null });
  };

  const locate = () => {
    if (!("geolocation" in navigator)) { said.value = t("ed_gpsFail", { why: t("ed_gpsOff") }); return; }
    busy.value = true;
    said.value = t("ed_gpsBusy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        busy.value = false;
        if (!lat.current || !lon.current || !datum.current) return;
        lat.current.value = coords.latitude.toFixed(6);
        lon.current.value = coords.longitude.toFixed(6);
        datum.current.value = "wgs84";
        const metres = Math.round(coords.accuracy);
        said.value = t("ed_gpsOk", { n: metres });
        tell(String(metres), "device");
      },
      (error) => {
        busy.value = false;
        said.value = t("ed_gpsFail", { why: t(error.code === 1 ? "ed_gpsDenied" : "ed_gpsOff") });
      },
      { enableHighAccuracy: true, timeout: GIVE_UP_AFTER_MS, maximumAge: 30_000 },
    );
  };

  return (
    <div class="stack" id={id} role="group" aria-describedby={describedBy}>
      <button class="btn btn--wide" type="button" onClick={locate} aria-busy={busy.value}><Icon name="pin" />{t("ed_gps")}</button>
      <p class={said.value ? "hint" : "sr"} role="status">{said.value}</p>
      <button class="btn btn--plain" type="button" aria-expanded={byHand.value} hidden={byHand.value} onClick={() => { byHand.value = true; }}>{t("ed_byHand")}</button>
      {/* Hidden, not absent: the phone's position is written into these same inputs. */}
      <div hidden={!byHand.value}><div class="counts">
        <label><span class="label">{t("ed_lat")}</span>
          <input ref={lat} class="input" inputMode="decimal" autocomplete="off" defaultValue={parts[0] ?? ""} onInput={() => tell()} maxLength={14} placeholder="34.7466" /></label>
        <label><span class="label">{t("ed_lon")}</span>
          <input ref={lon} class="input" inputMode="decimal" autocomplete="off" defaultValue={parts[1] ?? ""} onInput={() => tell()} maxLength={14} placeholder="113.6253" /></label>
      </div>
      <label><span class="label">{t("ed_datum")}</span>
        <select ref={datum} class="input" onChange={() => tell()}>
          {DATUMS.map((one) => <option key={one} value={one} selected={(parts[2] || "unknown") === one}>{t(`datum_${one}`)}</option>)}
        </select></label></div>
    </div>
  );
}

function isDegrees(text: string, limit: number): boolean {
  return text !== "" && Math.abs(Number(text)) <= limit;
}
