/** Resolves the declarations of a sheet, whose names were checked, into the catalogue: each default is decided here and nowhere else. */
import {
  CONTEXT_TABLE,
  type Catalogue,
  type CatalogueColumn,
  type CatalogueMove,
  type CatalogueTable,
  type InsertSource,
  plainColumn,
  type StateMachine,
  type UpdateRule,
} from "../core/catalogue.js";
import { keptFor, type Sources } from "../core/kept.js";
import { type EffectRule, isAct, isEffectRule, type RuleWrites, writesOf } from "./rule-writes.js";
import type { Column, Move, Sheet, Table } from "./sheet.js";
import { type Errors, parseAt } from "../core/sheet-error.js";
import type { Value } from "../core/values.js";

/** The name of the hidden column that shows whether effects of a row's last event are due; one more per watched column. */
export const MARK = "logigen_mark";

/** What of the sheet a column's defaults depend on. */
interface Setting {
  readonly effects: readonly EffectRule[];
  /** What the effects that are no counters write. */
  readonly writes: readonly ({ readonly rule: string } & Partial<RuleWrites>)[];
  readonly errors: Errors;
  readonly name: string;
  readonly table: Table;
  readonly key: readonly string[];
  readonly surrogate: boolean;
  readonly states: StateMachine | null;
}

/** The catalogue of a sheet. Expressions that do not parse are left out and stand in `errors`. */
export function resolveCatalogue(sheet: Sheet, errors: Errors): Catalogue {
  const effects = sheet.rules.filter(isEffectRule);
  const resolved = Object.entries(sheet.tables).map(
    ([name, table]) => [name, resolveTable(table, { given: [name, effects], parts: sheet.tables })] as const,
  );
  errors.push(...resolved.flatMap(([, { errors: own }]) => own));
  const tables = Object.fromEntries(resolved.map(([name, { table }]) => [name, table]));
  const actor = sheet.actor.mode === "session" ? actorOf(sheet.actor, { given: [], parts: sheet.tables }) : null;
  const context = actor === null ? contextWithoutActor : actorContext(actor, { given: [], parts: tables });
  return { mode: sheet.actor.mode, actor, ladders: sheet.ladders, tables, context };
}

type SessionActor = Extract<Sheet["actor"], { mode: "session" }>;

const actorOf = keptFor(
  (actor: SessionActor, { parts: tables }: Sources<readonly [], Table>): NonNullable<Catalogue["actor"]> => ({
    table: actor.table,
    key: keyOf(tables[actor.table])[0] ?? "",
    evidence: actor.evidence,
    desk: actor.desk ?? null,
  }),
);

const actorContext = keptFor((actor: NonNullable<Catalogue["actor"]>, { parts }: Sources<readonly [], CatalogueTable>) =>
  contextTable(parts, actor),
);

/** The key of a table as a list. */
export function keyOf(table: Table | undefined): readonly string[] {
  if (table === undefined) return [];
  return typeof table.key === "string" ? [table.key] : table.key;
}

/** Whether the database chooses the key: one integer column that is no reference. */
export function hasSurrogate(table: Table): boolean {
  const [first, ...rest] = keyOf(table).map((name) => table.columns[name]);
  return rest.length === 0 && first?.type === "integer" && first.references === undefined;
}

/** All states that a table's declaration names, in the order of their appearance. */
export function statesOf(table: Table): readonly string[] {
  const { states } = table;
  if (states === undefined) return [];
  return [...new Set([states.start, ...states.moves.flatMap(({ from, to }) => [from, to]), ...states.end].flat())];
}

const resolveTable = keptFor(
  (table: Table, { given: [name, effects], parts: tables }: Sources<readonly [string, readonly EffectRule[]], Table>) => {
    const errors: Errors = [];
    const writes = effects.flatMap((rule) => (isAct(rule) ? [{ rule: rule.id, ...writesOf(rule, { tables }) }] : []));
    return { table: tableFrom({ errors, effects, writes, name, table }), errors };
  },
);

function tableFrom({ name, table, ...rest }: Omit<Setting, "key" | "surrogate" | "states">): CatalogueTable {
  const states = resolveStates(rest.errors, name, table);
  const setting: Setting = { ...rest, name, table, key: keyOf(table), surrogate: hasSurrogate(table), states };
  const marks = resolveMarks(rest.effects, name, table);
  const columns = Object.keys(table.columns).flatMap((column) => resolveColumn(setting, column));
  const { live } = table;
  return {
    name,
    label: table.label,
    plural: table.plural,
    layer: table.layer,
    columns: [...columns, ...marks.map(({ column, of }) => markColumn(column, of === null ? undefined : table.columns[of]))],
    key: setting.key,
    surrogate: setting.surrogate,
    rowid: null,
    deferred: false,
    create: table.create === undefined ? null : { by: table.create.by, phrase: table.create.phrase ?? null },
    states,
    live: {
      states: Array.isArray(live) ? live : (live?.states ?? null),
      until: live === undefined || Array.isArray(live) ? null : live.until,
    },
    unique: table.unique.map(({ columns: names, states: inStates, clauses }) => ({ columns: names, states: inStates ?? null, clauses })),
    marks,
    clauses: [...new Set([...table.clauses, ...(table.create?.clauses ?? []), ...(table.duplicates ?? [])])],
  };
}

function resolveStates(errors: Errors, name: string, { states }: Table): StateMachine | null {
  if (states === undefined) return null;
  const path = `tables.${name}.states`;
  const moves = states.moves.map((move, index) => resolveMove(errors, `${path}.moves[${index}].when`, move));
  return { column: states.column, start: [states.start].flat(), moves, end: states.end, clauses: states.clauses };
}

function resolveMove(errors: Errors, path: string, move: Move): CatalogueMove {
  const when = move.when === "free" ? null : parseAt(errors, path, move.when);
  return { from: move.from, to: move.to, by: move.by, when, sets: move.sets, phrase: move.phrase ?? null, clauses: move.clauses };
}

function resolveMarks(effects: readonly EffectRule[], name: string, table: Table): CatalogueTable["marks"] {
  const causes = effects.filter((rule) => rule.table === name && isAct(rule));
  if (causes.length === 0) return [];
  const watched = new Set(
    causes.flatMap((rule) => (isAct(rule) && typeof rule.at === "object" && !Array.isArray(rule.at) ? rule.at.change : [])),
  );
  const base = { column: MARK, of: table.states?.column ?? null };
  return [base, ...[...watched].filter((column) => column !== base.of).map((column) => ({ column: `${MARK}_${column}`, of: column }))];
}

function resolveColumn(setting: Setting, name: string): readonly CatalogueColumn[] {
  const column = setting.table.columns[name];
  if (column === undefined) return [];
  const { table, states } = setting;
  const insert = insertSource(setting, name, column);
  const update = updateRule(setting, name, column);
  const isState = states?.column === name;
  const defaultValue = defaultOf(setting, name, column);
  const nullable = column.null !== undefined;
  return [
    {
      name,
      type: column.type,
      label: column.label ?? name.replaceAll("_", " "),
      unit: column.unit ?? null,
      step: column.step ?? null,
      class: column.class ?? (setting.surrogate && setting.key.includes(name) ? "technical" : "business"),
      visible: column.visible,
      nullable,
      nullMeaning: column.null ?? null,
      values: column.values ?? (isState ? statesOf(table) : column.unit === "flag" ? [0, 1] : null),
      min: column.min ?? null,
      max: column.max ?? null,
      maxLength: column.max_length ?? null,
      format: column.format ?? null,
      references: column.references ?? null,
      default: defaultValue,
      insert,
      update,
      quoted: column.quoted ?? false,
      clauses: column.clauses,
      insertArgument:
        table.create?.by !== "agent" || insert.kind !== "agent" ? "none" : nullable || defaultValue !== undefined ? "optional" : "required",
      updateArgument: table.layer === "L2" && isUpdateArgument(update, states),
    },
  ];
}

function insertSource(setting: Setting, name: string, column: Column): InsertSource {
  const { effects, table, states, errors } = setting;
  if (column.derived !== undefined) {
    return {
      kind: "derived",
      expression: parseAt(errors, `tables.${setting.name}.columns.${name}.derived`, column.derived) ?? { kind: "literal", value: null },
    };
  }
  const counter = effects.find((rule) => rule.kind === "counter" && rule.table === setting.name && rule.column === name);
  if (counter !== undefined) return { kind: "counter", rule: counter.id };
  if (setting.surrogate && setting.key.includes(name)) return { kind: "key" };
  if (states?.column === name && states.start.length === 1) return { kind: "start" };
  if (column.stamp !== undefined && column.stamp !== "create") return { kind: "system" };
  if (column.by !== undefined) return { kind: column.by };
  if (column.stamp === "create") return { kind: "clock" };
  if (column.insert !== undefined) return { kind: column.insert };
  if (table.create?.by !== "agent") return { kind: "system" };
  const isFilledLater = column.null !== undefined && states?.moves.some(({ sets }) => sets.includes(name)) === true;
  return { kind: isFilledLater ? "system" : "agent" };
}

function updateRule(setting: Setting, name: string, column: Column): UpdateRule {
  const { states, writes } = setting;
  const granted = (states?.moves ?? []).filter(({ sets }) => sets.includes(name)).map(({ from, to }) => `${from}>${to}`);
  const effects = writes.flatMap(({ rule, table, on, columns }) =>
    on === "update" && table === setting.name && columns?.includes(name) === true ? [rule] : [],
  );
  const stamped = column.stamp === undefined || column.stamp === "create" ? [] : [column.stamp].flat();
  const by = (): UpdateRule["by"] => {
    if (column.derived !== undefined) return "derived";
    if (setting.effects.some((rule) => rule.kind === "counter" && rule.table === setting.name && rule.column === name)) return "counter";
    if (states?.column === name) return "state";
    if (stamped.length > 0) return column.by ?? "clock";
    if (setting.key.includes(name) || column.stamp !== undefined || column.by !== undefined) return "fixed";
    return column.update ?? (effects.length > 0 ? "system" : "fixed");
  };
  return { by: by(), moves: stamped.length > 0 ? stamped : granted, frozen: column.frozen ?? [], effects };
}

function isUpdateArgument({ by, moves }: UpdateRule, states: StateMachine | null): boolean {
  const byAgent = states?.moves.filter((move) => move.by === "agent") ?? [];
  if (by === "agent") return true;
  if (by === "state") return byAgent.length > 0;
  return (by === "fixed" || by === "system") && byAgent.some(({ from, to }) => moves.includes(`${from}>${to}`));
}

function defaultOf({ effects, name: table, states }: Setting, name: string, column: Column): Value | undefined {
  if (effects.some((rule) => rule.kind === "counter" && rule.table === table && rule.column === name))
    return column.type === "real" ? 0 : 0n;
  if (column.default === undefined) return states?.column === name && states.start.length === 1 ? states.start[0] : undefined;
  return typeof column.default === "number" && column.type === "integer" ? BigInt(column.default) : column.default;
}

function markColumn(name: string, of: Column | undefined): CatalogueColumn {
  return {
    ...plainColumn,
    name,
    label: "mark",
    type: of?.type ?? "text",
    insert: { kind: "mark" },
    update: { by: "mark", moves: [], frozen: [], effects: [] },
  };
}

const contextWithoutActor = contextTable({}, null);

/** The context table of an environment with these tables; without an actor it has no columns for one. */
export function contextTable(tables: Catalogue["tables"], actor: Catalogue["actor"]): CatalogueTable {
  const source = { insert: { kind: "system" }, update: { by: "system", moves: [], frozen: [], effects: [] } } as const;
  const column = (name: string, type: CatalogueColumn["type"], rest: Partial<CatalogueColumn>): CatalogueColumn => ({
    ...plainColumn,
    ...source,
    name,
    label: name.replaceAll("_", " "),
    type,
    ...rest,
  });
  const user = actor === null ? undefined : tables[actor.table];
  const typeOf = (name: string) => user?.columns.find((other) => other.name === name)?.type ?? "text";
  const flag = { unit: "flag", values: [0, 1], nullable: false, nullMeaning: null } as const;
  const actorColumns =
    actor === null
      ? []
      : [
          column("actor", typeOf(actor.key), { class: "provenance", references: actor.table }),
          ...actor.evidence.map((name) => column(`evidence_${name}`, typeOf(name), { class: "provenance" })),
        ];
  return {
    name: CONTEXT_TABLE,
    label: "context",
    plural: "contexts",
    layer: "context",
    columns: [
      column("id", "integer", { nullable: false, nullMeaning: null }),
      column("now", "integer", { unit: "step", nullable: false, nullMeaning: null }),
      column("sealed", "integer", flag),
      ...actorColumns,
      column("desk", "text", {}),
      column("transferred", "integer", { ...flag, class: "business", default: 0n }),
      column("transfer_summary", "text", { class: "text" }),
    ],
    key: ["id"],
    surrogate: false,
    rowid: null,
    deferred: false,
    create: null,
    states: null,
    live: { states: null, until: null },
    unique: [],
    marks: [],
    clauses: [],
  };
}
