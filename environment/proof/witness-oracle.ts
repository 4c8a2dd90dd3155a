/** A write's verdict: the interpreter's, and the engine's own where a custom rule has a say, which SQLite alone can read. */
import { type Compiled, emitTriggers } from "../compile/compile-sheet.js";
import { interpretWrite, type Verdict } from "../compile/interpret-write.js";
import type { NormalForm } from "../compile/normal-form.js";
import { type Expected, isSameState, openWorld } from "./witness-run.js";
import type { Candidate } from "./witness-scene.js";

/** What the rules make of a candidate; never `needs_sqlite`. */
export type Judgement = Exclude<Verdict, { readonly kind: "needs_sqlite" }>;

/** Judges a candidate; a refusal of the engine carries its message, which names the rule, and no hint. */
export function judgeWrite(compiled: Compiled, { state, write }: Candidate): Judgement {
  const verdict = interpretWrite(compiled, state, write);
  return verdict.kind === "needs_sqlite" ? executed(compiled, { state, write }) : verdict;
}

/** What a witness of this verdict must do. */
export function expectedOf(verdict: Judgement): Expected {
  return verdict.kind === "refused" ? { kind: "refused", rule: verdict.rule } : { kind: "accepted", after: verdict.state };
}

/** Whether two answers are one: refused by the same rule, or accepted with the same rows after it. */
export function isSameAnswer(a: Expected, b: Expected): boolean {
  if (a.kind === "refused") return b.kind === "refused" && a.rule === b.rule;
  return b.kind === "accepted" && isSameState(a.after, b.after);
}

const triggers = new WeakMap<NormalForm, readonly string[]>();

function executed(compiled: Compiled, { state, write }: Candidate): Judgement {
  const triggerSql = triggers.get(compiled.normal) ?? emitTriggers(compiled.catalogue, compiled.normal);
  triggers.set(compiled.normal, triggerSql);
  const world = openWorld({ ...compiled, triggerSql }, state);
  try {
    const outcome = world.outcome(write);
    return outcome.kind === "accepted"
      ? { kind: "accepted", state: outcome.state, row: {}, effects: [] }
      : { kind: "refused", rule: outcome.message, message: outcome.message, hint: null };
  } finally {
    world.close();
  }
}
