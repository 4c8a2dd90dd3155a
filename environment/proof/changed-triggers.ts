/** The triggers that a mutant has otherwise than the original: only tables that a changed rule has to do with are written again. */
import { oncePer } from "../core/memo.js";
import type { Catalogue, CatalogueTable } from "../core/catalogue.js";
import { type Compiled, emitTableTriggers } from "../compile/compile-sheet.js";
import { standsIn } from "../compile/effect-graph.js";
import { isEligibilityGuard } from "../compile/eligibility.js";
import type { LookUp } from "../core/emit-expression.js";
import { branchesBefore, emitElsewhere, emitOwn, type TriggerSite, type WriteOp } from "../compile/emit-guards.js";
import type { Effect, Guard, NormalForm } from "../compile/normal-form.js";
import type { Mutated } from "./mutant.js";
import { triggersByName } from "./witness-run.js";

/** The original, made ready to be compared with many mutants. */
export interface Original {
  readonly compiled: Compiled;
  /** Trigger names and texts by table. */
  readonly triggers: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Which rows the BEFORE trigger of a table joins. */
  lookUp(table: CatalogueTable, op: WriteOp): LookUp;
}

/** Prepares a compiled sheet. */
export function originalOf(compiled: Compiled): Original {
  const { catalogue, normal } = compiled;
  const joined = new Map<string, LookUp>();
  return {
    compiled,
    lookUp: (table, op) => {
      const found = joined.get(`${table.name} ${op}`) ?? branchesBefore({ catalogue, normal, table, op }).lookUp;
      joined.set(`${table.name} ${op}`, found);
      return found;
    },
    triggers: new Map(tablesOf(catalogue).map((table) => [table.name, triggersByName(emitTableTriggers(catalogue, normal, table))])),
  };
}

/** By name, null for a trigger that is gone; empty for a mutant that compiles to the very SQL of the original. */
export function changedTriggers(original: Original, mutated: Mutated): ReadonlyMap<string, string | null> {
  const { normal } = original.compiled;
  const next = mutated.normal;
  const isMoved =
    normal.effects !== next.effects &&
    (normal.effects.length !== next.effects.length || normal.effects.some((effect, at) => !isSame(effect, next.effects[at])));
  const withEffects = isMoved || isRead(normal, next) ? [...normal.effects, ...next.effects] : [];
  const changes = tablesOf(mutated.catalogue).flatMap((table): readonly (readonly [string, string | null])[] => {
    // Guards name the effects that they let through.
    const isRewritten = normal.effects.length !== next.effects.length || withEffects.some((effect) => stands(effect, table.name));
    if (isRewritten) return rewritten(original, mutated, table);
    const [before, after] = [guardsAt(normal, table.name), guardsAt(next, table.name)];
    if (before.length !== after.length) return rewritten(original, mutated, table);
    const pairs = before.flatMap((guard, at): readonly Pair[] => {
      const other = after[at];
      return other === undefined || isSame(guard, other) ? [] : [{ before: guard, after: other }];
    });
    return pairs.length === 0 ? [] : (patched(original, mutated, { table, pairs }) ?? rewritten(original, mutated, table));
  });
  return new Map(changes);
}

type Change = readonly [name: string, sql: string | null];

/** All triggers of a table written again. */
function rewritten({ triggers }: Original, { catalogue, normal }: Mutated, table: CatalogueTable): readonly Change[] {
  const before = triggers.get(table.name) ?? new Map<string, string>();
  const after = triggersByName(emitTableTriggers(catalogue, normal, table));
  return [
    ...[...before.keys()].filter((name) => !after.has(name)).map((name): Change => [name, null]),
    ...[...after].filter(([name, sql]) => before.get(name) !== sql),
  ];
}

interface Pair {
  readonly before: Guard;
  readonly after: Guard;
}

/** The BEFORE triggers of a table with the branches of changed guards exchanged, or null where that does not say it all. */
function patched(
  original: Original,
  mutated: Mutated,
  { table, pairs }: { readonly table: CatalogueTable; readonly pairs: readonly Pair[] },
): readonly Change[] | null {
  const isElsewhere = ({ events }: Guard): boolean => events.some(({ kind }) => kind === "created" || kind === "delete");
  if (pairs.some(({ before, after }) => isElsewhere(before) || isElsewhere(after))) return null;
  const changes: Change[] = [];
  for (const op of ["insert", "update"] as const) {
    const name = `${table.name}_before_${op}`;
    const own = original.triggers.get(table.name)?.get(name);
    let sql = own ?? "";
    for (const { before, after } of pairs) {
      const from = branchesOf({ ...original.compiled, table, op }, before, original.lookUp(table, op));
      const to = branchesOf({ ...mutated, table, op }, after, original.lookUp(table, op));
      if (from.text === to.text) continue;
      const at = sql.indexOf(from.text);
      // A guard that had no branch here, or one that stands here twice, or one for which other rows are to be joined.
      if (from.text === "" || from.asked !== to.asked || at < 0 || sql.includes(from.text, at + 1)) return null;
      sql = sql.slice(0, at) + to.text + sql.slice(at + from.text.length);
    }
    if (own !== undefined && sql !== own) changes.push([name, sql]);
  }
  return changes;
}

interface Branches {
  readonly text: string;
  /** The rows that it looks up, in order. */
  readonly asked: string;
}

const known = new WeakMap<Guard, Map<string, Branches>>();

/** A guard's branches in a BEFORE trigger that joins these rows, as they stand there. */
function branchesOf({ catalogue, normal, table, op }: TriggerSite, guard: Guard, joined: LookUp): Branches {
  const found = known.get(guard) ?? new Map<string, Branches>();
  known.set(guard, found);
  const write = (lookUp: LookUp): string => {
    const site = { catalogue, normal, table, op, lookUp };
    return [...emitOwn(site, guard), ...emitElsewhere(site, guard, "before")].map((branch) => `\n    ${branch}`).join("");
  };
  const present = found.get(`${table.name} ${op}`);
  if (present !== undefined) return present;
  const asked: string[] = [];
  write(({ name }) => asked.push(name) > 0);
  const branches = { text: write(joined), asked: asked.join("\n") };
  found.set(`${table.name} ${op}`, branches);
  return branches;
}

/** Whether two catalogues have the same tables and columns, so that what fits the schema of the one can be laid in the other's. */
export function isSameShape(a: Catalogue, b: Catalogue): boolean {
  return shapeOf(a) === shapeOf(b);
}

const shapeOf = oncePer((catalogue: Catalogue) =>
  JSON.stringify(
    tablesOf(catalogue).map(({ name, columns, key }) => [
      name,
      key,
      columns.map(({ name: column, type, nullable, insert }) => [column, type, nullable, insert.kind === "derived" ? insert : ""]),
    ]),
  ),
);

function tablesOf({ context, tables }: Catalogue): readonly CatalogueTable[] {
  return [context, ...Object.values(tables)];
}

const judged = new WeakMap<NormalForm, Map<string, readonly Guard[]>>();

/** The guards that are judged at writes of a table, of its own rows or of others. */
function guardsAt(normal: NormalForm, table: string): readonly Guard[] {
  const tables = judged.get(normal) ?? new Map<string, readonly Guard[]>();
  judged.set(normal, tables);
  const found =
    tables.get(table) ??
    normal.guards.filter(
      (guard) => guard.table === table || guard.events.some((event) => event.kind === "elsewhere" && event.table === table),
    );
  tables.set(table, found);
  return found;
}

function stands(effect: Effect, table: string): boolean {
  return standsIn(effect, table, "insert") || standsIn(effect, table, "update");
}

/** Whether effects' statements hold guards that changed: those that a picked row must pass, and those judged after an effect. */
function isRead(before: NormalForm, after: NormalForm): boolean {
  const isHeld = (guard: Guard): boolean =>
    guard.events.some((event) => event.kind === "elsewhere" && event.settled) ||
    before.effects.some((effect) => effect.kind === "promote" && isEligibilityGuard(guard, effect.rows.table));
  const [held, next] = [before.guards.filter(isHeld), after.guards.filter(isHeld)];
  return held.length !== next.length || held.some((guard, index) => !isSame(guard, next[index]));
}

/** Whether two plain trees are the same. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length && left.every(([key, value], at) => right[at]?.[0] === key && isSame(value, right[at][1]));
}
