/** One guard of the sheet as a guard of the normal form: its kind says what must hold, `holds` or `at` when that is judged. */
import type { Catalogue, CatalogueTable } from "../core/catalogue.js";
import { checkCondition, commonRoots } from "../core/check-expression.js";
import { elsewhereEvents } from "./elsewhere-events.js";
import type { Expression } from "../core/expression.js";
import { lowerCalculation, lowerDecide, lowerPrerequisite, lowerRequired, lowerSame, lowerWindow } from "./kinds/compare.js";
import { lowerCustom } from "./kinds/custom.js";
import { lowerLimit, lowerQuota } from "./kinds/limits.js";
import { type Lowering, readText, scopeOf } from "./kinds/lowering.js";
import { countedStates, lowerAbsent, lowerExclusive, lowerExists, lowerOverlap } from "./kinds/rows.js";
import { lowerConflict, lowerOwnership, lowerRole } from "./kinds/who.js";
import type { EffectEvent, Guard, GuardEvent } from "./normal-form.js";
import type { Errors } from "../core/sheet-error.js";
import type { Rule } from "../sheet/sheet.js";
import { pathsIn } from "../core/walk-expression.js";

/** Rules that refuse a write. */
export type GuardRule = Exclude<Rule, { kind: "counter" | "propagate" | "promote" | "spawn" }>;

/** The guard of a rule whose table exists, and its errors at `path`. */
export function lowerGuard(
  rule: GuardRule,
  catalogue: Catalogue,
  table: CatalogueTable,
  place: { readonly path: string; readonly errors: Errors },
): Guard {
  const row = { kind: "row", table: table.name } as const;
  const old = rule.at === undefined ? {} : { old: row };
  const lowering: Lowering = { ...place, catalogue, table, roots: { new: row, ...old, ...commonRoots(catalogue) } };
  const before = place.errors.length;
  const must = lowerMust(rule, lowering);
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
    when,
    must,
  } as const;
  if (rule.at !== undefined && rule.holds === undefined) return { ...common, events: readAct(rule.at, lowering), states: null };
  if (rule.holds === undefined || rule.at !== undefined)
    place.errors.push({ path: place.path, message: "expected either `holds` or `at`" });
  const states = rule.holds === "always" || rule.holds === undefined ? null : rule.holds;
  if (states !== null) checkStates(lowering, "holds", states);
  const guard: Guard = { ...common, events: [], states };
  return { ...guard, events: place.errors.length === before ? holdsEvents(guard, catalogue, isSymmetric(rule)) : [] };
}

function lowerMust(rule: GuardRule, lowering: Lowering): Expression {
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
    case "window":
      return lowerWindow(rule, lowering);
    case "ownership":
      return lowerOwnership(rule, lowering);
    case "conflict":
      return lowerConflict(rule, lowering);
    case "role":
      return lowerRole(rule, lowering);
    case "exists":
      return lowerExists(rule, lowering);
    case "absent":
      return lowerAbsent(rule, lowering);
    case "exclusive":
      return lowerExclusive(rule, lowering);
    case "overlap":
      return lowerOverlap(rule, lowering);
    case "quota":
      return lowerQuota(rule, lowering);
    case "limit":
      return lowerLimit(rule, lowering);
    case "calculation":
      return lowerCalculation(rule, lowering);
    case "decide":
      return lowerDecide(rule, lowering);
    case "custom_guard":
      return lowerCustom(rule, lowering);
  }
}

/** The field that an error about the whole condition is reported at. */
function fieldOf({ kind }: GuardRule): string {
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
  };
  return fields[kind] ?? "kind";
}

/** `when` and not `unless`. */
function exemption(rule: GuardRule, lowering: Lowering): Expression | null {
  const when = rule.when === undefined ? null : readCondition(lowering, "when", rule.when);
  const unless: Expression | null =
    rule.unless === undefined ? null : { kind: "not", operand: readCondition(lowering, "unless", rule.unless) };
  if (when === null || unless === null) return when ?? unless;
  return { kind: "and", operands: [when, unless] };
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
  const columns = catalogue.tables[guard.table]?.columns.filter(({ update }) => !["counter", "derived", "mark"].includes(update.by)) ?? [];
  return [{ kind: "create" }, { kind: "change", columns: columns.map(({ name }) => name) }];
}

/** Whether a row that breaks the rule for others breaks it for itself as well, so that judging the written row is enough. */
function isSymmetric(rule: GuardRule): "symmetric" | "general" {
  const isPlain = rule.when === undefined && rule.unless === undefined && Array.isArray(rule.holds);
  if (!isPlain) return "general";
  const isCount =
    rule.kind === "exclusive" ||
    rule.kind === "overlap" ||
    (rule.kind === "quota" && typeof rule.max === "number" && rule.last === undefined && rule.sum === undefined);
  return isCount && JSON.stringify(countedStates(rule)) === JSON.stringify(rule.holds) ? "symmetric" : "general";
}
