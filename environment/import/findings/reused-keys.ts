import { foldName } from "../../sql/tokenize-sql.js";
import type { Finding, ImportFacts } from "../facts.js";
import { isDeletedFrom } from "./never-fires.js";

/** Tables whose rows are deleted by triggers and whose keys the database then gives again: two rows may be taken for one. */
export function reusedKeys(facts: ImportFacts): readonly Finding[] {
  return facts.tables
    .filter(({ name, alias, autoincrement }) => alias !== null && !autoincrement && isDeletedFrom(facts, foldName(name)))
    .map(({ name, alias }) => ({
      kind: "keys-used-again",
      object: `${name}.${alias ?? ""}`,
      message: "triggers delete rows here, and the key of the last one is given again: declare it AUTOINCREMENT",
    }));
}
