/** Conditions on the customer and on the organisation the customer belongs to. */
import { a, sentence, symbols, words } from "../reading/sentence.js";
import { actOf, attributeOf, customerOf, momentOf, nameOf, oneOf, pathTo, thingOf } from "../reading/terms.js";
import { definePattern } from "./pattern.js";
import { othersOf } from "./probing.js";

/** The customer's own standing. */
export const standing = definePattern(
  sentence("To {act} the {customer} must have the {label} {values}.", { act: words, customer: words, label: words, values: symbols }),
  {
    id: "standing",
    sort: "state",
    heading: "Who may",
    variables: ({ customer, label }) => [`${customer} ${label}`],
    rules: ({ act, label, values }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const column = nameOf(attributeOf(customerOf(terms), label).label);
      return [
        {
          kind: "compare",
          ...rule,
          table: thing.table,
          at: momentOf({ phrase: act, thing, moves }),
          check: oneOf(`actor.${column}`, values),
        },
      ];
    },
    probe: ({ act, label, values }, lab, { terms }) => {
      lab.scene(`${label} ${values[0] ?? ""}`, (scene) => {
        scene.judge(scene.person(), act, "accepted");
      });
      for (const value of othersOf(attributeOf(customerOf(terms), label), values))
        lab.scene(`${label} ${value}`, (scene) => {
          scene.judge(scene.person(), act, "refused", { turned: { set: { [label]: value } } });
        });
    },
  },
);

/** The standing of the organisation. */
export const groupStanding = definePattern(
  sentence("To {act} the {customer} must belong to {group} with the {label} {values}.", {
    act: words,
    customer: words,
    group: a,
    label: words,
    values: symbols,
  }),
  {
    id: "group-standing",
    sort: "state",
    heading: "Who may",
    variables: ({ group, label }) => [`${group} ${label}`],
    rules: ({ act, group, label, values }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const holder = thingOf(terms, group);
      const path = `actor.${pathTo(terms, customerOf(terms), holder)}.${nameOf(attributeOf(holder, label).label)}`;
      return [{ kind: "compare", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), check: oneOf(path, values) }];
    },
    probe: ({ act, group, label, values }, lab, { terms }) => {
      lab.scene(`${label} ${values[0] ?? ""}`, (scene) => {
        scene.judge(scene.person(), act, "accepted");
      });
      for (const value of othersOf(attributeOf(thingOf(terms, group), label), values))
        lab.scene(`${label} ${value}`, (scene) => {
          scene.judge(scene.person(), act, "refused", { turned: { group: { [label]: value } } });
        });
    },
  },
);
