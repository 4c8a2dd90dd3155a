/** Everything that the report of an import says beside what was refused. */
import type { Finding, ImportFacts } from "./facts.js";
import { clockColumns } from "./findings/clock-columns.js";
import { createdObjects } from "./findings/created-objects.js";
import { foreignKeys } from "./findings/foreign-keys.js";
import { neverFires } from "./findings/never-fires.js";
import { nullExempt } from "./findings/null-exempt.js";
import { nullHoles } from "./findings/null-holes.js";
import { openColumns } from "./findings/open-columns.js";
import { openStateMoves } from "./findings/open-moves.js";
import { openTables } from "./findings/open-tables.js";
import { orderDependent } from "./findings/order-dependent.js";
import { partlyMaintained } from "./findings/partly-maintained.js";
import { reusedKeys } from "./findings/reused-keys.js";
import { stepColumns } from "./findings/step-columns.js";
import { unexplainedCodes } from "./findings/unexplained-codes.js";
import { unreachableMessages } from "./findings/unreachable-messages.js";

/** The findings, sort by sort in the order of docs/import.md. */
export function findingsOf(facts: ImportFacts): readonly Finding[] {
  return [
    createdObjects,
    neverFires,
    unreachableMessages,
    orderDependent,
    foreignKeys,
    nullHoles,
    nullExempt,
    openColumns,
    openStateMoves,
    openTables,
    partlyMaintained,
    stepColumns,
    clockColumns,
    unexplainedCodes,
    reusedKeys,
  ].flatMap((find) => find(facts));
}
