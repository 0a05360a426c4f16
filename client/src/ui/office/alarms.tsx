/**
 * What rang: somebody reads telephones in bulk, a new writer damages rows. From the audit, and live while the page is open.
 */
import { word, t } from "../words";

/** `detail` of the audit: `bulk-reading 60`. */
export function alarmWords(kind: string, who: string, n: number): string {
  const known = word(`alarm_${kind.replace(/-/g, "_")}`, "");
  return (known || t("alarm_other", { who: "{who}", what: kind })).replace("{who}", who).replace("{n}", String(n));
}
