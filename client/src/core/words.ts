/**
 * The words of all definitions, as one lazy chunk.
 * Data. Imported by meanings.ts, lazily.
 */
import civil_team from "../../../schema/sheets/civil_team.json?words";
import consult from "../../../schema/sheets/consult.json?words";
import hazard from "../../../schema/sheets/hazard.json?words";
import help from "../../../schema/sheets/help.json?words";
import notice from "../../../schema/sheets/notice.json?words";
import official_team from "../../../schema/sheets/official_team.json?words";
import shared from "../../../schema/sheets/shared.json?words";
import shelter from "../../../schema/sheets/shelter.json?words";
import supply from "../../../schema/sheets/supply.json?words";

export { shared };
export const sheets: readonly unknown[] = [help, official_team, civil_team, hazard, consult, supply, shelter, notice];
