/** The actor of a witness: one that the context's own rules let in, so that the state can be laid with somebody authenticated. */
import type { Compiled } from "../compile/compile-sheet.js";
import type { Guard } from "../compile/normal-form.js";
import { CONTEXT_TABLE } from "../core/catalogue.js";
import type { Expression } from "../core/expression.js";
import { oncePer } from "../core/memo.js";
import type { Rows, Value } from "../core/values.js";
import { conjunction, path } from "../core/walk-expression.js";
import { setActor } from "./witness-domain.js";
import { force } from "./witness-force.js";
import { readExpression } from "./witness-read.js";
import { actorRoot, type Candidate, type Scene } from "./witness-scene.js";

/** So many users are tried beside the one that is there. */
const USERS = 6;

/** What must hold of an actor: the evidence, and the sheet's own condition. None where nobody is authenticated. */
const conditionsOf = oncePer((normal: Compiled["normal"]): readonly Guard[] =>
  normal.guards.filter(({ table, kind }) => table === CONTEXT_TABLE && (kind === "evidence" || kind === "standing")),
);

/** Whether a rule is about the actor alone, whatever is written. */
export function isOfActor({ normal }: Compiled, rule: string): boolean {
  return conditionsOf(normal).some(({ id }) => id === rule);
}

const scenes = oncePer((state: Rows): Pick<Scene, "candidate" | "roots"> => {
  const id = state[CONTEXT_TABLE]?.[0]?.["id"] ?? null;
  // The actor is authenticated before the write, on the rows as they lie.
  return { candidate: { state, write: { op: "update", table: CONTEXT_TABLE, key: { id }, set: {} } }, roots };
});
const roots: Scene["roots"] = { new: { kind: "after", table: CONTEXT_TABLE } };

/** The rule that keeps the actor of a state from being authenticated, or null. */
export function actorRefusal(compiled: Compiled, state: Rows): Guard | null {
  const conditions = conditionsOf(compiled.normal);
  if (conditions.length === 0) return null;
  const scene: Scene = { compiled, ...scenes(state) };
  return conditions.find(({ must }) => readExpression(scene, must) !== true) ?? null;
}

/** Candidates whose actor can be authenticated: the one that is there or another user, as the sheet's condition asks. */
export function withActor(compiled: Compiled, candidate: Candidate): readonly Candidate[] {
  const { actor } = compiled.catalogue;
  if (actor === null) return [];
  const shown = actor.evidence.map((name): Expression => ({ kind: "is_null", operand: path("new", "actor", name), negated: true }));
  const asked = conjunction([...shown, ...conditionsOf(compiled.normal).flatMap(({ kind, must }) => (kind === "standing" ? [must] : []))]);
  const present = candidate.state[CONTEXT_TABLE]?.[0]?.["actor"] ?? null;
  const users = (candidate.state[actor.table] ?? []).slice(0, USERS).map((row) => row[actor.key] ?? null);
  return [...new Set([present, ...users])].flatMap((user) =>
    as(compiled, candidate, user).flatMap((own) =>
      force({ compiled, ...scenes(own.state) }, asked, "true")
        // The evidence given is what the user's row says in the end.
        .flatMap((scene) => as(compiled, { ...own, state: scene.candidate.state }, user))
        .filter(({ state }) => actorRefusal(compiled, state) === null),
    ),
  );
}

function as(compiled: Compiled, candidate: Candidate, user: Value): readonly Candidate[] {
  return setActor({ compiled, candidate, roots: actorRoot(compiled, candidate) }, user).map((scene) => scene.candidate);
}
