/** The laws of the environment, counted at length: `npm run bench -- laws [writes] [seed]` prints every count as a table. */
import { pathToFileURL } from "node:url";
import { describeCounts } from "../test/environment/laws/counts.js";
import { exportedEnvironments, type StatementCounts, tryDirectStatements } from "../test/environment/laws/direct-statements.js";
import { type Counts, tryOneMeaning } from "../test/environment/laws/one-meaning.js";
import { hasShell, shellVersion } from "../test/environment/laws/shell.js";
import { type ShellCounts, typeMatrix } from "../test/environment/laws/shell-matrix.js";
import { type ShellStatementCounts, typeStatements } from "../test/environment/laws/shell-statements.js";
import { describeDisagreement, shrink } from "../test/environment/laws/shrink.js";

/** What each law was tried on. Without a shell on the path its counts are absent. */
export interface LawCounts {
  /** The compiled triggers and the interpreter on random sheets, states and writes. */
  readonly meaning: Counts;
  /** Random statements of a plain client on exported environments, as many as writes. */
  readonly statements: StatementCounts;
  /** The write matrix in the shell, by environment. */
  readonly matrices: Readonly<Record<string, ShellCounts>>;
  readonly shell: ShellStatementCounts | null;
}

/** Tries every law with this many writes and as many direct statements; the same seed gives the same counts. */
export function lawCounts({ seed, writes }: { readonly seed: number; readonly writes: number }): LawCounts {
  const environments = exportedEnvironments();
  return {
    meaning: tryOneMeaning({ seed, writes }),
    statements: tryDirectStatements(environments, { seed, statements: writes }),
    matrices: hasShell
      ? Object.fromEntries(environments.map(({ name, compiled }) => [name, typeMatrix(compiled, { work: 20_000, seed })]))
      : {},
    shell: hasShell ? typeStatements(environments, { seed, perFile: 500, files: Math.max(4, Math.ceil(writes / 10_000)) }) : null,
  };
}

/** The counts as a page of text. */
function describeLaws({ meaning, statements, matrices, shell }: LawCounts): string {
  const { byRule, broken, ...counts } = statements;
  return [
    "One meaning, twice",
    describeCounts(meaning),
    meaning.disagreement === null ? "no disagreement" : `DISAGREEMENT\n${describeDisagreement(shrink(meaning.disagreement))}`,
    "",
    "Direct statements",
    ...Object.entries(counts).map(([name, count]) => `${name.padEnd(32)} ${String(count).padStart(8)}`),
    `${"rules that refused".padEnd(32)} ${String(byRule.size).padStart(8)}`,
    ...verdict(broken),
    "",
    `Plain shell (${hasShell ? `sqlite3 ${shellVersion()}` : "none on the path"})`,
    ...Object.entries(matrices).flatMap(([name, { files, cases, failed }]) => [
      `matrix of ${name}`.padEnd(32) + ` ${String(cases).padStart(8)} cases, ${files} files`,
      ...verdict(failed),
    ]),
    ...(shell === null
      ? []
      : [`random statements`.padEnd(32) + ` ${String(shell.statements).padStart(8)}, ${shell.refused} refused`, ...verdict(shell.broken)]),
  ].join("\n");
}

function verdict(broken: readonly string[]): readonly string[] {
  return broken.length === 0 ? ["none broken"] : broken.map((line) => `BROKEN ${line}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const counts = lawCounts({ writes: Number(process.argv[2] ?? 1_000_000), seed: Number(process.argv[3] ?? 1) });
  console.log(describeLaws(counts));
  const isKept =
    counts.meaning.disagreement === null &&
    [counts.statements, ...(counts.shell === null ? [] : [counts.shell])].every(({ broken }) => broken.length === 0) &&
    Object.values(counts.matrices).every(({ failed }) => failed.length === 0);
  process.exitCode = isKept ? 0 : 1;
}
