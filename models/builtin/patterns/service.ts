/** Who is served, and what nobody in a conversation can change. */
import { nouns, sentence, words, a } from "../reading/sentence.js";
import { actOf, attributeOf, momentOf, nameOf, ownerPath, thingOf } from "../reading/terms.js";
import { definePattern } from "./pattern.js";

/** Everything is done for one authenticated customer. */
export const identified = definePattern(
  sentence("Every change is made for one {customer}, who is identified by {evidence}.", { customer: words, evidence: nouns }),
  {
    id: "identified",
    sort: "other",
    heading: "Service",
    variables: ({ evidence }) => evidence,
    introduce: ({ customer, evidence }, terms) => {
      const thing = thingOf(terms, customer);
      terms.customer = {
        thing,
        evidence: evidence.filter((label) => nameOf(label) !== thing.key).map((label) => nameOf(attributeOf(thing, label).label)),
      };
    },
    declare: (_, draft, { terms, clause }) => {
      const customer = terms.customer;
      if (customer !== null)
        draft.actor = { mode: "session", table: customer.thing.table, evidence: [...customer.evidence], clauses: [clause] };
    },
    probe: (_, lab, { terms }) => {
      const act = terms.acts.find(({ moves }) => moves.length === 0)?.phrase;
      if (act === undefined) return;
      lab.scene("a customer who is authenticated", (scene) => {
        scene.judge(scene.person(), act, "accepted");
      });
      lab.scene("nobody is authenticated", (scene) => {
        scene.judge(scene.person(), act, "refused", { as: null });
      });
    },
  },
);

/** Reference and master data are read-only. */
export const readOnly = definePattern(sentence("Nobody may add or change {things}.", { things: nouns }), {
  id: "read-only",
  sort: "other",
  heading: "Service",
  variables: ({ things }) => things,
  declare: ({ things }, draft, { terms, clause }) => {
    for (const noun of things) draft.tables[thingOf(terms, noun).table]?.clauses?.push(clause);
  },
});

/** A customer does and changes only what belongs to that customer. */
export const ownership = definePattern(
  sentence("Only the {customer} to whom {thing} belongs may {act}.", { customer: words, thing: a, act: words }),
  {
    id: "ownership",
    sort: "role",
    heading: "Who may",
    variables: ({ customer, thing }) => [customer, thing],
    rules: ({ act }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      return [
        {
          kind: "ownership",
          ...rule,
          table: thing.table,
          at: momentOf({ phrase: act, thing, moves }),
          is: `new.${ownerPath(terms, thing)}`,
        },
      ];
    },
    probe: ({ act }, lab) => {
      lab.scene("its own customer", (scene) => {
        scene.judge(scene.person(), act, "accepted");
      });
      lab.scene("somebody else", (scene) => {
        scene.judge(scene.person(), act, "refused", { as: scene.person() });
      });
    },
  },
);
