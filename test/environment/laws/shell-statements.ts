/** Random statements typed into a plain shell on exported files, many into one process; the file is looked at afterwards. */
import { brokenInvariants } from "../../../environment/engine/invariants.js";
import { literalText } from "../../../environment/proof/matrix-statement.js";
import { drawFrom, seeded } from "../../doubles/random-draw.js";
import { drawStatement, effectStatements, pragmas, readAll } from "../../doubles/random-statements.js";
import { type Exported, lostOrChanged, untouchablesOf } from "./direct-statements.js";
import { look, typeLines, withFile } from "./shell.js";

/** How many statements were typed and refused, and everything that must not have been. */
export interface ShellStatementCounts {
  statements: number;
  refused: number;
  readonly broken: string[];
}

/** Types `perFile` statements into each of so many copies of the exported files; the values are drawn from the origin's rows. */
export function typeStatements(
  exported: readonly Exported[],
  { seed, perFile, files }: { readonly seed: number; readonly perFile: number; readonly files: number },
): ShellStatementCounts {
  const counts: ShellStatementCounts = { statements: 0, refused: 0, broken: [] };
  for (let at = 0; at < files; at += 1) {
    const { name, compiled, origin } = exported[at % exported.length]!;
    const draw = drawFrom(seeded(seed * 1009 + at));
    const effects = effectStatements(compiled);
    withFile(origin, (file) => {
      const reading = look(file, (db) => readAll(db, compiled, (sql) => db.prepare(sql)));
      const before = look(file, (db) => untouchablesOf(db, compiled));
      const lines = Array.from({ length: perFile }, (_, line) => {
        const { sql, bind } = drawStatement(draw, compiled, effects);
        const pragma = line % 25 === 0 ? `PRAGMA ${draw.pick(pragmas)}; ` : "";
        // No shell can type a NUL, and a line feed would move its line numbers.
        const values = bind(reading).map((value) => (typeof value === "string" ? value.replaceAll("\u0000", "") : value));
        return `${pragma}${literalText({ sql, values }).replaceAll("\n", " ")};`;
      });
      const said = typeLines(file, lines);
      counts.statements += lines.length;
      counts.refused += said.size;
      const known = new Set(compiled.normal.guards.map(({ id }) => id));
      for (const [line, message] of said)
        if (!known.has(message.replace(/ \(\d+\)$/, "")) && !/cannot store|datatype mismatch|ON CONFLICT clause/.test(message))
          counts.broken.push(`${name}: ${lines[line] ?? ""}: ${message}`);
      const after = look(file, (db) => [
        ...brokenInvariants(db, compiled).map(({ rule, message }) => `${rule}: ${message}`),
        ...lostOrChanged(before, untouchablesOf(db, compiled)),
      ]);
      counts.broken.push(...after.map((fault) => `${name}: ${fault}`));
    });
  }
  return counts;
}
