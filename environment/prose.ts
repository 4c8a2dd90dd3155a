/** What a write asks for and what it sets off, in the words of the policy clauses that its guards and effects cite. */
import type { Compiled } from "./compile-sheet.js";
import { standsIn } from "./effect-graph.js";
import type { GuardEvent } from "./normal-form.js";

type Op = "insert" | "update";

/** The clauses that a write of this table is held against, as sentences: each once, in the order in which they are judged. */
export function preconditions({ sheet, normal }: Compiled, table: string, op: Op): readonly string[] {
  const guards = normal.guards.filter((guard) => {
    const isDeclared = guard.kind === "unique" || guard.kind === "move_when";
    return (guard.origin === "rule" || isDeclared) && guard.events.some((event) => isJudgedAt(event, guard.table, { table, op }));
  });
  return clauseTexts(sheet, guards);
}

/** The clauses that say what the engine does after a write of this table, as sentences: each once, in the order of the effects. */
export function sideEffects({ sheet, normal }: Compiled, table: string, op: Op): readonly string[] {
  return clauseTexts(
    sheet,
    normal.effects.filter((effect) => standsIn(effect, table, op)),
  );
}

function isJudgedAt(event: GuardEvent, guarded: string, write: { readonly table: string; readonly op: Op }): boolean {
  if (event.kind === "elsewhere") return event.table === write.table && event.on === write.op;
  if (guarded !== write.table) return false;
  return event.kind === "create" ? write.op === "insert" : event.kind !== "delete" && event.kind !== "created" && write.op === "update";
}

function clauseTexts({ policy }: Compiled["sheet"], citing: readonly { readonly clauses: readonly string[] }[]): readonly string[] {
  const ids = new Set(citing.flatMap(({ clauses }) => clauses));
  const texts = new Map(policy.map(({ id, text }) => [id, text]));
  return [...ids].flatMap((id) => texts.get(id) ?? []);
}
