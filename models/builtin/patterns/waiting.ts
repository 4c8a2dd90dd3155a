/** Waiting lists: who may queue, in which order, and who comes next; and what is owed. */
import { a, number, sentence, symbol, symbols, words } from "../reading/sentence.js";
import { actOf, attributePath, grantMoves, liveOf, matching, momentOf, movesInto, nameOf, ownerPath, pathTo, stateColumn, thingOf } from "../reading/terms.js";
import { statesOf, tableOf } from "./life.js";
import { definePattern } from "./pattern.js";

/** One queues only where nothing is free. */
export const onlyWhenTaken = definePattern(
  sentence("To {act} all {label} of the {resource} must be taken by live {children}.", { act: words, label: words, resource: words, children: words }),
  {
    id: "only-when-taken",
    sort: "branch",
    heading: "Conditions and limits",
    variables: ({ label, children }) => [label, `live ${children}`],
    rules: ({ act, label, resource, children }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const child = thingOf(terms, children);
      const holder = thingOf(terms, resource);
      const count = { from: child.table, ...matching(pathTo(terms, child, holder), `new.${pathTo(terms, thing, holder)}`), states: [...liveOf(terms, child)] };
      return [{ kind: "limit", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), count, min: attributePath(terms, "new", thing, { holder: resource, label }) }];
    },
  },
);

/** The place in the queue is a business number, the next one. */
export const queueNumber = definePattern(sentence("The {label} of a new {thing} is the number of {plural} of the same {resource}, itself included.", { label: words, thing: words, plural: words, resource: words }), {
  id: "queue-number",
  sort: "calculation",
  heading: "Conditions and limits",
  variables: ({ plural, resource }) => [`${plural} of the ${resource}`],
  rules: ({ label, thing: noun, resource }, { terms, rule }) => {
    const thing = thingOf(terms, noun);
    const column = pathTo(terms, thing, thingOf(terms, resource));
    return [{ kind: "calculation", ...rule, table: thing.table, at: "create", column: nameOf(label), is: `count(other in ${thing.table} where other.${column} = new.${column})` }];
  },
});

/** What is given back goes to whoever waits first. */
export const promotion = definePattern(
  sentence("When {thing} becomes {states}, the {waiting} that is {from} for the same {resource} with the lowest {label} becomes {to}.", {
    thing: a,
    states: symbols,
    waiting: words,
    from: symbol,
    resource: words,
    label: words,
    to: symbol,
  }),
  {
    id: "promotion",
    sort: "effect",
    heading: "What the system does",
    variables: ({ thing, waiting, label }) => [`${thing} status`, `${waiting} status`, label],
    introduce: ({ waiting, from, to }, terms) => grantMoves(terms, thingOf(terms, waiting), [{ from, to }]),
    declare: ({ waiting, from, to }, draft, { terms, clause }) => {
      statesOf(tableOf(draft, thingOf(terms, waiting))).moves.push({ from, to, by: "system", when: "free", clauses: [clause] });
    },
    rules: ({ thing: noun, states, waiting, from, resource, label, to }, { terms, effect }) => {
      const thing = thingOf(terms, noun);
      const queue = thingOf(terms, waiting);
      const holder = thingOf(terms, resource);
      const match = { [pathTo(terms, queue, holder)]: `new.${pathTo(terms, thing, holder)}` };
      const at = movesInto(terms, thing, states);
      return [{ kind: "promote", ...effect, table: thing.table, at, pick: { from: queue.table, match, states: [from], order: [nameOf(label)] }, set: { [stateColumn]: `'${to}'` } }];
    },
  },
);

/** Nobody gets ahead of those who wait. */
export const nobodyWaits = definePattern(sentence("To {act} no {waiting} for the same {resource} may be {states}.", { act: words, waiting: words, resource: words, states: symbols }), {
  id: "nobody-waits",
  sort: "branch",
  heading: "Conditions and limits",
  variables: ({ waiting, resource }) => [resource, `${waiting} status`],
  rules: ({ act, waiting, resource, states }, { terms, rule }) => {
    const { thing, moves } = actOf(terms, act);
    const queue = thingOf(terms, waiting);
    const holder = thingOf(terms, resource);
    const rows = { from: queue.table, ...matching(pathTo(terms, queue, holder), `new.${pathTo(terms, thing, holder)}`), states: [...states] };
    return [{ kind: "absent", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), rows }];
  },
});

/** Whoever owes too much must pay first. */
export const balance = definePattern(
  sentence("To {act} the {label} of the {customer}'s {debts} that are {states} may sum to at most {max}.", { act: words, label: words, customer: words, debts: words, states: symbols, max: number }),
  {
    id: "balance",
    sort: "branch",
    heading: "Conditions and limits",
    variables: ({ debts, label }) => [`${debts} ${label}`, `${debts} status`],
    rules: ({ act, label, debts, states, max }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const debt = thingOf(terms, debts);
      const rows = { from: debt.table, ...matching(ownerPath(terms, debt), "actor"), states: [...states] };
      return [{ kind: "limit", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), sum: { of: `row.${nameOf(label)}`, rows }, max }];
    },
  },
);
