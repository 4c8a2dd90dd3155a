/** What the system does by itself: counts, cascades, records that follow. */
import { a, number, sentence, symbol, symbols, words } from "../reading/sentence.js";
import { actOf, attributePath, grantMoves, liveOf, momentOf, movesInto, nameOf, pathTo, rankAtLeast, stateColumn, thingOf } from "../reading/terms.js";
import { statesOf, tableOf } from "./life.js";
import { definePattern } from "./pattern.js";

/** A maintained count. */
export const counter = definePattern(sentence("The system keeps as {label} of {owner} the number of its live {children}.", { label: words, owner: a, children: words }), {
  id: "counter",
  sort: "effect",
  heading: "What the system does",
  variables: ({ children }) => [`live ${children}`],
  rules: ({ label, owner, children }, { terms, effect }) => {
    const thing = thingOf(terms, owner);
    const child = thingOf(terms, children);
    const rows = { from: child.table, match: { [pathTo(terms, child, thing)]: `owner.${thing.key}` }, states: [...liveOf(terms, child)] };
    return [{ kind: "counter", ...effect, table: thing.table, column: nameOf(label), rows }];
  },
});

/** What happens to a record happens to those that hang on it. */
export const cascade = definePattern(
  sentence("When {parent} becomes {states}, its {children} that are {from} become {to}.", { parent: a, states: symbols, children: words, from: symbols, to: symbol }),
  {
    id: "cascade",
    sort: "effect",
    heading: "What the system does",
    variables: ({ parent, children }) => [`${parent} status`, `${children} status`],
    introduce: ({ children, from, to }, terms) => grantMoves(terms, thingOf(terms, children), from.map((each) => ({ from: each, to }))),
    declare: ({ children, from, to }, draft, { terms, clause }) => {
      const machine = statesOf(tableOf(draft, thingOf(terms, children)));
      for (const each of from) machine.moves.push({ from: each, to, by: "system", when: "free", clauses: [clause] });
    },
    rules: ({ parent, states, children, from, to }, { terms, effect }) => {
      const thing = thingOf(terms, parent);
      const child = thingOf(terms, children);
      const rows = { from: child.table, match: { [pathTo(terms, child, thing)]: `new.${thing.key}` }, states: [...from] };
      return [{ kind: "propagate", ...effect, table: thing.table, at: movesInto(terms, thing, states), rows, set: { [stateColumn]: `'${to}'` } }];
    },
  },
);

/** A dear choice of the lower ranks needs somebody else's word. */
export const approvalNeeded = definePattern(
  sentence("When {customers} below {ladder} {rank} {act} where the {price} of the {resource} is above {max}, the system makes {approval} for it.", {
    customers: words,
    ladder: words,
    rank: symbol,
    act: words,
    resource: words,
    price: words,
    max: number,
    approval: a,
  }),
  {
    id: "approval",
    sort: "effect",
    heading: "What the system does",
    variables: ({ ladder, resource, price }) => [ladder, `${resource} ${price}`],
    rules: ({ rank, act, resource, price, max, approval }, { terms, effect }) => {
      const { thing } = actOf(terms, act);
      const into = thingOf(terms, approval);
      const when = `not (${rankAtLeast(terms, rank)}) and ${attributePath(terms, "new", thing, { holder: resource, label: price })} > ${max}`;
      const values = { [pathTo(terms, into, thing)]: "new.id", [stateColumn]: `'${startOf(terms.states.get(into.table))}'` };
      return [{ kind: "spawn", ...effect, table: thing.table, at: "create", when, into: into.table, values }];
    },
  },
);

/** Coming late costs. */
export const lateFee = definePattern(
  sentence("When {thing} becomes {state} after its {step}, the system makes {fee} with {label} {amount} for each step since.", {
    thing: a,
    state: symbol,
    step: words,
    fee: a,
    label: words,
    amount: number,
  }),
  {
    id: "late-fee",
    sort: "effect",
    heading: "What the system does",
    variables: ({ step }) => [step, "current step"],
    rules: ({ thing: noun, state, step, fee, label, amount }, { terms, effect }) => {
      const thing = thingOf(terms, noun);
      const into = thingOf(terms, fee);
      const late = `new.${nameOf(step)}`;
      const values = {
        [pathTo(terms, into, thing)]: "new.id",
        [nameOf(label)]: `(now - ${late}) * ${amount}`,
        [stateColumn]: `'${startOf(terms.states.get(into.table))}'`,
      };
      return [{ kind: "spawn", ...effect, table: thing.table, at: movesInto(terms, thing, [state]), when: `now > ${late}`, into: into.table, values }];
    },
  },
);

/** A follow-up record puts a date off. */
export const extension = definePattern(sentence("To {act} puts the {label} of the {parent} off by {steps} steps.", { act: words, label: words, parent: words, steps: number }), {
  id: "extension",
  sort: "effect",
  heading: "What the system does",
  variables: ({ label }) => [label],
  threshold: ({ steps }) => steps,
  rules: ({ act, label, parent, steps }, { terms, effect }) => {
    const { thing, moves } = actOf(terms, act);
    const target = thingOf(terms, parent);
    const rows = { from: target.table, match: { [target.key]: `new.${pathTo(terms, thing, target)}` }, states: "any" as const };
    return [{ kind: "propagate", ...effect, table: thing.table, at: momentOf({ phrase: act, thing, moves }), rows, set: { [nameOf(label)]: `row.${nameOf(label)} + ${steps}` } }];
  },
});

function startOf(states: readonly string[] | undefined): string {
  return states?.[0] ?? "";
}
