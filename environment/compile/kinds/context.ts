/** Guards of the context row: the clock, the user, the desk and the transfer. */
import { type Catalogue, CONTEXT_TABLE } from "../../core/catalogue.js";
import type { Expression } from "../../core/expression.js";
import type { Guard, GuardEvent } from "../normal-form.js";
import { conjunction, disjunction, path, replacePaths } from "../../core/walk-expression.js";
import { unchanged } from "./draft.js";

const update: GuardEvent = { kind: "update" };
const no: Expression = { kind: "literal", value: false };
const wasSealed = is("old", "sealed", 1);
const wasOpen = is("old", "sealed", 0);

/**
 * The guards of the context table, in the order in which they are judged. While it is not sealed the clock may move forward
 * and the user may change; sealing needs an empty user; then the user is set once and the transfer is made once.
 *
 * @param standing the actor's own condition, over `actor`
 */
export function contextGuards(catalogue: Catalogue, standing: Expression | null, clauses: readonly string[]): readonly Guard[] {
  const guard = (id: string, message: string, must: Expression, events: readonly GuardEvent[] = [update]): Guard => ({
    id: `context.${id}`,
    clauses,
    table: CONTEXT_TABLE,
    message,
    hint: null,
    origin: "structure",
    kind: id,
    events,
    states: null,
    when: null,
    must,
  });
  const summary = { name: "transfer_summary" };
  const isTransfer = conjunction([wasSealed, is("old", "transferred", 0), is("new", "transferred", 1)]);
  return [
    guard("single", "There is one context row.", no, [{ kind: "create" }]),
    guard("no_delete", "The context row is never deleted.", no, [{ kind: "delete" }]),
    guard("key", "The context row keeps its key.", unchanged({ name: "id" })),
    guard(
      "sealed",
      "A sealed context stays sealed, and it is sealed without a user.",
      disjunction([unchanged({ name: "sealed" }), conjunction([wasOpen, is("new", "sealed", 1), ...noActor(catalogue)])]),
    ),
    guard(
      "now",
      "The clock stands still.",
      disjunction([
        unchanged({ name: "now" }),
        conjunction([wasOpen, { kind: "compare", op: ">", left: path("new", "now"), right: path("old", "now") }]),
      ]),
    ),
    guard("desk", "The desk is fixed.", unchanged({ name: "desk" })),
    guard(
      "transfer",
      "A conversation is transferred once, and stays so.",
      disjunction([conjunction([unchanged({ name: "transferred" }), unchanged(summary)]), isTransfer]),
    ),
    ...actorGuards(catalogue, standing, guard),
  ];
}

function noActor({ actor }: Catalogue): readonly Expression[] {
  return actor === null ? [] : [{ kind: "is_null", operand: path("new", "actor"), negated: false }];
}

function actorGuards(
  { actor }: Catalogue,
  standing: Expression | null,
  guard: (id: string, message: string, must: Expression, events?: readonly GuardEvent[]) => Guard,
): readonly Guard[] {
  if (actor === null) return [];
  const columns = ["actor", ...actor.evidence.map((name) => `evidence_${name}`)];
  const isSame = conjunction(columns.map((name) => unchanged({ name })));
  const isNobody = conjunction(columns.map((name): Expression => ({ kind: "is_null", operand: path("new", name), negated: false })));
  const given: Expression = { kind: "is_null", operand: path("new", "actor"), negated: true };
  const wasNobody: Expression = { kind: "is_null", operand: path("old", "actor"), negated: false };
  const matches = actor.evidence.map(
    (name): Expression => ({ kind: "compare", op: "=", left: path("new", "actor", name), right: path("new", `evidence_${name}`) }),
  );
  const changed: readonly GuardEvent[] = [{ kind: "change", columns }];
  return [
    guard("actor", "The user is set once.", disjunction([isSame, wasOpen, conjunction([wasNobody, given])]), changed),
    guard("evidence", "The evidence does not match.", disjunction([isNobody, conjunction([given, ...matches])]), changed),
    ...(standing === null
      ? []
      : [guard("standing", "This user may not be served.", disjunction([isNobody, fromContext(standing)]), changed)]),
  ];
}

/** The condition on `actor`, read from the row being written: its reference leads to the same row. */
function fromContext(standing: Expression): Expression {
  return replacePaths(standing, ({ root, steps }) => (root === "actor" ? path("new", "actor", ...steps) : null));
}

function is(root: string, column: string, value: number): Expression {
  return { kind: "compare", op: "=", left: path(root, column), right: { kind: "literal", value } };
}
