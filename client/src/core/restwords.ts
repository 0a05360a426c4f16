/**
 * The rest of all definitions, as one lazy chunk: words of the first ones, the others whole (apart.ts).
 * Data. Imported by rest.ts, lazily.
 */
import civil_team from "../../../schema/sheets/civil_team.json?rest";
import consult from "../../../schema/sheets/consult.json?rest";
import hazard from "../../../schema/sheets/hazard.json?rest";
import help from "../../../schema/sheets/help.json?rest";
import notice from "../../../schema/sheets/notice.json?rest";
import official_team from "../../../schema/sheets/official_team.json?rest";
import shared from "../../../schema/sheets/shared.json?rest";
import shelter from "../../../schema/sheets/shelter.json?rest";
import supply from "../../../schema/sheets/supply.json?rest";

export { help, shared };
export const sheets = [official_team, civil_team, hazard, consult, supply, shelter, notice];
