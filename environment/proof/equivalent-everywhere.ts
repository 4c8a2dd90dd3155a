/**
 * Proof by machine that two forms of a rule agree on every row that there can be: by the truth tables of the conditions in which
 * they differ, over the moves that are declared, the columns that never change, and the rows that the rule is judged for.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import { canMeet, reachOf, writtenBy } from "../compile/effect-graph.js";
import { canChange } from "../compile/elsewhere-events.js";
import type { Effect, EffectEvent, Guard, GuardEvent } from "../compile/normal-form.js";
import { type CatalogueTable, columnOf, tableOf } from "../core/catalogue.js";
import type { Expression, RowsExpression } from "../core/expression.js";
import { isSame } from "../core/is-same.js";
import type { Value } from "../core/values.js";
import { childrenOf, conjunctsOf, path, renameRoots } from "../core/walk-expression.js";
import { storedLiteral } from "./witness-domain.js";
import { type Frame, type Line, onEveryLine, signName } from "./truth-table.js";

/** Whether a guard answers alike with another condition, or applies alike, or applies otherwise only where what it asks for is true. */
export function isGuardEverywhere(compiled: Compiled, guard: Guard, other: Guard): boolean {
  const frame = guardFrame(compiled, guard);
  if (!isSame({ ...guard, must: null, when: null }, { ...other, must: null, when: null })) return false;
  if (isSame(guard.when, other.when)) return agree(frame, guard.must, other.must);
  if (!isSame(guard.must, other.must)) return false;
  const [before, after] = [guard.when ?? yes, other.when ?? yes];
  if (agree(frame, before, after)) return true;
  const met = metBySelf(compiled, guard);
  return (
    met !== null &&
    onEveryLine(frame, [before, after, met], (truthOf) => {
      const applies = (when: Expression): boolean => truthOf(when) !== false;
      return applies(before) === applies(after) || truthOf(met) === true;
    })
  );
}

/** Whether an effect fires alike with another condition, or finds the same rows with another filter. */
export function isEffectEverywhere(compiled: Compiled, effect: Effect, other: Effect): boolean {
  if (effect.kind === "counter" || other.kind === "counter") return false;
  const frame = effectFrame(compiled, effect);
  if (isSame({ ...effect, when: null }, { ...other, when: null })) return agree(frame, effect.when ?? yes, other.when ?? yes);
  if ((effect.kind !== "propagate" && effect.kind !== "promote") || other.kind !== effect.kind) return false;
  if (!isSame({ ...effect, rows: null }, { ...other, rows: null }) || !isSame(withoutFilter(effect.rows), withoutFilter(other.rows)))
    return false;
  return agree(rowsFrame(compiled, effect, frame), effect.rows.where ?? yes, other.rows.where ?? yes);
}

const yes: Expression = { kind: "literal", value: true };

function withoutFilter(rows: RowsExpression): RowsExpression {
  return { ...rows, where: null };
}

/** Whether two expressions come to the same wherever they are read; row sets that differ in their filters are compared row by row. */
function agree(frame: Frame, a: Expression, b: Expression): boolean {
  if (isSame(a, b)) return true;
  if ("rows" in a && "rows" in b && isSame({ ...a, rows: withoutFilter(a.rows) }, { ...b, rows: withoutFilter(b.rows) })) {
    const { variable, table } = a.rows;
    const inner = { ...frame, tables: { ...frame.tables, [variable]: tableOf(frame.catalogue, table) } };
    return agree(a.rows.before ? inner : withIdentity(inner, variable), a.rows.where ?? yes, b.rows.where ?? yes);
  }
  const [parts, others] = [childrenOf(a), childrenOf(b)];
  if (a.kind === b.kind && !("rows" in a) && parts.length === others.length && parts.length > 0 && isSame(emptied(a), emptied(b)))
    if (parts.every((part, at) => agree(frame, part, others[at] ?? part))) return true;
  return isCondition(a) && isCondition(b) && onEveryLine(frame, [a, b], (truthOf) => truthOf(a) === truthOf(b));
}

/** What a node says beside its parts. */
function emptied(node: Expression): object {
  return {
    ...node,
    operands: null,
    operand: null,
    left: null,
    right: null,
    dividend: null,
    divisor: null,
    arguments: null,
    branches: null,
    otherwise: null,
    from: null,
    to: null,
  };
}

const conditions: ReadonlySet<Expression["kind"]> = new Set(["and", "or", "not", "in", "compare", "same", "is_null"]);

function isCondition(node: Expression): boolean {
  return conditions.has(node.kind) || (node.kind === "literal" && typeof node.value === "boolean");
}

/** The lines of a guard: its row in the states in which it holds, changed as rows may be where it is judged for its own writes alone. */
function guardFrame({ catalogue }: Compiled, guard: Guard): Frame {
  const table = tableOf(catalogue, guard.table);
  const own = isOwnChange(guard.events);
  const state = table.states?.column;
  return {
    catalogue,
    tables: { new: table, ...(own ? { old: table } : {}) },
    canBe: (line) => {
      const is = state === undefined ? undefined : line.cells["new"]?.[state];
      if (guard.states !== null && typeof is === "string" && !guard.states.includes(is)) return false;
      return !own || isChange(table, guard.events, line);
    },
  };
}

function effectFrame({ catalogue }: Compiled, effect: Exclude<Effect, { kind: "counter" }>): Frame {
  const table = tableOf(catalogue, effect.table);
  const own = isOwnChange(effect.events);
  return {
    catalogue,
    tables: { new: table, ...(own ? { old: table } : {}) },
    canBe: (line) => !own || isChange(table, effect.events, line),
  };
}

/** Whether a rule is judged, or fires, only where a row that was there is changed. */
function isOwnChange(events: readonly (GuardEvent | EffectEvent)[]): boolean {
  return events.every(({ kind }) => kind === "update" || kind === "change" || kind === "move");
}

/** Whether a row can change so: along its moves, those of the rule if it names any, and only in columns that something writes. */
function isChange(table: CatalogueTable, events: readonly (GuardEvent | EffectEvent)[], { cells, signs }: Line): boolean {
  const moves = events.flatMap((event) => (event.kind === "move" ? [event] : []));
  const [is, was] = [cells["new"] ?? {}, cells["old"] ?? {}];
  return table.columns.every(({ name }) => {
    const sign = signs.get(signName(["new", "old"], name));
    if (sign !== undefined && sign !== 0 && !canChange(table, name)) return false;
    const [to, from] = [is[name], was[name]];
    if (name === table.states?.column) return isMove({ from, to }, moves.length === events.length ? moves : null, table);
    return from === undefined || to === undefined || from === to || canChange(table, name);
  });
}

type Cells = { readonly from: Value | undefined; readonly to: Value | undefined };

/** Whether a state can change so; `moves` null where any declared one may, or none. */
function isMove(
  { from, to }: Cells,
  moves: readonly { readonly from: string; readonly to: string }[] | null,
  { states }: CatalogueTable,
): boolean {
  const fits = (each: { readonly from: string; readonly to: string }): boolean =>
    (from === undefined || each.from === from) && (to === undefined || each.to === to);
  if (moves !== null) return moves.some(fits);
  return from === undefined || to === undefined || from === to || states?.moves.some(fits) === true;
}

/** The frame with what follows from a row being the written one, or another. */
function withIdentity(frame: Frame, variable: string): Frame {
  const [table, written] = [frame.tables[variable], frame.tables["new"]];
  const [key, ...more] = table?.key ?? [];
  if (table === undefined || table !== written || key === undefined || more.length > 0) return frame;
  const signOf = (line: Line, column: string) => line.signs.get(signName([variable, "new"], column));
  const isAlone = (column: string): boolean =>
    table.unique.some(({ columns, states }) => columns.length === 1 && columns[0] === column && states === null);
  return {
    ...frame,
    canBe: (line) => {
      if (!frame.canBe(line)) return false;
      const identity = signOf(line, key);
      if (identity === undefined) return true;
      const [row, own] = [line.cells[variable] ?? {}, line.cells["new"] ?? {}];
      return table.columns.every(({ name }) => {
        const sign = signOf(line, name);
        if (identity !== 0) return sign !== 0 || !isAlone(name);
        return (
          (sign === undefined || sign === 0 || sign === null) &&
          (row[name] === undefined || own[name] === undefined || row[name] === own[name])
        );
      });
    },
  };
}

/**
 * That the written row itself is one of the rows that a guard asks for at least one of: where that is so, the guard is met. Null for a
 * guard that asks for something else.
 */
function metBySelf({ catalogue }: Compiled, { must, table, events }: Guard): Expression | null {
  if (!isOwnChange(events) || must.kind !== "compare" || must.op !== ">=" || must.left.kind !== "count") return null;
  const { rows } = must.left;
  const isOne = must.right.kind === "literal" && typeof must.right.value === "number" && must.right.value <= 1;
  if (!isOne || rows.table !== table || rows.before || catalogue.tables[table] === undefined) return null;
  return renameRoots(rows.where ?? yes, { [rows.variable]: "new" });
}

/** The frame of an effect's rows: those that it finds after the guards, as far as these and the pick say which. */
function rowsFrame(compiled: Compiled, effect: Extract<Effect, { kind: "propagate" | "promote" }>, outer: Frame): Frame {
  const { rows } = effect;
  const { variable } = rows;
  const table = tableOf(compiled.catalogue, rows.table);
  const inner: Frame = { ...outer, tables: { ...outer.tables, [variable]: table } };
  const frame = isLeftAlone(compiled, effect) ? withIdentity(inner, variable) : inner;
  // Of columns whose values are not listed a line has but some that stand for others.
  const limits = [...heldByGuards(compiled, effect), ...eligible(effect, table)].filter(
    ({ column }) => columnOf(table, column).values !== null,
  );
  return {
    ...frame,
    canBe: (line) =>
      frame.canBe(line) &&
      limits.every(({ column, values }) => {
        const value = line.cells[variable]?.[column];
        return value === undefined || values.includes(value);
      }),
  };
}

/** The values that a column of the rows can have where they are found. */
interface Limit {
  readonly column: string;
  readonly values: readonly Value[];
}

/** A promotion passes over rows that may not make the move. */
function eligible({ kind, pick, set }: Extract<Effect, { kind: "propagate" | "promote" }>, { states }: CatalogueTable): readonly Limit[] {
  const to = states === null ? undefined : set[states.column];
  if (kind !== "promote" || pick?.eligible !== true || states === null || to?.kind !== "literal") return [];
  const from = states.moves.filter((move) => move.to === to.value).map((move) => move.from);
  return [{ column: states.column, values: [...from, storedLiteral(String(to.value))] }];
}

/** What guards of the same act ask of the row that the written one refers to, where the effect is about that row. */
function heldByGuards(compiled: Compiled, effect: Extract<Effect, { kind: "propagate" | "promote" }>): readonly Limit[] {
  const { rows } = effect;
  const [key, ...more] = tableOf(compiled.catalogue, rows.table).key;
  const reference = conjunctsOf(rows.where).flatMap((term) =>
    term.kind === "compare" && term.op === "=" && isSame(term.left, path(rows.variable, key ?? "")) && term.right.kind === "path"
      ? [term.right]
      : [],
  )[0];
  const [name = "", ...onward] = reference?.steps ?? [];
  const isReference =
    reference?.root === "new" &&
    onward.length === 0 &&
    more.length === 0 &&
    tableOf(compiled.catalogue, effect.table).columns.some((each) => each.name === name && each.references === rows.table);
  if (!isReference) return [];
  const guards = compiled.normal.guards.filter(
    (guard) =>
      guard.table === effect.table &&
      guard.when === null &&
      guard.states === null &&
      effect.events.every((event) => isJudgedAt(guard, event)),
  );
  return guards
    .flatMap(({ must }) => conjunctsOf(must))
    .flatMap((term): readonly Limit[] => {
      const [operand, values] = listOf(term);
      const [first, column = "", ...rest] = operand?.kind === "path" && operand.root === "new" ? operand.steps : [];
      return first === name && rest.length === 0 && !isWrittenBeside(compiled, effect, column) ? [{ column, values }] : [];
    });
}

/** What a term says that something is one of. */
function listOf(term: Expression): readonly [Expression | null, readonly Value[]] {
  if (term.kind === "in" && !term.negated) return [term.operand, term.values.map(storedLiteral)];
  const literal = term.kind === "compare" && term.op === "=" && term.right.kind === "literal" ? term.right.value : null;
  return term.kind === "compare" && (typeof literal === "string" || typeof literal === "number")
    ? [term.left, [storedLiteral(literal)]]
    : [null, []];
}

function isJudgedAt({ events }: Guard, event: EffectEvent): boolean {
  return events.some((each) => (each.kind === "update" && event.kind === "move") || isSame(each, event));
}

/** Whether another effect of the same act, or one that it sets off, writes a column of the rows. */
function isWrittenBeside(
  { normal, catalogue }: Compiled,
  effect: Extract<Effect, { kind: "propagate" | "promote" }>,
  column: string,
): boolean {
  // A counter is made anew after the others.
  const first = normal.effects.filter(
    (each) => each !== effect && each.table === effect.table && (each.kind === "counter" || canMeet(each.events, effect.events)),
  );
  const beside = reachOf(first, normal.effects, catalogue);
  return [...beside].some((each) => {
    const written = writtenBy(each);
    return written.table === effect.rows.table && (written.on === "insert" || column in written.columns);
  });
}

/** Whether nothing but the effect writes rows of its own table, so that it finds the written row as the guards let it pass. */
function isLeftAlone({ normal }: Compiled, effect: Extract<Effect, { kind: "propagate" | "promote" }>): boolean {
  return normal.effects.every((each) => each === effect || writtenBy(each).table !== effect.table);
}
