/** One guard of the sheet as a guard of the normal form: its kind says what must hold, `holds` or `at` when that is judged. */
import { type Catalogue, type CatalogueTable, findColumn, tableOf } from "../core/catalogue.js";
import { checkCondition, commonRoots } from "../core/check-expression.js";
import { elsewhereEvents } from "./elsewhere-events.js";
import type { Expression } from "../core/expression.js";
import { lowerEdges, lowerForeach, lowerLatest, lowerOrder, lowerTree } from "./kinds/among.js";
import { lowerCalculation, lowerDecide, lowerParent, lowerPrerequisite, lowerRequired, lowerSame, lowerWindow } from "./kinds/compare.js";
import { lowerCustom } from "./kinds/custom.js";
import { type Keep, lowerChildren, lowerKeep, lowerRatio } from "./kinds/groups.js";
import { lowerLimit, lowerPeak, lowerQuota } from "./kinds/limits.js";
import { type Lookup, type Lowering, type Place, readRows, readText, scopeOf } from "./kinds/lowering.js";
import { countedStates, lowerAbsent, lowerExclusive, lowerExists, lowerOverlap } from "./kinds/rows.js";
import { hasNoTies } from "./kinds/ties.js";
import { lowerApproval, lowerConflict, lowerOwnership, lowerRole } from "./kinds/who.js";
import type { EffectEvent, Guard, GuardEvent } from "./normal-form.js";
import type { EffectRule } from "../sheet/rule-writes.js";
import type { Rule } from "../sheet/sheet.js";
import { conjunction, disjunction, pathsIn, renameRoots } from "../core/walk-expression.js";

/** Rules that refuse a write. */
export type GuardRule = Exclude<Rule, EffectRule>;

/** The guards of a rule whose table exists, one for each table that it is about, and its errors at the place's path. */
export function lowerGuards(rule: GuardRule, catalogue: Catalogue, table: CatalogueTable, place: Place): readonly Guard[] {
  if (rule.kind !== "parent") return [lowerGuard(rule, catalogue, table, place)];
  return Object.entries(rule.below).flatMap(([name, path]) => {
    const below = catalogue.tables[name];
    if (below !== undefined) return [lowerGuard({ ...rule, below: { [name]: path } }, catalogue, below, place)];
    place.errors.push({ path: `${place.path}.below.${name}`, message: `there is no table "${name}"` });
    return [];
  });
}

function lowerGuard(rule: GuardRule, catalogue: Catalogue, table: CatalogueTable, place: Place): Guard {
  const row = { kind: "row", table: table.name } as const;
  const act = actOf(rule);
  const roots = { new: row, ...(act === undefined ? {} : { old: row }), ...commonRoots(catalogue) };
  const plain: Lowering = { ...place, catalogue, table, roots, lookups: {} };
  const lowering: Lowering = { ...plain, lookups: readLookups(rule.let, plain) };
  const before = place.errors.length;
  const { must, when: applies, leaving } = lowerRule(rule, lowering);
  const when = exemption(rule, lowering);
  if (place.errors.length === before) checkCondition(must, scopeOf(lowering, fieldOf(rule)));
  const common = {
    id: rule.id,
    clauses: rule.clauses,
    table: table.name,
    message: rule.message,
    hint: rule.hint ?? null,
    origin: "rule",
    kind: rule.kind,
    when: applies === null || when === null ? (applies ?? when) : conjunction([applies, when]),
    must,
  } as const;
  if (act !== undefined && rule.holds === undefined) {
    // A new row leaves no group.
    const events = leaving ?? readAct(act, lowering).filter(({ kind }) => rule.kind !== "keep" || kind !== "create");
    return { ...common, events, states: null };
  }
  if (rule.holds === undefined || act !== undefined) place.errors.push({ path: place.path, message: "expected either `holds` or `at`" });
  const states = rule.holds === "always" || rule.holds === undefined ? null : rule.holds;
  if (states !== null) checkStates(lowering, "holds", states);
  const guard: Guard = { ...common, events: [], states };
  return { ...guard, events: place.errors.length === before ? holdsEvents(guard, catalogue, symmetryOf(rule, table)) : [] };
}

/** The acts at which a rule is judged; two kinds are about any write, unless they say otherwise. */
function actOf(rule: GuardRule): GuardRule["at"] {
  return rule.at ?? ((rule.kind === "parent" || rule.kind === "keep") && rule.holds === undefined ? "write" : undefined);
}

/** What a rule's kind says: what must be true, and where it applies at all. */
function lowerRule(rule: GuardRule, lowering: Lowering): Keep {
  return rule.kind === "keep" ? lowerKeep(rule, lowering) : { must: lowerMust(rule, lowering), when: null, leaving: null };
}

function lowerMust(rule: Exclude<GuardRule, { kind: "keep" }>, lowering: Lowering): Expression {
  switch (rule.kind) {
    case "guard":
      return readText(lowering, "must", rule.must);
    case "compare":
      return readText(lowering, "check", rule.check);
    case "required":
      return lowerRequired(rule, lowering);
    case "same":
      return lowerSame(rule, lowering);
    case "prerequisite":
      return lowerPrerequisite(rule, lowering);
    case "parent":
      return lowerParent(rule, lowering);
    case "window":
      return lowerWindow(rule, lowering);
    case "ownership":
      return lowerOwnership(rule, lowering);
    case "conflict":
      return lowerConflict(rule, lowering);
    case "role":
      return lowerRole(rule, lowering);
    case "approval":
      return lowerApproval(rule, lowering);
    case "edges":
      return lowerEdges(rule, lowering);
    case "tree":
      return lowerTree(rule, lowering);
    case "exists":
      return lowerExists(rule, lowering);
    case "absent":
      return lowerAbsent(rule, lowering);
    case "foreach":
      return lowerForeach(rule, lowering);
    case "latest":
      return lowerLatest(rule, lowering);
    case "order":
      return lowerOrder(rule, lowering);
    case "exclusive":
      return lowerExclusive(rule, lowering);
    case "overlap":
      return lowerOverlap(rule, lowering);
    case "quota":
      return lowerQuota(rule, lowering);
    case "peak":
      return lowerPeak(rule, lowering);
    case "limit":
      return lowerLimit(rule, lowering);
    case "children":
      return lowerChildren(rule, lowering);
    case "ratio":
      return lowerRatio(rule, lowering);
    case "calculation":
      return lowerCalculation(rule, lowering);
    case "decide":
      return lowerDecide(rule, lowering);
    case "custom_guard":
      return lowerCustom(rule, lowering);
  }
}

/** The field that an error about the whole condition is reported at. */
function fieldOf(rule: GuardRule): string {
  if (rule.kind === "role" && rule.any !== undefined) return "any";
  const fields: Readonly<Record<string, string>> = {
    guard: "must",
    compare: "check",
    role: "of",
    same: "b",
    ownership: "is",
    conflict: "not",
    prerequisite: "in",
    quota: "max",
    calculation: "is",
    window: "to",
    approval: "amount",
    latest: "check",
    order: "is",
    tree: "of",
    peak: "max",
    ratio: "part",
  };
  return fields[rule.kind] ?? "kind";
}

/** `when` and none of `unless`. */
function exemption(rule: GuardRule, lowering: Lowering): Expression | null {
  const when = rule.when === undefined ? [] : [readCondition(lowering, "when", rule.when)];
  const exempt = rule.unless === undefined ? [] : [rule.unless].flat().map((text) => readCondition(lowering, "unless", text));
  const unless: readonly Expression[] = exempt.length === 0 ? [] : [{ kind: "not", operand: disjunction(exempt) }];
  return when.length + unless.length === 0 ? null : conjunction([...when, ...unless]);
}

/** A field's text as a checked condition. */
export function readCondition(lowering: Lowering, field: string, text: string): Expression {
  const before = lowering.errors.length;
  const expression = readText(lowering, field, text);
  if (lowering.errors.length === before) checkCondition(expression, scopeOf(lowering, field));
  return expression;
}

/** The acts that `at` names: creation, moves that the table declares, changes of columns that it has. */
export function readAct(at: NonNullable<GuardRule["at"]>, lowering: Lowering): readonly EffectEvent[] {
  const { table, errors, path } = lowering;
  if (typeof at === "object" && !Array.isArray(at)) {
    for (const [index, name] of at.change.entries()) {
      if (!table.columns.some((column) => column.name === name))
        errors.push({ path: `${path}.at.change[${index}]`, message: `table "${table.name}" has no column "${name}"` });
    }
    return [{ kind: "change", columns: at.change }];
  }
  if (at === "write") return writeEvents(table);
  return [at].flat().map((act): EffectEvent => {
    if (act === "create") return { kind: "create" };
    const [from = "", to = ""] = act.split(">");
    const isDeclared = table.states?.moves.some((move) => move.from === from && move.to === to) === true;
    if (!isDeclared) errors.push({ path: `${path}.at`, message: `table "${table.name}" declares no move ${act}` });
    return { kind: "move", from, to };
  });
}

function checkStates({ table, errors, path }: Lowering, field: string, states: readonly string[]): void {
  const known = table.columns.find(({ name }) => name === table.states?.column)?.values ?? [];
  for (const [index, state] of states.entries()) {
    if (!known.includes(state)) errors.push({ path: `${path}.${field}[${index}]`, message: `table "${table.name}" has no state ${state}` });
  }
}

/**
 * What can break a guard that holds: every write of its row, and of what it reads. One that reads who acts is about the act:
 * it is judged where the row is created or changed by more than the engine's own counting, and nowhere else.
 */
function holdsEvents(guard: Guard, catalogue: Catalogue, symmetric: "symmetric" | "general"): readonly GuardEvent[] {
  const readsActor = [guard.must, ...(guard.when === null ? [] : [guard.when])]
    .flatMap(pathsIn)
    .some(({ root }) => root === "actor" || root === "desk");
  if (!readsActor) return [{ kind: "create" }, { kind: "update" }, ...elsewhereEvents(guard, catalogue, symmetric)];
  const table = catalogue.tables[guard.table];
  return table === undefined ? [] : writeEvents(table);
}

/** The creation of a row, and every change of it that is more than the engine's own counting. */
function writeEvents({ columns }: CatalogueTable): readonly EffectEvent[] {
  const written = columns.filter(({ update }) => !["counter", "derived", "mark"].includes(update.by));
  return [{ kind: "create" }, { kind: "change", columns: written.map(({ name }) => name) }];
}

/** Whether a row that breaks the rule for others breaks it for itself as well, so that judging the written row is enough. */
function symmetryOf(rule: GuardRule, table: CatalogueTable): "symmetric" | "general" {
  const isPlain = rule.when === undefined && rule.unless === undefined && Array.isArray(rule.holds);
  const isCount =
    rule.kind === "exclusive" ||
    (rule.kind === "overlap" && rule.other === undefined) ||
    (rule.kind === "quota" && rule.last === undefined && rule.within === undefined) ||
    rule.kind === "peak";
  if (!isPlain || !isCount || rule.where !== undefined) return "general";
  if (rule.kind === "quota" && (typeof rule.max !== "number" || rule.sum !== undefined)) return "general";
  // Less than nothing would make room for others.
  if (rule.kind === "peak" && (typeof rule.max !== "number" || !isNeverNegative(table, rule.sum))) return "general";
  return JSON.stringify(countedStates(rule)) === JSON.stringify(rule.holds) ? "symmetric" : "general";
}

function isNeverNegative({ columns }: CatalogueTable, sum: string | undefined): boolean {
  const column = columns.find(({ name }) => name === sum);
  return sum === undefined || (column?.min ?? -1) >= 0;
}

/** The named look-ups of a rule. */
export function readLookups(named: GuardRule["let"], lowering: Lowering): Lowering["lookups"] {
  const entries = Object.entries(named ?? {}).map(([name, { last, ...rows }]): [string, Lookup] => {
    const field = `let.${name}`;
    if (Object.hasOwn(lowering.roots, name))
      lowering.errors.push({ path: `${lowering.path}.${field}`, message: `the name "${name}" is taken` });
    const read = readRows(lowering, field, rows);
    const table = tableOf(lowering.catalogue, read.table);
    if (last !== undefined && findColumn(table, last) === undefined)
      lowering.errors.push({ path: `${lowering.path}.${field}.last`, message: `table "${table.name}" has no column "${last}"` });
    else if (last !== undefined && !hasNoTies(table, [last]))
      lowering.errors.push({
        path: `${lowering.path}.${field}.last`,
        message: `expected a column in \`unique\` of table "${table.name}": two rows may not tie`,
      });
    const where = read.where === null ? null : renameRoots(read.where, { row: name });
    return [name, { rows: { ...read, variable: name, where }, by: last ?? null }];
  });
  return Object.fromEntries(entries);
}
