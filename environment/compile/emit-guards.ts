/** Guards as SQL: one BEFORE trigger a table and event, one CASE whose branches stand in the order of the normal form. */
import { type Catalogue, type CatalogueTable, columnOf, tableOf } from "../core/catalogue.js";
import { emitExpression, type LookUp, type SqlScope } from "../core/emit-expression.js";
import { emitApart, emitShared, type Statement } from "./look-ups.js";
import { quoteIdentifier as quote, quoteLiteral } from "../core/identifier.js";
import { oncePer } from "../core/memo.js";
import { isIn } from "./kinds/lowering.js";
import { inMove } from "./kinds/draft.js";
import type { ElsewhereEvent, Guard, GuardEvent, NormalForm } from "./normal-form.js";
import { path, walk } from "../core/walk-expression.js";

/** A write that fires triggers. */
export type WriteOp = "insert" | "update";

/** What the triggers of one table and event are written from. */
export interface TriggerSite {
  readonly catalogue: Catalogue;
  readonly normal: NormalForm;
  readonly table: CatalogueTable;
  readonly op: WriteOp;
  /** Rows that the statement being written looks up once. */
  readonly lookUp?: LookUp;
}

/** The BEFORE triggers of a table: insert, update, and delete, which is always refused. */
export function emitGuards(catalogue: Catalogue, normal: NormalForm, table: CatalogueTable): readonly string[] {
  const writes = (["insert", "update"] as const).flatMap((op) => emitBefore({ catalogue, normal, table, op }));
  const noDelete = normal.guards.filter((guard) => guard.table === table.name && guard.events.some(({ kind }) => kind === "delete"));
  const deletes = noDelete.map(
    ({ id }) =>
      `CREATE TRIGGER ${quote(`${table.name}_before_delete`)} BEFORE DELETE ON ${quote(table.name)} BEGIN\n  SELECT RAISE(ABORT, ${quoteLiteral(id)});\nEND`,
  );
  return [...writes, ...deletes];
}

function emitBefore(site: TriggerSite): readonly string[] {
  const { table, op } = site;
  const { text: branches, from } = branchesBefore(site);
  if (branches.length === 0) return [];
  const passes = op === "update" ? emitMarkPass(table) : [];
  return [
    `CREATE TRIGGER ${quote(`${table.name}_before_${op}`)} BEFORE ${op.toUpperCase()} ON ${quote(table.name)} BEGIN\n  SELECT CASE\n    ${[...passes, ...branches].join("\n    ")}\n  END${from};\nEND`,
  ];
}

/** The branches of a BEFORE trigger, and the rows that it joins for them. */
export function branchesBefore(site: TriggerSite): Statement {
  const { normal, table } = site;
  const guards = normal.guards.filter((guard) => isJudgedHere(guard, table));
  const write = (lookUp: LookUp) =>
    guards.flatMap((guard) => [...emitOwn({ ...site, lookUp }, guard), ...emitElsewhere({ ...site, lookUp }, guard, "before")]);
  return guards.some(isCustom) ? emitApart(write) : emitShared(write);
}

/** SQL of the sheet's own may name columns without their table: it must see none but its own tables'. */
function isCustom({ when, must }: Guard): boolean {
  return [...(when === null ? [] : walk(when)), ...walk(must)].some(({ kind }) => kind === "sql");
}

function isJudgedHere({ table, events }: Guard, { name }: CatalogueTable): boolean {
  return table === name || events.some((event) => event.kind === "elsewhere" && event.table === name);
}

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
export function emitOwn(site: TriggerSite, guard: Guard): readonly string[] {
  if (guard.table !== site.table.name) return [];
  const event = emitEvents(site, guard.events);
  return event === null ? [] : [branch([...event, ...emitViolation(guard, site.table, ownScope(site))], guard)];
}

/** The conditions under which one of the events is at hand; none: always; null: never at this kind of write. */
export function emitEvents({ table, op, ...site }: TriggerSite, events: readonly GuardEvent[]): readonly string[] | null {
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
export function emitElsewhere(site: TriggerSite, guard: Guard, phase: "before" | "settled"): readonly string[] {
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
export function emitElsewhereDue(site: TriggerSite, guard: Guard, { isSkipped, columns, from }: DueWrite): readonly string[] {
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
        ...(event.concerned === null ? [] : [emitExpression(event.concerned, inner)]),
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

/** The row at hand is due for what the client wrote too, which is judged in its place: what the effect did to it shows against NEW. */
function emitNotOwn({ key }: CatalogueTable, { on, columns }: ElsewhereEvent): string {
  const differs = (names: readonly string[]) => names.map((name) => `"due".${quote(name)} IS NOT NEW.${quote(name)}`).join(" OR ");
  return `(${differs(on === "insert" ? key : [...key, ...columns])})`;
}

function elsewhereAt({ table, op }: TriggerSite, guard: Guard, phase: "before" | "settled"): readonly ElsewhereEvent[] {
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
export function ownScope({ catalogue, normal, table, op, lookUp = () => false }: TriggerSite): SqlScope {
  const causes = causesOf(normal.effects);
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
