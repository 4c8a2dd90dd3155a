/** What the record that something belongs to must be like. */
import { number, sentence, symbols, words } from "../reading/sentence.js";
import { actOf, liveOf, momentOf, oneOf, pathTo, stateColumn, thingOf } from "../reading/terms.js";
import { definePattern } from "./pattern.js";

/** The parent must be in one of these states. */
export const parentState = definePattern(sentence("To {act} the {parent} must be {states}.", { act: words, parent: words, states: symbols }), {
  id: "parent-state",
  sort: "state",
  heading: "Conditions and limits",
  variables: ({ parent }) => [`${parent} status`],
  rules: ({ act, parent, states }, { terms, rule }) => {
    const { thing, moves } = actOf(terms, act);
    const path = pathTo(terms, thing, thingOf(terms, parent));
    return [{ kind: "prerequisite", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), row: `new.${path}`, in: [...states] }];
  },
});

/** It may only be closed when nothing live is left in it. */
export const emptyFirst = definePattern(sentence("To {act} there must be no live {children} in it.", { act: words, children: words }), {
  id: "empty-first",
  sort: "state",
  heading: "Conditions and limits",
  variables: ({ children }) => [`live ${children}`],
  rules: ({ act, children }, { terms, rule }) => {
    const { thing, moves } = actOf(terms, act);
    const child = thingOf(terms, children);
    const rows = { from: child.table, match: { [pathTo(terms, child, thing)]: "new.id" }, states: [...liveOf(terms, child)] };
    return [{ kind: "absent", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), rows }];
  },
});

/** It needs a number of live children first. */
export const enoughFirst = definePattern(sentence("To {act} at least {least} live {children} must be in it.", { act: words, least: number, children: words }), {
  id: "enough-first",
  sort: "threshold",
  heading: "Conditions and limits",
  variables: ({ children }) => [`live ${children}`],
  threshold: ({ least }) => least,
  rules: ({ act, least, children }, { terms, rule }) => {
    const { thing, moves } = actOf(terms, act);
    const child = thingOf(terms, children);
    const count = { from: child.table, match: { [pathTo(terms, child, thing)]: "new.id" }, states: [...liveOf(terms, child)] };
    return [{ kind: "limit", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), count, min: least }];
  },
});

/** Every child of it must have reached a state. */
export const everyChild = definePattern(sentence("To {act} every {child} for it must be {states}.", { act: words, child: words, states: symbols }), {
  id: "every-child",
  sort: "branch",
  heading: "Conditions and limits",
  variables: ({ child }) => [child, `${child} status`],
  rules: ({ act, child: noun, states }, { terms, rule }) => {
    const { thing, moves } = actOf(terms, act);
    const child = thingOf(terms, noun);
    const rows = { from: child.table, match: { [pathTo(terms, child, thing)]: "new.id" }, states: "any" as const, where: `not (${oneOf(`row.${stateColumn}`, states)})` };
    return [{ kind: "absent", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), rows }];
  },
});
