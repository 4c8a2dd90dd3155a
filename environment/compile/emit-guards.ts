/** Guards as SQL: one BEFORE trigger a table and event, one CASE whose branches stand in the order of the normal form. */
import { type Catalogue, type CatalogueTable, columnOf, tableOf } from "../core/catalogue.js";
import { emitExpression, type LookUp, type SqlScope } from "../core/emit-expression.js";
import { askedIn, joinShared } from "./look-ups.js";
import { quoteIdentifier as quote, quoteLiteral } from "../core/identifier.js";
import { keptFor, type Sources } from "../core/kept.js";
import { oncePer } from "../core/memo.js";
import { guardsAt } from "./guards-at.js";
import { isIn } from "./kinds/lowering.js";
import { inMove } from "./kinds/draft.js";
import type { ElsewhereEvent, Guard, GuardEvent, NormalForm } from "./normal-form.js";
import { conjunctsOf, path, pathsIn, walk } from "../core/walk-expression.js";

/** A write that fires triggers. */
export type WriteOp = "insert" | "update";

/** What a guard's branches in the triggers of one table and event are written from. */
export interface GuardSite {
  readonly catalogue: Catalogue;
  /** The table whose write sets each effect off. */
  readonly causes: SqlScope["causes"];
  readonly table: CatalogueTable;
  readonly op: WriteOp;
  /** Rows that the statement being written looks up once. */
  readonly lookUp?: LookUp;
}

/** What the triggers of one table and event are written from. */
export interface TriggerSite extends GuardSite {
  readonly normal: NormalForm;
}

/** The place of the triggers of a table and event. */
export function siteOf({ catalogue, normal }: Pick<TriggerSite, "catalogue" | "normal">, table: CatalogueTable, op: WriteOp): TriggerSite {
  return { catalogue, normal, causes: causesOf(normal.effects), table, op };
}

/** The BEFORE triggers of a table: insert, update, and delete, which is always refused. */
export function emitGuards(catalogue: Catalogue, normal: NormalForm, table: CatalogueTable): readonly string[] {
  const writes = (["insert", "update"] as const).flatMap((op) => emitBefore(siteOf({ catalogue, normal }, table, op)));
  const noDelete = guardsAt(normal, table.name).filter(
    (guard) => guard.table === table.name && guard.events.some(({ kind }) => kind === "delete"),
  );
  const deletes = noDelete.map(
    ({ id }) =>
      `CREATE TRIGGER ${quote(`${table.name}_before_delete`)} BEFORE DELETE ON ${quote(table.name)} BEGIN\n  SELECT RAISE(ABORT, ${quoteLiteral(id)});\nEND`,
  );
  return [...writes, ...deletes];
}

/** Whether a guard has a say in the BEFORE trigger of a table and event. */
export function isJudgedAt({ table: own, events }: Guard, table: string, op: WriteOp): boolean {
  return events.some((event) => {
    if (event.kind === "elsewhere") return event.table === table && event.on === op && !event.settled;
    if (event.kind === "created" || event.kind === "delete") return false;
    return own === table && (event.kind === "create") === (op === "insert");
  });
}

/** The BEFORE trigger of a table and event; none where no guard has a say. */
export function emitBefore({ catalogue, causes, normal, table, op }: TriggerSite): readonly string[] {
  const guards = guardsAt(normal, table.name);
  const judged = guards.filter((guard) => isJudgedAt(guard, table.name, op));
  const slots = (op === "update" ? reachable(judged, table) : judged).map((guard) => slotOf(guard, table, op));
  const apart = sourcesOf(catalogue, causes, "");
  const asked = guards.some(isCustom) ? [] : slots.flatMap((slot) => askedBy(slot, apart));
  const { names, from } = joinShared(asked);
  const sources = sourcesOf(catalogue, causes, names.join(" "));
  const branches = slots.flatMap((slot) => branchesOf(slot, sources));
  if (branches.length === 0) return [];
  const passes = op === "update" ? emitMarkPass(table) : [];
  return [
    `CREATE TRIGGER ${quote(`${table.name}_before_${op}`)} BEFORE ${op.toUpperCase()} ON ${quote(table.name)} BEGIN\n  SELECT CASE\n    ${[...passes, ...branches].join("\n    ")}\n  END${from};\nEND`,
  ];
}

/** The guards without those that are about a change of columns alone which one before them refuses in any case. */
function reachable(judged: readonly Guard[], { name: table }: CatalogueTable): readonly Guard[] {
  const held = new Set<string>();
  return judged.filter((guard) => {
    const isReached = guard.table !== table || guard.events.some((event) => mayBeAtHand(event, held));
    if (guard.table === table) for (const column of heldBy(guard)) held.add(column);
    return isReached;
  });
}

/** Whether an update can be this event while these columns are as they were. */
function mayBeAtHand(event: GuardEvent, held: ReadonlySet<string>): boolean {
  if (event.kind === "change") return !event.columns.every((column) => held.has(column));
  return event.kind === "update" || event.kind === "move" || event.kind === "elsewhere";
}

/** The columns that a guard lets no update change. */
const heldBy = oncePer(({ events, states, when, must }: Guard): readonly string[] => {
  if (when !== null || states !== null || !events.some(({ kind }) => kind === "update")) return [];
  return conjunctsOf(must).flatMap((term) => {
    if (term.kind !== "same" || term.left.kind !== "path" || term.right.kind !== "path") return [];
    const [{ root, steps }, before] = [term.left, term.right];
    const isOwn = root === "new" && before.root === "old" && steps.length === 1 && before.steps.length === 1;
    return isOwn && steps[0] !== undefined && steps[0] === before.steps[0] ? [steps[0]] : [];
  });
});

/** A guard in the BEFORE trigger of a table and event; what is written there is kept for sheets that share the guard. */
interface Slot {
  readonly guard: Guard;
  readonly table: string;
  readonly op: WriteOp;
}

const slotsOf = oncePer((_: Guard) => new Map<string, Slot>());

function slotOf(guard: Guard, { name }: CatalogueTable, op: WriteOp): Slot {
  const slots = slotsOf(guard);
  const slot = slots.get(`${op} ${name}`) ?? { guard, table: name, op };
  slots.set(`${op} ${name}`, slot);
  return slot;
}

type Frame = Omit<Catalogue, "tables">;

/** What branches are written from; `joined` are the names of the rows that the statement joins, parted by blanks. */
type SlotSources = Sources<readonly [frame: Frame, causes: SqlScope["causes"], joined: string], CatalogueTable>;

/** The same object for the same catalogue, causes and rows: by that it is told at once that nothing changed. */
function sourcesOf(catalogue: Catalogue, causes: SqlScope["causes"], joined: string): SlotSources {
  const known = sourcesWithin(catalogue);
  const found = known.get(causes) ?? new Map<string, SlotSources>();
  known.set(causes, found);
  const { tables: parts, ...frame } = catalogue;
  const sources: SlotSources = found.get(joined) ?? { given: [frame, causes, joined], parts };
  found.set(joined, sources);
  return sources;
}

const sourcesWithin = oncePer((_: Catalogue) => new WeakMap<SqlScope["causes"], Map<string, SlotSources>>());

const askedBy = keptFor((slot: Slot, sources: SlotSources) => askedIn((lookUp) => writeSlot(slot, sources, lookUp)));

const branchesOf = keptFor((slot: Slot, sources: SlotSources) => {
  const joined = new Set(sources.given[2].split(" "));
  return writeSlot(slot, sources, ({ name }) => joined.has(name));
});

function writeSlot({ guard, table, op }: Slot, { given: [frame, causes], parts }: SlotSources, lookUp: LookUp): readonly string[] {
  const catalogue = { ...frame, tables: parts };
  const site = { catalogue, causes, table: tableOf(catalogue, table), op, lookUp };
  return [...emitOwn(site, guard), ...emitElsewhere(site, guard, "before")];
}

/** SQL of the sheet's own may name columns without their table: it must see none but its own tables'. */
const isCustom = oncePer(({ when, must }: Guard): boolean =>
  [...(when === null ? [] : walk(when)), ...walk(must)].some(({ kind }) => kind === "sql"),
);

/** The write that marks a row's effects as run changes nothing else and needs no other guard. */
function emitMarkPass({ marks, columns }: CatalogueTable): readonly string[] {
  if (marks.length === 0) return [];
  const others = columns
    .filter(({ update }) => update.by !== "mark" && update.by !== "derived")
    .map(({ name }) => `NEW.${quote(name)} IS OLD.${quote(name)}`);
  const run = marks.map(({ column, of }) => `NEW.${quote(column)} IS ${of === null ? "'created'" : `NEW.${quote(of)}`}`);
  const changed = marks.map(({ column }) => `NEW.${quote(column)} IS NOT OLD.${quote(column)}`);
  return [`WHEN (${changed.join(" OR ")}) AND ${[...run, ...others].join(" AND ")} THEN NULL`];
}

/** The branch for writes of the guard's own table. */
function emitOwn(site: GuardSite, guard: Guard): readonly string[] {
  if (guard.table !== site.table.name) return [];
  const event = emitEvents(site, guard.events);
  return event === null ? [] : [branch([...event, ...emitViolation(guard, site.table, ownScope(site))], guard)];
}

/** The conditions under which one of the events is at hand; none: always; null: never at this kind of write. */
export function emitEvents({ table, op, ...site }: GuardSite, events: readonly GuardEvent[]): readonly string[] | null {
  const scope = ownScope({ table, op, ...site });
  const terms = events.flatMap((event): string[] => {
    switch (event.kind) {
      case "create":
        return op === "insert" ? ["TRUE"] : [];
      case "update":
        return op === "update" ? ["TRUE"] : [];
      case "move":
        return op === "update" ? [emitExpression(inMove(table, `${event.from}>${event.to}`), scope)] : [];
      case "change":
        return op === "update" ? [emitChanged(event.columns)] : [];
      case "created":
      case "delete":
      case "elsewhere":
        return [];
    }
  });
  if (terms.length === 0) return null;
  if (terms.includes("TRUE")) return [];
  return [terms.length === 1 ? (terms[0] ?? "") : `(${terms.join(" OR ")})`];
}

/** The condition that one of these columns changed. */
export function emitChanged(columns: readonly string[]): string {
  if (columns.length === 0) return "FALSE";
  return `(${columns.map((name) => `NEW.${quote(name)} IS NOT OLD.${quote(name)}`).join(" OR ")})`;
}

/** The conditions that together say that a row (`new` in the scope) breaks a guard. */
export function emitViolation(guard: Guard, table: CatalogueTable, scope: SqlScope): readonly string[] {
  const inStates =
    guard.states === null || table.states === null ? [] : [emitExpression(isIn(path("new", table.states.column), guard.states), scope)];
  const when = guard.when === null ? [] : [`${emitExpression(guard.when, scope)} IS NOT FALSE`];
  const isNever = guard.must.kind === "literal" && guard.must.value === false;
  return [...inStates, ...when, ...(isNever ? [] : [`${emitExpression(guard.must, scope)} IS NOT TRUE`])];
}

/** The branches for writes of this table that may break a guard for other rows, judged before the write or after its effects. */
export function emitElsewhere(site: GuardSite, guard: Guard, phase: "before" | "settled"): readonly string[] {
  const events = elsewhereAt(site, guard, phase);
  if (events.length === 0) return [];
  const base = ownScope(site);
  const { new: written, old: before } = base.roots;
  const scope: SqlScope = {
    ...base,
    overlay: phase === "before" ? base.overlay : null,
    roots: { ...(written && { written }), ...(before && { before }) },
  };
  return events.map((event) =>
    branch([...(event.on === "update" ? [emitChanged(event.columns)] : []), emitBreach(guard, event, scope, "NEW.")], guard),
  );
}

/** The condition that a row other than the one written (by its qualifier, in the scope `written`) breaks a guard. */
export function emitBreach(guard: Guard, { table, concerned }: ElsewhereEvent, scope: SqlScope, qualifier: string): string {
  const { key } = tableOf(scope.catalogue, table);
  const others =
    guard.table === table ? [`NOT (${key.map((name) => `"judged".${quote(name)} IS ${qualifier}${quote(name)}`).join(" AND ")})`] : [];
  return emitJudged(guard, scope, (inner) => [...others, ...(concerned === null ? [] : [emitExpression(concerned, inner)])]);
}

/** What an effect wrote in a trigger whose table it is, or of a table whose trigger may be running. */
export interface DueWrite {
  /** The condition that a row (by its qualifier) is due and waits for no effect of its own: its trigger did not fire. */
  readonly isSkipped: (qualifier: string) => string;
  /** The columns that the effect sets. */
  readonly columns: readonly string[];
  /** Whether the trigger at hand is of the same table, so that its own row is due as well. */
  readonly from: "same table" | "other table";
}

/** The same for rows of this table that an effect wrote and whose trigger did not fire (see `emit-effects.ts`). */
export function emitElsewhereDue(site: GuardSite, guard: Guard, { isSkipped, columns, from }: DueWrite): readonly string[] {
  const due = { kind: "row", table: site.table.name, qualifier: '"due".' } as const;
  const scope: SqlScope = { ...ownScope(site), overlay: null, roots: { written: due, before: { kind: "absent", table: site.table.name } } };
  const isSet = (name: string) => columns.includes(name) || columnOf(site.table, name).insert.kind === "derived";
  return elsewhereAt(site, guard, "settled")
    .filter((event) => event.on === "insert" || event.columns.some(isSet))
    .map((event) => {
      const own = from === "same table" ? [emitNotOwn(site.table, event)] : [];
      const terms = (inner: SqlScope) => [
        isSkipped(due.qualifier),
        ...own,
        ...(event.concerned === null || isMovedFrom(event, isSet) ? [] : [emitExpression(event.concerned, inner)]),
      ];
      return branch(
        [
          emitJudged(guard, scope, (inner) => [
            `EXISTS (SELECT 1 FROM ${quote(site.table.name)} AS "due" WHERE ${terms(inner).join(" AND ")})`,
          ]),
        ],
        guard,
      );
    });
}

/** Whether whom a write concerns is told by what the row was before, and an effect may have set that: then nothing names them any more, and it may be any. */
function isMovedFrom({ on, concerned }: ElsewhereEvent, isSet: (column: string) => boolean): boolean {
  if (on === "insert" || concerned === null) return false;
  return pathsIn(concerned).some(({ root, steps: [column] }) => root === "before" && column !== undefined && isSet(column));
}

/** The row at hand is due for what the client wrote too, which is judged in its place: what the effect did to it shows against NEW. */
function emitNotOwn({ key }: CatalogueTable, { on, columns }: ElsewhereEvent): string {
  const differs = (names: readonly string[]) => names.map((name) => `"due".${quote(name)} IS NOT NEW.${quote(name)}`).join(" OR ");
  return `(${differs(on === "insert" ? key : [...key, ...columns])})`;
}

function elsewhereAt({ table, op }: GuardSite, guard: Guard, phase: "before" | "settled"): readonly ElsewhereEvent[] {
  return guard.events.filter(
    (event): event is ElsewhereEvent =>
      event.kind === "elsewhere" && event.table === table.name && event.on === op && event.settled === (phase === "settled"),
  );
}

/** There is a row of the guard's table, limited by these terms, that breaks it. */
function emitJudged(guard: Guard, scope: SqlScope, limits: (scope: SqlScope) => readonly string[]): string {
  const target = tableOf(scope.catalogue, guard.table);
  const inner: SqlScope = { ...scope, roots: { ...scope.roots, new: { kind: "row", table: target.name, qualifier: '"judged".' } } };
  return `EXISTS (SELECT 1 FROM ${quote(target.name)} AS "judged" WHERE ${[...limits(inner), ...emitViolation(guard, target, inner)].join(" AND ")})`;
}

function branch(terms: readonly string[], { id }: Guard): string {
  return `WHEN ${terms.length === 0 ? "TRUE" : terms.join(" AND ")} THEN RAISE(ABORT, ${quoteLiteral(id)})`;
}

/** What a trigger's own expressions read: NEW and OLD, and the table as it will be. */
export function ownScope({ catalogue, causes, table, op, lookUp = () => false }: GuardSite): SqlScope {
  const old =
    op === "update" ? ({ kind: "row", table: table.name, qualifier: "OLD." } as const) : ({ kind: "absent", table: table.name } as const);
  return {
    catalogue,
    causes,
    roots: { new: { kind: "row", table: table.name, qualifier: "NEW." }, old },
    overlay: { table: table.name, qualifier: "NEW." },
    depth: 0,
    form: "statement",
    lookUp,
  };
}

/** The table whose write sets each effect off, found once for all guards. */
const causesOf = oncePer((effects: NormalForm["effects"]): SqlScope["causes"] =>
  Object.fromEntries(effects.flatMap((effect) => (effect.kind === "counter" ? [] : [[effect.id, effect.table]]))),
);
