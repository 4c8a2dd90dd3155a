/** The statements of every effect, typed by hand: before it was due and after it has run, alone and in pairs in any order. */
import type { Compiled } from "../compile/compile-sheet.js";
import type { EffectWrite, Write } from "../compile/interpret-write.js";
import { tableOf } from "../core/catalogue.js";
import { isSameValue, type Rows } from "../core/values.js";
import { literalText, type MatrixCase, plainCase, type Statement, underEveryClause } from "./matrix-statement.js";
import { judgeWrite } from "./witness-oracle.js";
import { statementOf, type Witness } from "./witness-run.js";

/** Cases on the states around a witness in which effects run. */
export interface EffectCases {
  readonly state: Rows;
  readonly cases: readonly MatrixCase[];
}

/** At most this many statements of one witness are paired. */
const STATEMENTS = 6;

/** For each effect its first witness on which it writes: its statements on the state before and on the state after. */
export function effectCasesOf(compiled: Compiled, witnesses: readonly Witness[]): readonly EffectCases[] {
  const shown = new Set<string>();
  return compiled.normal.effects.flatMap(({ id }): readonly EffectCases[] => {
    if (shown.has(id)) return [];
    for (const { rule, state, write, expected } of witnesses) {
      if (rule !== id || expected.kind !== "accepted") continue;
      const verdict = judgeWrite(compiled, { state, write });
      if (verdict.kind !== "accepted") continue;
      // Of an effect that wrote what was there already there is nothing to type.
      const effects = verdict.effects.filter(({ op, columns }) => op === "insert" || Object.keys(columns).length > 0);
      if (!effects.some((effect) => effect.rule === id)) continue;
      for (const effect of effects) shown.add(effect.rule);
      const writes = effects.slice(0, STATEMENTS).map((effect) => ({ rule: effect.rule, write: writeOf(compiled, effect) }));
      return [
        { state, cases: handCases(compiled, state, writes) },
        { state: verdict.state, cases: handCases(compiled, verdict.state, writes) },
      ];
    }
    return [];
  });
}

function writeOf({ catalogue }: Compiled, { op, table: name, key, columns }: EffectWrite): Write {
  if (op === "update") return { op, table: name, key, set: columns };
  const table = tableOf(catalogue, name);
  const derived = new Set(table.columns.flatMap(({ name: column, insert }) => (insert.kind === "derived" ? [column] : [])));
  const given = Object.entries({ ...(table.surrogate ? {} : key), ...columns }).filter(([column]) => !derived.has(column));
  return { op, table: name, values: Object.fromEntries(given) };
}

interface ByHand {
  readonly rule: string;
  readonly write: Write;
}

/** What a client may do as well as the effect (a column that the agent may set too) is no case. */
function handCases(compiled: Compiled, state: Rows, writes: readonly ByHand[]): readonly MatrixCase[] {
  const alone = writes.flatMap((second) => caseOf(compiled, { first: null, second, state }));
  const pairs = writes.flatMap((first) =>
    writes.flatMap((second) =>
      first === second ? [] : caseOf(compiled, { first, second, state }).map((each) => ({ ...each, form: "variant" as const })),
    ),
  );
  return unique([...alone.flatMap(underEveryClause), ...pairs]);
}

function caseOf(
  compiled: Compiled,
  { first, second, state }: { readonly first: ByHand | null; readonly second: ByHand; readonly state: Rows },
): readonly MatrixCase[] {
  const started = first === null ? null : judgeWrite(compiled, { state, write: first.write });
  const on = started?.kind === "accepted" ? started.state : state;
  if (!isThere(on, second.write)) return [];
  const verdict = judgeWrite(compiled, { state: on, write: second.write });
  if (verdict.kind === "accepted") return [];
  const before = first === null ? "" : `, after that of "${first.rule}"`;
  return [
    {
      ...plainCase({
        rule: verdict.rule,
        shows: `Typing what the effect "${second.rule}" does by hand${before}`,
        ...statementOf(second.write),
      }),
      first: first === null ? [] : [statementOf(first.write)],
    },
  ];
}

/** Whether an update has a row to write: to SQLite one of nothing is accepted, and nothing happens. */
function isThere(state: Rows, write: Write): boolean {
  if (write.op === "insert") return true;
  const key = Object.entries(write.key);
  return (state[write.table] ?? []).some((row) => key.every(([column, value]) => isSameValue(row[column] ?? null, value)));
}

function unique(cases: readonly MatrixCase[]): readonly MatrixCase[] {
  const text = ({ first, ...last }: MatrixCase): string => [...first, last].map((each: Statement) => literalText(each)).join(";");
  return [...new Map(cases.map((each) => [text(each), each])).values()];
}
