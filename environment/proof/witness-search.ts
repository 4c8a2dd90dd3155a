/**
 * From an act to a write that the rules accept: the first broken rule is made true by the edits it suggests, then the next.
 *
 * The rule that refuses stands the later in the order of judgement, the nearer the write is to being accepted; so the
 * order itself is the measure that guides the search.
 */
import { type CatalogueColumn, type CatalogueTable, CONTEXT_TABLE } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import type { Write } from "../compile/interpret-write.js";
import type { Guard, GuardEvent } from "../compile/normal-form.js";
import { isSameValue, type Row, type Rows, type Value } from "../core/values.js";
import { readableGuard } from "./custom-condition.js";
import { isOfActor, withActor } from "./witness-actor.js";
import { storedLiteral } from "./witness-domain.js";
import { nearby } from "./witness-custom.js";
import { force } from "./witness-force.js";
import type { Judgement } from "./witness-oracle.js";
import { readExpression } from "./witness-read.js";
import { freshValue, NOW, type Sampler } from "./witness-sample.js";
import { actorRoot, type Candidate, removeRow, rowsAfter, type Scene } from "./witness-scene.js";
import { transferred } from "./witness-transfer.js";

/** A search under way: it stops proposing when its work, counted in interpreted writes, is spent. */
export interface Search {
  readonly compiled: Compiled;
  readonly sampler: Sampler;
  readonly random: () => number;
  interpret(compiled: Compiled, candidate: Candidate): Judgement;
  isSpent(): boolean;
}

/** What an agent may try on a table in some state of its rows: a name for it, and the plainest write of that sort. */
export interface Act {
  readonly table: string;
  readonly on: "create" | "update";
  readonly move: { readonly from: string; readonly to: string } | null;
  readonly write: Write;
}

/** Every act that the tools offer, on a state: creations, moves, and changes of the columns that an agent may change. */
export function actsOf({ compiled, sampler }: Search, state: Rows): readonly Act[] {
  return Object.values(compiled.catalogue.tables).flatMap((table) => {
    if (table.layer !== "L2") return [];
    const rows = state[table.name] ?? [];
    const creations: readonly Act[] =
      table.create?.by === "agent"
        ? [
            {
              table: table.name,
              on: "create",
              move: null,
              write: { op: "insert", table: table.name, values: insertValues(sampler, table, state) },
            },
          ]
        : [];
    return [...creations, ...movesOf(sampler, table, state), ...changesOf(sampler, table, rows)];
  });
}

function insertValues(sampler: Sampler, table: CatalogueTable, state: Rows): Row {
  const cells = table.columns.flatMap((column): (readonly [string, Value])[] => {
    const value = insertValue(sampler, table, { column, state });
    return value === undefined ? [] : [[column.name, value]];
  });
  return Object.fromEntries(cells);
}

function insertValue(
  sampler: Sampler,
  table: CatalogueTable,
  { column, state }: { readonly column: CatalogueColumn; readonly state: Rows },
): Value | undefined {
  const [context] = state[CONTEXT_TABLE] ?? [];
  switch (column.insert.kind) {
    case "agent": {
      if (column.name === table.states?.column) return table.states.start[0] ?? null;
      if (column.default !== undefined) return column.default;
      if (column.nullable) return null;
      const isUnique = table.key.includes(column.name) || table.unique.some(({ columns }) => columns.includes(column.name));
      return isUnique && column.references === null && column.values === null ? freshValue(column, 40) : sampler.valueOf(table, column, 0);
    }
    case "clock":
      return NOW;
    case "user":
      return context?.["actor"] ?? null;
    case "desk":
      return context?.["desk"] ?? null;
    default:
      return undefined;
  }
}

function movesOf(sampler: Sampler, table: CatalogueTable, state: Rows): readonly Act[] {
  const { states } = table;
  if (states === null) return [];
  return states.moves.flatMap(({ from, to, by }): readonly Act[] => {
    const row = (state[table.name] ?? []).find((each) => each[states.column] === from);
    if (by !== "agent" || row === undefined) return [];
    const set = { [states.column]: to, ...movedValues(sampler, table, { move: `${from}>${to}`, state }) };
    return [
      { table: table.name, on: "update", move: { from, to }, write: { op: "update", table: table.name, key: keyOf(table, row), set } },
    ];
  });
}

function movedValues(sampler: Sampler, table: CatalogueTable, { move, state }: { readonly move: string; readonly state: Rows }): Row {
  const [context] = state[CONTEXT_TABLE] ?? [];
  const cells = table.columns.flatMap((column): (readonly [string, Value])[] => {
    if (!column.update.moves.includes(move)) return [];
    if (column.update.by === "clock") return [[column.name, NOW]];
    if (column.update.by === "user") return [[column.name, context?.["actor"] ?? null]];
    if (column.update.by === "desk") return [[column.name, context?.["desk"] ?? null]];
    return [[column.name, sampler.valueOf(table, column, 0)]];
  });
  return Object.fromEntries(cells);
}

function changesOf(sampler: Sampler, table: CatalogueTable, rows: readonly Row[]): readonly Act[] {
  return table.columns
    .filter(({ update }) => update.by === "agent")
    .flatMap((column) =>
      rows.slice(0, 2).flatMap((row): readonly Act[] => {
        const usual = [sampler.valueOf(table, column, 1), freshValue(column, 41), sampler.valueOf(table, column, 0)];
        const bounds = [column.min, column.max].flatMap((bound) => (bound === null ? [] : storedLiteral(bound)));
        const others = column.values === null ? [...usual, ...bounds] : column.values.map(storedLiteral);
        const value = others.find((each) => !isSameValue(each, row[column.name] ?? null) && isWithin(column, each));
        return value === undefined
          ? []
          : [
              {
                table: table.name,
                on: "update",
                move: null,
                write: { op: "update", table: table.name, key: keyOf(table, row), set: { [column.name]: value } },
              },
            ];
      }),
    );
}

function keyOf(table: CatalogueTable, row: Row): Row {
  return Object.fromEntries(table.key.map((column) => [column, row[column] ?? null]));
}

function isWithin({ min, max }: CatalogueColumn, value: Value): boolean {
  if (typeof value !== "bigint" && typeof value !== "number") return true;
  return (min === null || value >= min) && (max === null || value <= max);
}

/** The scenes in which a guard judges a candidate's write, one for each row that it is judged for. */
export function scenesOf(compiled: Compiled, candidate: Candidate, guard: Guard): readonly Scene[] {
  const { write } = candidate;
  const scene: Scene = { compiled, candidate, roots: actorRoot(compiled, candidate) };
  const own = write.table === guard.table && guard.events.some((event) => isAtHand(event, candidate));
  const elsewhere = guard.events.filter(
    (event) =>
      event.kind === "elsewhere" &&
      event.table === write.table &&
      event.on === write.op &&
      (write.op === "insert" || isChanged(candidate, event.columns)),
  );
  const roots = ownRoots(scene, write.table);
  return [
    ...(own ? [{ ...scene, roots }] : []),
    ...elsewhere.flatMap((event) =>
      rowsAfter(scene, guard.table)
        .map(
          ({ place }): Scene => ({
            ...scene,
            roots: {
              ...scene.roots,
              new: place,
              written: { kind: "after", table: write.table },
              before: { kind: "before", table: write.table },
            },
          }),
        )
        .filter((each) => event.kind === "elsewhere" && (event.concerned === null || readExpression(each, event.concerned) === true)),
    ),
  ];
}

/** Whether a candidate's write of the guard's own table is this event. */
function isAtHand(event: GuardEvent, candidate: Candidate): boolean {
  if (event.kind === "elsewhere" || event.kind === "delete") return false;
  return event.kind !== "change" || isChanged(candidate, event.columns);
}

/** Whether a candidate's write gives a row that is there another value in one of these columns. */
function isChanged({ state, write }: Candidate, columns: readonly string[]): boolean {
  if (write.op === "insert") return false;
  const row = state[write.table]?.find((each) =>
    Object.entries(write.key).every(([name, value]) => isSameValue(each[name] ?? null, value)),
  );
  return columns.some((name) => name in write.set && !isSameValue(write.set[name] ?? null, row?.[name] ?? null));
}

/** The roots `new` and `old` of a write's own table, beside what the scene has. */
export function ownRoots({ roots }: Pick<Scene, "roots">, table: string): Scene["roots"] {
  return { ...roots, new: { kind: "after", table }, old: { kind: "before", table } };
}

/** Whether a guard lets a scene pass: it does not apply there, or its condition is true. */
export function passes(scene: Scene, { when, must, states, table }: Pick<Guard, "when" | "must" | "states" | "table">): boolean {
  if (states !== null && !isInStates(scene, table, states)) return true;
  if (when !== null && readExpression(scene, when) === false) return true;
  return readExpression(scene, must) === true;
}

function isInStates(scene: Scene, table: string, states: readonly string[]): boolean {
  const column = scene.compiled.catalogue.tables[table]?.states?.column;
  const state = column === undefined ? null : readExpression(scene, { kind: "path", root: "new", steps: [column] });
  return typeof state === "string" && states.includes(state);
}

/** What is to be accepted, by which rules, and in how many interpreted writes at most. */
export interface Repair {
  readonly candidate: Candidate;
  readonly judges: Compiled;
  readonly trials: number;
  readonly pin: (candidate: Candidate) => boolean;
}

const BEAM = 3;
const DEPTH = 12;
const PROPOSALS = 10;

/**
 * A candidate that the rules of `judges` accept, reached from this one by edits that keep `pin` true, or null where none
 * was found within the search's work.
 */
export function repair(search: Search, { candidate, judges, pin, trials }: Repair): Candidate | null {
  let left = trials;
  let beam = [{ candidate, verdict: search.interpret(judges, candidate) }];
  const tried = new Set<Candidate>();
  for (let depth = 0; depth < DEPTH; depth += 1) {
    const accepted = beam.find(({ verdict }) => verdict.kind === "accepted");
    if (accepted !== undefined) return accepted.candidate;
    const next: { readonly candidate: Candidate; readonly verdict: Judgement; readonly rank: number }[] = [];
    for (const { candidate: from, verdict } of beam) {
      if (verdict.kind === "accepted" || tried.has(from)) continue;
      tried.add(from);
      for (const proposal of proposals(search, judges, { candidate: from, rule: verdict.rule })) {
        if (search.isSpent() || left <= 0) return null;
        if (!pin(proposal)) continue;
        left -= 1;
        const judged = search.interpret(judges, proposal);
        if (judged.kind === "accepted") return proposal;
        next.push({ candidate: proposal, verdict: judged, rank: rankOf(judges, judged.rule) });
      }
    }
    beam = next.sort((a, b) => b.rank - a.rank).slice(0, BEAM);
  }
  return null;
}

/** Edits after which the rule that refused should no longer do so. */
function proposals(
  search: Search,
  compiled: Compiled,
  { candidate, rule }: { readonly candidate: Candidate; readonly rule: string },
): readonly Candidate[] {
  if (isOfActor(compiled, rule)) return withActor(compiled, candidate).slice(0, PROPOSALS);
  const refusing = compiled.normal.guards.filter(({ id }) => id === rule);
  const guards = refusing.flatMap((guard) => readableGuard(guard, compiled.catalogue) ?? []);
  const sql = refusing.map(({ must }) => must).find((must) => must.kind === "sql");
  if (sql?.kind === "sql" && guards.length === 0) return [...nearby(compiled, candidate, sql)].slice(0, 4 * PROPOSALS);
  const found = guards.flatMap((guard): readonly Candidate[] => {
    const broken = scenesOf(compiled, candidate, guard).filter((scene) => !passes(scene, guard));
    if (broken.length > 0) return broken.flatMap((scene) => mended(scene, guard)).map((scene) => scene.candidate);
    // Where the write itself breaks nothing, one that an effect makes does.
    return [...mendedAfter(search, compiled, { candidate, guard }), ...proposalsWithin(compiled, candidate, guard)];
  });
  return [...new Set(found)].filter((each) => each !== candidate).slice(0, PROPOSALS);
}

function mended(scene: Scene, { when, must }: Guard): readonly Scene[] {
  return [...force(scene, must, "true"), ...(when === null ? [] : force(scene, when, "false"))];
}

/** An effect's own write was refused: what mends the state that all would lead to, were it not for the guard, is done beforehand. */
function mendedAfter(
  search: Search,
  compiled: Compiled,
  { candidate, guard }: { readonly candidate: Candidate; readonly guard: Guard },
): readonly Candidate[] {
  const guards = compiled.normal.guards.filter(({ id }) => id !== guard.id);
  const verdict = search.interpret({ ...compiled, normal: { ...compiled.normal, guards } }, candidate);
  if (verdict.kind === "refused") return [];
  const { state: after } = verdict;
  const idle: Candidate = { state: after, write: { op: "update", table: CONTEXT_TABLE, key: { id: 1n }, set: {} } };
  const scene: Scene = { compiled, candidate: idle, roots: actorRoot(compiled, idle) };
  return rowsAfter(scene, guard.table)
    .map(({ place }): Scene => ({ ...scene, roots: { ...scene.roots, new: place, old: place } }))
    .filter((each) => !passes(each, guard))
    .slice(0, BEAM)
    .flatMap((each) => mended(each, guard).slice(0, BEAM))
    .map((each) => ({
      ...candidate,
      state: transferred(compiled.catalogue, { after, edited: each.candidate.state, before: candidate.state }),
    }));
}

/** The same: the rows of the table it wrote are mended as they are, or taken out of its way. */
function proposalsWithin(compiled: Compiled, candidate: Candidate, guard: Guard): readonly Candidate[] {
  const scene: Scene = { compiled, candidate, roots: actorRoot(compiled, candidate) };
  const rows = rowsAfter(scene, guard.table).slice(0, 6);
  const bound = rows.map(({ place }): Scene => ({ ...scene, roots: { ...scene.roots, new: place, old: place } }));
  const broken = bound.filter((each) => !passes(each, guard));
  const without = (each: Scene): readonly Scene[] => {
    const { new: place } = each.roots;
    const candidateWithout = place === undefined ? null : removeRow(scene, place);
    return candidateWithout === null ? [] : [{ ...scene, candidate: candidateWithout }];
  };
  return [
    ...broken.flatMap((each) => [...without(each), ...mended(each, guard).slice(0, 2)]),
    ...bound.filter((each) => !broken.includes(each)).flatMap(without),
  ].map((each) => each.candidate);
}

function rankOf({ normal }: Compiled, rule: string): number {
  return normal.guards.findIndex(({ id }) => id === rule);
}
