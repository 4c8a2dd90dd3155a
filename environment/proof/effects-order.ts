/** Whether the order of two effects can matter: one write sets both off, and one writes what the other reads or writes. */
import type { Compiled } from "../compile/compile-sheet.js";
import { canMeet, reachOf, writtenBy } from "../compile/effect-graph.js";
import type { CounterEffect, Effect, Guard } from "../compile/normal-form.js";
import { tableOf } from "../core/catalogue.js";
import type { Expression } from "../core/expression.js";
import { pathsIn, walk } from "../core/walk-expression.js";
import { onEveryLine } from "./truth-table.js";
import { scopeOf } from "./witness-scope.js";

type Act = Exclude<Effect, CounterEffect>;

/** Whether two effects of one table, the second after the first, might do something else the other way round. */
export function canSwap(compiled: Compiled, first: Effect, second: Effect): boolean {
  if (first.kind === "counter" || second.kind === "counter" || first.table !== second.table) return false;
  return canMeet(first.events, second.events) && !exclude(compiled, first, second) && !commute(compiled, first, second);
}

const yes: Expression = { kind: "literal", value: true };

/** Proof that no write meets the conditions of both, as far as these look at nothing but its own row: that stays as it was written. */
function exclude({ catalogue }: Compiled, a: Act, b: Act): boolean {
  const [one, other] = [a.when ?? yes, b.when ?? yes];
  const isOwn = [...walk(one), ...walk(other)].every(
    (node) => !("rows" in node) && (node.kind !== "path" || (node.root === "new" && node.steps.length === 1)),
  );
  const frame = { catalogue, tables: { new: tableOf(catalogue, a.table) }, canBe: () => true };
  return isOwn && onEveryLine(frame, [one, other], (truthOf) => truthOf(one) !== true || truthOf(other) !== true);
}

/** Proof that the order of two effects cannot matter: neither, nor what it sets off, writes what the other looks at or writes. */
function commute(compiled: Compiled, a: Act, b: Act): boolean {
  if (isSetter(a) && isSetter(b) && !touches(a, b) && !touches(b, a)) return true;
  const { normal, catalogue } = compiled;
  const [one, other] = [reachOf([a], normal.effects, catalogue), reachOf([b], normal.effects, catalogue)];
  return !disturbs(compiled, one, other) && !disturbs(compiled, other, one);
}

type Setter = Extract<Effect, { kind: "propagate" | "promote" }>;

function isSetter(effect: Effect): effect is Setter {
  return effect.kind === "propagate" || effect.kind === "promote";
}

/** Whether one effect sets a column that another reads or sets. */
function touches(writer: Setter, other: Setter): boolean {
  const isShared = writer.rows.table === other.rows.table && Object.keys(writer.set).some((column) => column in other.set);
  const reads = [other.when, other.rows.where, ...Object.values(other.set)].flatMap((each) => (each === null ? [] : pathsIn(each)));
  const isRead = reads.some(({ root, steps: [first, ...more] }) => {
    const table = root === other.rows.variable ? other.rows.table : root === "new" || root === "old" ? other.table : null;
    return (
      (first !== undefined && first in writer.set && (table === null || table === writer.rows.table)) ||
      more.some((step) => step in writer.set)
    );
  });
  return isShared || isRead;
}

function disturbs(compiled: Compiled, writers: ReadonlySet<Effect>, others: ReadonlySet<Effect>): boolean {
  const read = scopeOf(compiled, [...others, ...judging(compiled, others)]);
  return [...writers].some((writer) => {
    const { table, on, columns } = writtenBy(writer);
    const isWritten = [...others].some((other) => writtenBy(other).table === table);
    const names = read.get(table);
    return isWritten || (names !== undefined && (on === "insert" || names.some((name) => name in columns)));
  });
}

/** The rules and moves' conditions that judge what effects write. */
function judging({ normal }: Compiled, effects: ReadonlySet<Effect>): readonly Guard[] {
  const tables = new Set([...effects].map((effect) => writtenBy(effect).table));
  return normal.guards.filter(
    ({ origin, kind, table, events }) =>
      (origin === "rule" || kind === "move_when") &&
      (tables.has(table) || events.some((event) => event.kind === "elsewhere" && tables.has(event.table))),
  );
}
