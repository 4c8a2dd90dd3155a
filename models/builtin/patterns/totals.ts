/** What something costs, and when it is due: values of a new record that must be exactly what the policy says. */
import type { Scene } from "../reading/lab.js";
import { number, sentence, symbol, words } from "../reading/sentence.js";
import {
  actOf,
  attributeOf,
  attributePath,
  columnOf,
  creationOf,
  nameOf,
  rankAtLeast,
  type Terms,
  type Thing,
  thingOf,
} from "../reading/terms.js";
import { definePattern } from "./pattern.js";
import { rankBelow } from "./probing.js";

/** A price times a quantity. */
export const total = definePattern(
  sentence("The {label} of a new {thing} is its {quantity} times the {price} of the {payer}.", {
    label: words,
    thing: words,
    quantity: words,
    price: words,
    payer: words,
  }),
  {
    id: "total",
    sort: "calculation",
    heading: "Conditions and limits",
    variables: ({ quantity, price }) => [quantity, price],
    rules: ({ label, thing: noun, quantity, price, payer }, { terms, rule }) => {
      const thing = thingOf(terms, noun);
      return [
        {
          kind: "calculation",
          ...rule,
          table: thing.table,
          at: "create",
          column: nameOf(label),
          is: product(terms, thing, { quantity, price, payer }),
        },
      ];
    },
    probe: ({ label, thing: noun, quantity }, lab, { terms }) => {
      const open = creationOf(terms, thingOf(terms, noun)).phrase;
      lab.scene("two of them", (scene) => {
        scene.judge(scene.person(), open, "accepted", { set: { [quantity]: 2 } });
      });
      lab.scene("two of them, one too much", (scene) => {
        scene.judge(scene.person(), open, "refused", { set: { [quantity]: 2 }, off: { [label]: 1 } });
      });
    },
  },
);

/** A price times the steps that something lasts. */
export const totalSpan = definePattern(
  sentence("The {label} of a new {thing} is the number of steps from its {from} to its {to} times the {price} of the {payer}.", {
    label: words,
    thing: words,
    from: words,
    to: words,
    price: words,
    payer: words,
  }),
  {
    id: "total-span",
    sort: "calculation",
    heading: "Conditions and limits",
    variables: ({ from, to, price }) => [from, to, price],
    rules: ({ label, thing: noun, from, to, price, payer }, { terms, rule }) => {
      const thing = thingOf(terms, noun);
      const is = `(new.${nameOf(to)} - new.${nameOf(from)}) * ${attributePath(terms, "new", thing, { holder: payer, label: price })}`;
      return [{ kind: "calculation", ...rule, table: thing.table, at: "create", column: nameOf(label), is }];
    },
    probe: ({ label, thing: noun, from, to }, lab, { terms }) => {
      const open = creationOf(terms, thingOf(terms, noun)).phrase;
      const set = (scene: Scene): Record<string, number> => ({ [from]: scene.now() + 8, [to]: scene.now() + 10 });
      lab.scene("two steps", (scene) => {
        scene.judge(scene.person(), open, "accepted", { set: set(scene) });
      });
      lab.scene("two steps, one too much", (scene) => {
        scene.judge(scene.person(), open, "refused", { set: set(scene), off: { [label]: 1 } });
      });
    },
  },
);

/** The same, less a discount for the higher ranks. */
export const totalByRank = definePattern(
  sentence(
    "The {label} of a new {thing} is its {quantity} times the {price} of the {payer}, less {percent} percent from {ladder} {rank} up, rounded down.",
    {
      label: words,
      thing: words,
      quantity: words,
      price: words,
      payer: words,
      percent: number,
      ladder: words,
      rank: symbol,
    },
  ),
  {
    id: "total-rank",
    sort: "calculation",
    heading: "Conditions and limits",
    variables: ({ quantity, price, ladder }) => [quantity, price, ladder],
    rules: ({ label, thing: noun, quantity, price, payer, percent, rank }, { terms, rule }) => {
      const thing = thingOf(terms, noun);
      const full = product(terms, thing, { quantity, price, payer });
      const is = { cases: [{ when: rankAtLeast(terms, rank), is: `floor(${full} * ${100 - percent} / 100)` }], else: full };
      return [{ kind: "calculation", ...rule, table: thing.table, at: "create", column: nameOf(label), is }];
    },
    probe: ({ label, thing: noun, quantity, rank }, lab, { terms }) => {
      const open = creationOf(terms, thingOf(terms, noun)).phrase;
      for (const who of [rank, rankBelow(terms, rank)]) {
        lab.scene(`two of them, of rank ${who}`, (scene) => {
          scene.judge(scene.person({ rank: who }), open, "accepted", { set: { [quantity]: 2 } });
        });
        lab.scene(`two of them, of rank ${who}, one too much`, (scene) => {
          scene.judge(scene.person({ rank: who }), open, "refused", { set: { [quantity]: 2 }, off: { [label]: 1 } });
        });
      }
    },
  },
);

/** When something taken must be back. */
export const due = definePattern(
  sentence("To {act} its {label} must be {steps} steps ahead.", { act: words, label: words, steps: number }),
  {
    id: "due",
    sort: "calculation",
    heading: "Conditions and limits",
    variables: () => ["current step"],
    threshold: ({ steps }) => steps,
    rules: ({ act, label, steps }, { terms, rule }) => {
      const { thing } = actOf(terms, act);
      return [
        {
          kind: "calculation",
          ...rule,
          table: thing.table,
          at: "create",
          column: columnOf(terms, attributeOf(thing, label)),
          is: `now + ${steps}`,
        },
      ];
    },
    probe: ({ act, label }, lab) => {
      lab.scene("as said", (scene) => {
        scene.judge(scene.person(), act, "accepted");
      });
      lab.scene("one step later", (scene) => {
        scene.judge(scene.person(), act, "refused", { off: { [label]: 1 } });
      });
    },
  },
);

/** The same, later for the higher ranks. */
export const dueByRank = definePattern(
  sentence("To {act} its {label} must be {steps} steps ahead, but {more} from {ladder} {rank} up.", {
    act: words,
    label: words,
    steps: number,
    more: number,
    ladder: words,
    rank: symbol,
  }),
  {
    id: "due-rank",
    sort: "calculation",
    heading: "Conditions and limits",
    variables: ({ ladder }) => ["current step", ladder],
    threshold: ({ steps }) => steps,
    rules: ({ act, label, steps, more, rank }, { terms, rule }) => {
      const { thing } = actOf(terms, act);
      const is = { cases: [{ when: rankAtLeast(terms, rank), is: `now + ${more}` }], else: `now + ${steps}` };
      return [{ kind: "calculation", ...rule, table: thing.table, at: "create", column: columnOf(terms, attributeOf(thing, label)), is }];
    },
    probe: ({ act, label, rank }, lab, { terms }) => {
      for (const who of [rank, rankBelow(terms, rank)]) {
        lab.scene(`of rank ${who}`, (scene) => {
          scene.judge(scene.person({ rank: who }), act, "accepted");
        });
        lab.scene(`of rank ${who}, one step later`, (scene) => {
          scene.judge(scene.person({ rank: who }), act, "refused", { off: { [label]: 1 } });
        });
      }
    },
  },
);

function product(
  terms: Terms,
  thing: Thing,
  { quantity, price, payer }: { readonly quantity: string; readonly price: string; readonly payer: string },
): string {
  return `new.${nameOf(quantity)} * ${attributePath(terms, "new", thing, { holder: payer, label: price })}`;
}
