/** The write matrix typed into a plain shell on exported files: each case refused by its rule, the file's state as it was. */
import Database from "better-sqlite3";
import type { Compiled } from "../../../environment/compile/compile-sheet.js";
import { quoteIdentifier as quote } from "../../../environment/core/identifier.js";
import type { Rows } from "../../../environment/core/values.js";
import { stateDigest, writeSnapshot } from "../../../environment/engine/snapshot.js";
import { findWitnesses } from "../../../environment/proof/witness.js";
import { matricesOf, matrixScript } from "../../../environment/proof/write-matrix.js";
import { seeded } from "../../doubles/random-draw.js";
import { look, typeLines, withFile } from "./shell.js";

/** How many cases were typed into how many files, and what was not as it must be. */
export interface ShellCounts {
  readonly files: number;
  readonly cases: number;
  readonly failed: readonly string[];
}

/** Types the matrix of a sheet into the shell; `work` bounds the search for states to type it on. */
export function typeMatrix(
  compiled: Compiled,
  { work, seed, triggerSql }: { readonly work: number; readonly seed: number; readonly triggerSql?: readonly string[] },
): ShellCounts {
  const { witnesses, state } = findWitnesses(compiled, { work, random: seeded(seed) });
  const rules = new Set(compiled.normal.guards.map(({ id }) => id));
  let cases = 0;
  const failed: string[] = [];
  const matrices = matricesOf(compiled, state, witnesses);
  for (const matrix of matrices) {
    const script = matrixScript(matrix);
    cases += script.length;
    withFile(exportState(triggerSql === undefined ? compiled : { ...compiled, triggerSql }, matrix.state), (file) => {
      const before = look(file, stateDigest);
      // What stands ahead of a case may be accepted: then both are undone. A case alone is left to do what it can.
      const lines = script.flatMap(({ statements }) =>
        statements.length === 1
          ? [`${statements[0] ?? ""};`]
          : ["SAVEPOINT attempt;", ...statements.map((sql) => `${sql};`), "ROLLBACK TO attempt; RELEASE attempt;"],
      );
      const said = typeLines(file, lines.map(oneLine));
      let at = 0;
      for (const { rule, names, shows, statements } of script) {
        const last = statements.length === 1 ? at : at + statements.length;
        const answer = said.get(last) ?? "accepted";
        const message = answer.replace(/ \(\d+\)$/, "");
        const isNamed = names === "any" ? rules.has(message) : message === rule || message.startsWith(`${rule}.`);
        if (!isNamed && !answer.includes("generated column"))
          failed.push(`${shows}: ${statements.join("; ")}: expected ${names === "any" ? "a rule" : rule}, got ${answer}`);
        at += statements.length === 1 ? 1 : statements.length + 2;
      }
      if (look(file, stateDigest) !== before) failed.push("the state of the file changed");
    });
  }
  return { files: matrices.length, cases, failed };
}

/** A line feed within a literal would move the shell's line numbers. */
function oneLine(sql: string): string {
  return sql.replaceAll("\n", " ");
}

/** A state as the file that an export gives. */
function exportState({ catalogue, schemaSql, triggerSql }: Compiled, state: Rows): Buffer {
  const db = new Database(":memory:");
  db.pragma("foreign_keys = off");
  for (const sql of schemaSql) db.exec(sql);
  for (const table of [catalogue.context, ...Object.values(catalogue.tables)]) {
    const names = table.columns.filter(({ insert }) => insert.kind !== "derived").map(({ name }) => name);
    const insert = db.prepare(
      `INSERT INTO ${quote(table.name)} (${names.map(quote).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
    );
    for (const row of state[table.name] ?? []) insert.run(...names.map((name) => row[name] ?? null));
  }
  for (const sql of triggerSql) db.exec(sql);
  const bytes = writeSnapshot(db);
  db.close();
  return bytes;
}
