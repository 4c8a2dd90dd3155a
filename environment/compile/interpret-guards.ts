/** Guards, judged over a state in memory in the order and at the moments at which the triggers judge them. */
import { type CatalogueTable, tableOf } from "../core/catalogue.js";
import { type EvaluationScope, isFalse, isTrue } from "../core/evaluate-expression.js";
import { eligibilityEvents, isEligibilityGuard } from "./eligibility.js";
import { guardsAt } from "./guards-at.js";
import { refusalBy, type Run, type Step, hasChanged, isSameRow, overlaid, rowsOf, scopeOf, stepScope } from "./interpret-state.js";
import type { ElsewhereEvent, Guard, GuardEvent } from "./normal-form.js";

/** A custom rule was reached, which SQLite alone can read; `interpretWrite` catches it. */
export class Unread extends Error {
  readonly rule: string;
  constructor({ id }: { readonly id: string }) {
    super(id);
    this.rule = id;
  }
}

/** The first broken guard in the order of the normal form refuses. */
export function judge(run: Run, step: Step): void {
  const scope = { ...stepScope(run, step), rows: overlaid(run, step) };
  for (const guard of guardsAt(run.normal, step.table.name)) {
    if (guard.table === step.table.name && isAt(guard.events, step) && isBroken(guard, scope, step.table)) throw refusalBy(guard);
    judgeElsewhere(run, step, guard, "before");
  }
}

/** Guards that look at a new row once its key is chosen. */
export function judgeCreated(run: Run, step: Step): void {
  const broken = guardsAt(run.normal, step.table.name).find(
    (guard) =>
      guard.table === step.table.name &&
      guard.events.some(({ kind }) => kind === "created") &&
      isBroken(guard, stepScope(run, step), step.table),
  );
  if (broken !== undefined) throw refusalBy(broken);
}

/** Guards of other rows that are judged once the effects of the write have run. */
export function judgeSettled(run: Run, step: Step): void {
  for (const guard of guardsAt(run.normal, step.table.name)) judgeElsewhere(run, step, guard, "settled");
}

/** A guard of other rows, where this write may break it for them: before the write, or once its effects have run. */
function judgeElsewhere(run: Run, step: Step, guard: Guard, phase: "before" | "settled"): void {
  const op = step.old === null ? "insert" : "update";
  for (const event of guard.events) {
    if (event.kind !== "elsewhere" || event.table !== step.table.name || event.on !== op || event.settled !== (phase === "settled"))
      continue;
    if (op === "update" && !hasChanged(step, event.columns)) continue;
    if (breaksElsewhere(run, step, guard, event)) throw refusalBy(guard);
  }
}

function breaksElsewhere(run: Run, step: Step, guard: Guard, { concerned, settled }: ElsewhereEvent): boolean {
  const target = tableOf(run.catalogue, guard.table);
  const written = { table: step.table.name, row: step.new };
  return rowsOf(run, target.name).some((row) => {
    if (target.name === step.table.name && isSameRow(target, row, step.new)) return false;
    const base = scopeOf(run, { new: { table: target.name, row }, written, before: { ...written, row: step.old } }, step.cause);
    const scope = settled ? base : { ...base, rows: overlaid(run, step) };
    return (concerned === null || isTrue(concerned, scope)) && isBroken(guard, scope, target);
  });
}

function isBroken(guard: Guard, scope: EvaluationScope, table: CatalogueTable): boolean {
  const { states, when, must } = guard;
  const state = table.states === null ? null : (scope.roots["new"]?.row?.[table.states.column] ?? null);
  if (states !== null && table.states !== null && !(typeof state === "string" && states.includes(state))) return false;
  if (when !== null && isFalse(when, scope)) return false;
  if (must.kind === "sql") throw new Unread(guard);
  return !isTrue(must, scope);
}

/** Whether one of the events is this write. */
export function isAt(events: readonly GuardEvent[], step: Step): boolean {
  const column = step.table.states?.column ?? "";
  return events.some((event) => {
    switch (event.kind) {
      case "create":
        return step.old === null;
      case "update":
        return step.old !== null;
      case "move":
        return step.old?.[column] === event.from && step.new[column] === event.to;
      case "change":
        return step.old !== null && hasChanged(step, event.columns);
      case "created":
      case "delete":
      case "elsewhere":
        return false;
    }
  });
}

/** Whether a promotion may take this row: no guard that its change meets would refuse it. */
export function isEligible(run: Run, step: Step): boolean {
  const scope = { ...stepScope(run, step), rows: overlaid(run, step) };
  return !run.normal.guards.some(
    (guard) =>
      (isEligibilityGuard(guard, step.table.name) && isAt(guard.events, step) && isBroken(guard, scope, step.table)) ||
      eligibilityEvents(guard, step.table.name).some(
        (event) => hasChanged(step, event.columns) && breaksElsewhere(run, step, guard, event),
      ),
  );
}
