/** Effects as SQL: one AFTER trigger a table and event: the key's check, counters, effects in order, settled guards, the mark. */
import { type CatalogueTable, tableOf } from "../core/catalogue.js";
import { consequencesOf, standsIn, writtenBy } from "./effect-graph.js";
import {
  type DueWrite,
  emitBreach,
  emitChanged,
  emitElsewhere,
  emitElsewhereDue,
  emitEvents,
  emitViolation,
  ownScope,
  type TriggerSite,
} from "./emit-guards.js";
import { emitExpression, emitPending, emitSql, type SqlScope } from "../core/emit-expression.js";
import type { Expression } from "../core/expression.js";
import { quoteIdentifier as quote, quoteLiteral } from "../core/identifier.js";
import { eligibilityEvents, isEligibilityGuard } from "./eligibility.js";
import type { CounterEffect, CounterSource, Effect, GuardEvent, SetEffect, SpawnEffect } from "./normal-form.js";

/** The AFTER trigger of a table and event; none where nothing is to be done. */
export function emitEffects(site: TriggerSite): readonly string[] {
  const { normal, table, op } = site;
  const effects = normal.effects.filter((effect) => standsIn(effect, table.name, op));
  const settled = normal.guards.flatMap((guard) => emitElsewhere(site, guard, "settled"));
  const statements = [
    ...emitCreated(site),
    ...effects.filter((effect) => effect.kind === "counter").flatMap((effect) => emitStatements(site, effect)),
    ...effects.filter((effect) => effect.kind !== "counter").flatMap((effect) => emitStatements(site, effect)),
    ...(settled.length === 0 ? [] : [`SELECT CASE ${settled.join(" ")} END`]),
    ...emitMark(site),
  ];
  const watched = watchedColumns(site, effects);
  if (statements.length === 0 || (op === "update" && watched.length === 0)) return [];
  const when = op === "update" ? ` WHEN ${emitChanged(watched)}` : "";
  return [
    `CREATE TRIGGER ${quote(`${table.name}_after_${op}`)} AFTER ${op.toUpperCase()} ON ${quote(table.name)}${when} BEGIN\n${statements.map((statement) => `  ${statement};\n`).join("")}END`,
  ];
}

/** The columns whose change the AFTER UPDATE trigger has anything to do with. */
function watchedColumns({ normal, table, op }: TriggerSite, effects: readonly Effect[]): readonly string[] {
  const state = table.states === null ? [] : [table.states.column];
  const read = effects.flatMap((effect) => {
    if (effect.kind === "counter") return effect.sources.flatMap((source) => (source.table === table.name ? source.columns : []));
    return effect.events.flatMap((event) => (event.kind === "change" ? event.columns : event.kind === "move" ? state : []));
  });
  const settled = normal.guards.flatMap(({ events }) =>
    events.flatMap((event) =>
      event.kind === "elsewhere" && event.settled && event.table === table.name && event.on === op ? event.columns : [],
    ),
  );
  return [...new Set([...read, ...settled, ...table.marks.flatMap(({ of }) => of ?? [])])];
}

function emitCreated(site: TriggerSite): readonly string[] {
  if (site.op === "update") return [];
  const guards = site.normal.guards.filter(
    (guard) => guard.table === site.table.name && guard.events.some(({ kind }) => kind === "created"),
  );
  return guards.map(
    (guard) =>
      `SELECT CASE WHEN ${emitViolation(guard, site.table, afterScope(site)).join(" AND ")} THEN RAISE(ABORT, ${quoteLiteral(guard.id)}) END`,
  );
}

/** In an AFTER trigger the tables are as they are. */
function afterScope(site: TriggerSite): SqlScope {
  return { ...ownScope(site), overlay: null };
}

/** An effect's statement and what must be written out after it. */
function emitStatements(site: TriggerSite, effect: Effect): readonly string[] {
  return [...emitStatement(site, effect), ...emitConsequences(site, effect)];
}

function emitStatement(site: TriggerSite, effect: Effect): readonly string[] {
  if (effect.kind === "counter") return [emitCounter(site, effect)];
  const event = emitEvents(site, effect.events);
  if (event === null) return [];
  const when = effect.when === null ? [] : [`${emitExpression(effect.when, afterScope(site))} IS NOT FALSE`];
  const terms = [...event, ...when];
  switch (effect.kind) {
    case "spawn":
      return [emitSpawn(site, effect, terms)];
    case "custom_effect":
      return [emitSql(effect.sql, afterScope(site), terms.length === 0 ? "TRUE" : `(${terms.join(" AND ")})`)];
    default:
      return [emitSet(site, effect, terms)];
  }
}

function emitCounter(site: TriggerSite, effect: CounterEffect): string {
  const { written, scope } = counterScope(site, effect);
  const terms = effect.sources
    .filter((source) => source.table === site.table.name && (site.op === "insert" ? source.insert : source.columns.length > 0))
    .map(({ columns, concerned }) => [
      ...(site.op === "update" ? [emitChanged(columns)] : []),
      ...(concerned === null ? [] : [emitExpression(concernedBy(concerned, site.op), { ...scope, roots: { ...scope.roots, ...written } })]),
    ]);
  const isAll = terms.some((list) => list.length === 0);
  return emitRecount(effect, scope, isAll ? [] : [`(${terms.map((list) => list.join(" AND ")).join(" OR ")})`]);
}

/** Before an insert there is no row that an owner could be named by; compared with NULL, it would keep SQLite from one look-up. */
function concernedBy(concerned: Expression, op: TriggerSite["op"]): Expression {
  if (op === "update" || concerned.kind !== "or") return concerned;
  const isBefore = (side: Expression) => side.kind === "path" && side.root === "before";
  const [first, ...rest] = concerned.operands.filter((term) => term.kind !== "compare" || !(isBefore(term.left) || isBefore(term.right)));
  return first === undefined ? concerned : rest.length === 0 ? first : { kind: "or", operands: [first, ...rest] };
}

function counterScope(site: TriggerSite, effect: CounterEffect): { readonly scope: SqlScope; readonly written: SqlScope["roots"] } {
  const base = afterScope(site);
  const { new: row, old } = base.roots;
  return {
    scope: { ...base, roots: { owner: { kind: "row", table: effect.table, qualifier: `${quote(effect.table)}.` } } },
    written: { ...(row && { written: row }), ...(old && { before: old }) },
  };
}

function emitRecount({ table, column, value }: CounterEffect, scope: SqlScope, terms: readonly string[]): string {
  const count = emitExpression(value, scope);
  return `UPDATE ${quote(table)} SET ${quote(column)} = ${count} WHERE ${[...terms, `${quote(table)}.${quote(column)} IS NOT ${count}`].join(" AND ")}`;
}

function emitSet(site: TriggerSite, effect: SetEffect, terms: readonly string[]): string {
  const target = tableOf(site.catalogue, effect.rows.table);
  const base = afterScope(site);
  const scope: SqlScope = {
    ...base,
    depth: 1,
    roots: { ...base.roots, [effect.rows.variable]: { kind: "row", table: target.name, qualifier: '"row".' } },
  };
  const where = [
    ...terms,
    ...(effect.rows.where === null ? [] : [emitExpression(effect.rows.where, scope)]),
    ...(effect.pick?.eligible === true ? [emitEligible(site, effect, target, scope)] : []),
  ];
  const sets = Object.entries(effect.set);
  const values = [
    ...target.key.map((name, index) => `"row".${quote(name)} AS "key${index}"`),
    ...sets.map(([, value], index) => `${emitExpression(value, scope)} AS "set${index}"`),
  ];
  const order =
    effect.pick === null
      ? ""
      : ` ORDER BY ${[...effect.pick.order, ...target.key].map((name) => `"row".${quote(name)}`).join(", ")} LIMIT ${effect.pick.take}`;
  const picked = `SELECT ${values.join(", ")} FROM ${quote(target.name)} AS "row"${where.length === 0 ? "" : ` WHERE ${where.join(" AND ")}`}${order}`;
  const assignments = sets.map(([name], index) => `${quote(name)} = "picked"."set${index}"`).join(", ");
  const join = target.key.map((name, index) => `${quote(target.name)}.${quote(name)} = "picked"."key${index}"`).join(" AND ");
  return `UPDATE ${quote(target.name)} SET ${assignments} FROM (${picked}) AS "picked" WHERE ${join}`;
}

/** The row, as the effect would leave it, breaks no rule of its table. */
function emitEligible(site: TriggerSite, effect: SetEffect, target: CatalogueTable, scope: SqlScope): string {
  const columns = target.columns.map(({ name, insert }) => {
    const value = insert.kind === "derived" ? insert.expression : effect.set[name];
    return `${value === undefined ? `"row".${quote(name)}` : emitExpression(value, insert.kind === "derived" ? { ...scope, roots: { new: { kind: "row", table: target.name, qualifier: '"row".' } } } : scope)} AS ${quote(name)}`;
  });
  const row = scope.roots[effect.rows.variable];
  const candidate: SqlScope = {
    ...scope,
    depth: 2,
    overlay: { table: target.name, qualifier: '"candidate".' },
    roots: { new: { kind: "row", table: target.name, qualifier: '"candidate".' }, ...(row && { old: row }) },
  };
  const elsewhere: SqlScope = {
    ...candidate,
    roots: { written: candidate.roots["new"] ?? { kind: "absent", table: target.name }, ...(row && { before: row }) },
  };
  const passes = site.normal.guards.flatMap((guard) => {
    const own = isEligibilityGuard(guard, target.name) ? emitCandidateEvents(guard.events, { target, effect }, candidate) : null;
    const others = eligibilityEvents(guard, target.name).flatMap((event) => {
      const changed = emitCandidateEvents([{ kind: "change", columns: event.columns }], { target, effect }, candidate);
      return changed === null ? [] : [`NOT (${changed} AND ${emitBreach(guard, event, elsewhere, '"candidate".')})`];
    });
    return [...(own === null ? [] : [`NOT (${[own, ...emitViolation(guard, target, candidate)].join(" AND ")})`]), ...others];
  });
  return `EXISTS (SELECT 1 FROM (SELECT ${columns.join(", ")}) AS "candidate" WHERE ${passes.length === 0 ? "TRUE" : passes.join(" AND ")})`;
}

/** The condition that the effect's write is one of these events; null where it never is. */
function emitCandidateEvents(
  events: readonly GuardEvent[],
  { target: { states, columns }, effect }: { readonly target: CatalogueTable; readonly effect: SetEffect },
  scope: SqlScope,
): string | null {
  const isSet = (name: string) => name in effect.set || columns.some((column) => column.name === name && column.insert.kind === "derived");
  const terms = events.flatMap((event): Expression[] => {
    if (event.kind === "update") return [{ kind: "literal", value: true }];
    if (event.kind === "change")
      return event.columns.filter(isSet).map(
        (name): Expression => ({
          kind: "not",
          operand: {
            kind: "same",
            left: { kind: "path", root: "new", steps: [name] },
            right: { kind: "path", root: "old", steps: [name] },
          },
        }),
      );
    if (event.kind !== "move" || states === null) return [];
    const isState = (root: string, value: string): Expression => ({
      kind: "compare",
      op: "=",
      left: { kind: "path", root, steps: [states.column] },
      right: { kind: "literal", value },
    });
    return [{ kind: "and", operands: [isState("old", event.from), isState("new", event.to)] }];
  });
  return terms.length === 0 ? null : `(${terms.map((term) => emitExpression(term, scope)).join(" OR ")})`;
}

function emitSpawn(site: TriggerSite, { into, each, values }: SpawnEffect, terms: readonly string[]): string {
  const base = afterScope(site);
  const scope: SqlScope =
    each === null
      ? base
      : { ...base, depth: 1, roots: { ...base.roots, [each.variable]: { kind: "row", table: each.table, qualifier: '"row".' } } };
  const where = [...terms, ...(each === null || each.where === null ? [] : [emitExpression(each.where, scope)])];
  const from = each === null ? "" : ` FROM ${quote(each.table)} AS "row"`;
  const order =
    each === null
      ? ""
      : ` ORDER BY ${tableOf(site.catalogue, each.table)
          .key.map((name) => `"row".${quote(name)}`)
          .join(", ")}`;
  const columns = Object.keys(values);
  const selected = Object.values(values).map((value) => emitExpression(value, scope));
  return `INSERT INTO ${quote(into)} (${columns.map(quote).join(", ")}) SELECT ${selected.join(", ")}${from}${where.length === 0 ? "" : ` WHERE ${where.join(" AND ")}`}${order}`;
}

/** What a trigger which may be running already would have seen to: counters, guards judged after it, marks. Where it does run, these change nothing. */
function emitConsequences(site: TriggerSite, effect: Effect): readonly string[] {
  const { counters, marks } = consequencesOf(effect, site.normal.effects, site.catalogue);
  const { table, on, columns } = writtenBy(effect);
  const target = tableOf(site.catalogue, table);
  const recounts = counters.flatMap((counter) => [
    emitDueRecount(site, counter, { target, effect, marks: marks ? "marked" : "unmarked" }),
    ...emitConsequences(site, counter),
  ]);
  if (!marks) return recounts;
  const isSkipped = (qualifier: string) => emitSkipped(site, target, qualifier);
  const due: DueWrite = { isSkipped, columns: Object.keys(columns), from: table === site.table.name ? "same table" : "other table" };
  const settled = site.normal.guards.flatMap((guard) => emitElsewhereDue({ ...site, table: target, op: on }, guard, due));
  const judged = settled.length === 0 ? [] : [`SELECT CASE ${settled.join(" ")} END`];
  return [...recounts, ...judged, `UPDATE ${quote(table)} SET ${emitMarkSets(target)} WHERE ${isSkipped("")}`];
}

interface DueRows {
  readonly target: CatalogueTable;
  readonly effect: Effect;
  readonly marks: "marked" | "unmarked";
}

/** The counter, recounted for the owners of rows whose mark is missing; of all owners where that does not name them. */
function emitDueRecount(site: TriggerSite, counter: CounterEffect, { target, effect, marks }: DueRows): string {
  const { scope } = counterScope(site, counter);
  const sources = counter.sources.filter(({ table }) => table === target.name);
  const links = sources.map((source) => linkOf(source));
  const written = writtenBy(effect).columns;
  const isNamed = marks === "marked" && links.every((link) => link !== null && !(link.column in written));
  const terms = isNamed
    ? links.map(
        (link) =>
          `${quote(counter.table)}.${quote(link?.owner ?? "")} IN (SELECT ${quote(link?.column ?? "")} FROM ${quote(target.name)} WHERE ${emitPending(target, "")})`,
      )
    : [];
  return emitRecount(counter, scope, terms.length === 0 ? [] : [`(${terms.join(" OR ")})`]);
}

/** The one column by which a written row names its owner, where there is one. */
function linkOf({ concerned }: CounterSource): { readonly owner: string; readonly column: string } | null {
  const [term] = concerned?.kind === "or" ? concerned.operands : [];
  if (term?.kind !== "compare" || term.left.kind !== "path" || term.right.kind !== "path") return null;
  const [owner, column] = [term.left.steps[0], term.right.steps[0]];
  return owner === undefined || column === undefined ? null : { owner, column };
}

/** The condition that a row is due and has no effect to wait for: an effect of a running trigger wrote it. */
function emitSkipped(site: TriggerSite, target: CatalogueTable, qualifier: string): string {
  const [base] = target.marks;
  const mark = qualifier + quote(base?.column ?? "");
  const acts = site.normal.effects.filter((effect) => effect.kind !== "counter" && effect.table === target.name);
  const waiting = acts.flatMap((effect) =>
    (effect.kind === "counter" ? [] : effect.events).map((event) => {
      if (event.kind === "create") return `${mark} IS NULL`;
      if (event.kind === "move")
        return `(${mark} = ${quoteLiteral(event.from)} AND ${qualifier}${quote(base?.of ?? "")} = ${quoteLiteral(event.to)})`;
      const changed = target.marks
        .filter(({ of }) => of !== null && event.columns.includes(of))
        .map(({ column, of }) => `${qualifier}${quote(column)} IS NOT ${qualifier}${quote(of ?? "")}`);
      return `(${mark} IS NOT NULL AND (${changed.join(" OR ")}))`;
    }),
  );
  return `${emitPending(target, qualifier)} AND (${[...new Set(waiting)].join(" OR ")}) IS NOT TRUE`;
}

/** A row that was due before it was changed has its mark from the trigger that is at work on it still, once that has done everything. */
function emitMark({ table, op }: TriggerSite): readonly string[] {
  if (table.marks.length === 0) return [];
  const isWritten = table.key.map((name) => `${quote(name)} = NEW.${quote(name)}`);
  const terms = [...isWritten, emitPending(table, ""), ...(op === "update" ? [`NOT (${emitPending(table, "OLD.")})`] : [])];
  return [`UPDATE ${quote(table.name)} SET ${emitMarkSets(table)} WHERE ${terms.join(" AND ")}`];
}

function emitMarkSets({ marks }: CatalogueTable): string {
  return marks.map(({ column, of }) => `${quote(column)} = ${of === null ? "'created'" : quote(of)}`).join(", ");
}
