/** Permission by rank. */
import { number, sentence, symbol, symbols, words } from "../reading/sentence.js";
import { actOf, attributeOf, attributePath, ladderOf, momentOf, oneOf, ownerPath, rankAtLeast, thingOf } from "../reading/terms.js";
import { definePattern } from "./pattern.js";
import { othersOf, rankBelow } from "./probing.js";

/** An act for some ranks only. */
export const rankForAct = definePattern(
  sentence("Only {customers} of {label} {rank} or above may {act}.", { customers: words, label: words, rank: symbol, act: words }),
  {
    id: "rank",
    sort: "role",
    heading: "Who may",
    variables: ({ label }) => [label],
    rules: ({ rank, act }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const { column } = ladderOf(terms);
      return [
        {
          kind: "role",
          ...rule,
          table: thing.table,
          at: momentOf({ phrase: act, thing, moves }),
          of: `actor.${column}`,
          ladder: column,
          at_least: rank,
        },
      ];
    },
    probe: ({ rank, act }, lab, { terms }) => {
      lab.scene(`of rank ${rank}`, (scene) => {
        scene.judge(scene.person({ rank }), act, "accepted");
      });
      lab.scene("one rank below", (scene) => {
        scene.judge(scene.person({ rank: rankBelow(terms, rank) }), act, "refused");
      });
    },
  },
);

/** Restricted categories for some ranks only. */
export const rankForCategory = definePattern(
  sentence("Only {customers} of {label} {rank} or above may {act} where the {category} of the {resource} is {values}.", {
    customers: words,
    label: words,
    rank: symbol,
    act: words,
    resource: words,
    category: words,
    values: symbols,
  }),
  {
    id: "rank-category",
    sort: "role",
    heading: "Who may",
    variables: ({ label, resource, category }) => [label, `${resource} ${category}`],
    rules: ({ rank, act, resource, category, values }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const { column } = ladderOf(terms);
      const when = oneOf(attributePath(terms, "new", thing, { holder: thingOf(terms, resource).noun, label: category }), values);
      return [
        {
          kind: "role",
          ...rule,
          table: thing.table,
          at: momentOf({ phrase: act, thing, moves }),
          when,
          of: `actor.${column}`,
          ladder: column,
          at_least: rank,
        },
      ];
    },
    probe: ({ rank, act, resource, category, values }, lab, { terms }) => {
      for (const value of values) {
        lab.scene(`${value}, of rank ${rank}`, (scene) => {
          scene.judge(scene.person({ rank }), act, "accepted", { set: { [resource]: scene.item(resource, { [category]: value }) } });
        });
        lab.scene(`${value}, one rank below`, (scene) => {
          scene.judge(scene.person({ rank: rankBelow(terms, rank) }), act, "refused", {
            set: { [resource]: scene.item(resource, { [category]: value }) },
          });
        });
      }
      for (const value of othersOf(attributeOf(thingOf(terms, resource), category), values)) {
        lab.scene(`${value}, one rank below`, (scene) => {
          scene.judge(scene.person({ rank: rankBelow(terms, rank) }), act, "accepted", {
            set: { [resource]: scene.item(resource, { [category]: value }) },
          });
        });
      }
    },
  },
);

/** A price limit for the lower ranks. */
export const priceCap = definePattern(
  sentence("{customers} below {label} {rank} may not {act} where the {price} of the {resource} is above {max}.", {
    customers: words,
    label: words,
    rank: symbol,
    act: words,
    resource: words,
    price: words,
    max: number,
  }),
  {
    id: "price-cap",
    sort: "branch",
    heading: "Conditions and limits",
    variables: ({ label, resource, price }) => [label, `${resource} ${price}`],
    rules: ({ rank, act, resource, price, max }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const path = attributePath(terms, "new", thing, { holder: resource, label: price });
      return [
        {
          kind: "compare",
          ...rule,
          table: thing.table,
          at: momentOf({ phrase: act, thing, moves }),
          unless: rankAtLeast(terms, rank),
          check: `${path} <= ${max}`,
        },
      ];
    },
    probe: ({ rank, act, resource, price, max }, lab, { terms }) => {
      const low = rankBelow(terms, rank);
      for (const [amount, who, verdict] of [
        [max, low, "accepted"],
        [max + 1, low, "refused"],
        [max + 1, rank, "accepted"],
      ] as const) {
        lab.scene(`${price} ${amount}, of rank ${who}`, (scene) => {
          scene.judge(scene.person({ rank: who }), act, verdict, { set: { [resource]: scene.item(resource, { [price]: amount }) } });
        });
      }
    },
  },
);

/** Nobody decides in his own matter. */
export const notOwn = definePattern(sentence("Nobody may {act} where the {thing} is their own.", { act: words, thing: words }), {
  id: "not-own",
  sort: "role",
  heading: "Who may",
  variables: ({ thing }) => [thing],
  rules: ({ act }, { terms, rule }) => {
    const { thing, moves } = actOf(terms, act);
    return [
      { kind: "conflict", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), not: `new.${ownerPath(terms, thing)}` },
    ];
  },
  probe: ({ act }, lab, { terms }) => {
    const { thing } = actOf(terms, act);
    lab.scene("somebody else's", (scene) => {
      scene.judge(scene.person(), act, "accepted");
    });
    lab.scene("one's own", (scene) => {
      const asker = scene.asker(thing.noun);
      scene.judge(asker, act, "refused", { set: { row: scene.made(thing.noun) } });
    });
  },
});
