/** Amounts and steps that must be exactly what the policy says. */
import type { Scene } from "../reading/lab.js";
import { a, number, type SlotType, sentence, symbol, words } from "../reading/sentence.js";
import { actOf, attributeOf, attributePath, columnOf, creationOf, movesInto, nameOf, rankAtLeast, type Terms, type Thing, thingOf } from "../reading/terms.js";
import { definePattern, type RuleInput } from "./pattern.js";
import { actInto, edgesOf, judgeLeft, rankBelow } from "./probing.js";

/** Percentages by steps, the highest bound first. */
export interface Bands {
  readonly from: readonly { readonly percent: number; readonly steps: number }[];
  readonly below: number;
}

const band = "[0-9]+ percent from [0-9]+ steps";

/** "100 percent from 10 steps, 50 percent from 4 steps and 0 percent below". */
export const bands: SlotType<Bands> = {
  pattern: `${band}(?:, ${band})* and [0-9]+ percent below`,
  say: ({ from, below }) => `${from.map(({ percent, steps }) => `${percent} percent from ${steps} steps`).join(", ")} and ${below} percent below`,
  read: (text) => ({
    from: [...text.matchAll(/([0-9]+) percent from ([0-9]+) steps/g)].map((match) => ({ percent: Number(match[1]), steps: Number(match[2]) })),
    below: Number(/([0-9]+) percent below$/.exec(text)?.[1]),
  }),
};

/** A refund by the time that is left. */
export const refundAhead = definePattern(
  sentence("When {thing} becomes {state}, its {label} is, of the {price} of the {payer}, {bands}, by the steps left until the {step} of the {holder}, rounded down.", {
    thing: a,
    state: symbol,
    label: words,
    price: words,
    payer: words,
    bands,
    step: words,
    holder: words,
  }),
  {
    id: "refund-ahead",
    sort: "calculation",
    heading: "Conditions and limits",
    variables: ({ price, step }) => [price, step, "current step"],
    threshold: (values) => lowest(values.bands),
    rules: ({ thing: noun, state, label, price, payer, bands: scale, step, holder }, { terms, rule }) => {
      const thing = thingOf(terms, noun);
      const left = `${attributePath(terms, "new", thing, { holder, label: step })} - now`;
      return [scaled(terms, thing, { rule, state, label, base: attributePath(terms, "new", thing, { holder: payer, label: price }), steps: left, scale })];
    },
    probe: ({ thing: noun, state, label, bands: scale, step, holder }, lab, { terms }) => {
      const act = actInto(terms, thingOf(terms, noun), state);
      for (const left of edgesOf(scale)) {
        lab.scene(`${left} steps left`, (scene) => judgeLeft(scene, terms, { act, step, holder, left, verdict: "accepted" }));
        lab.scene(`${left} steps left, one too much`, (scene) => judgeLeft(scene, terms, { act, step, holder, left, verdict: "refused", off: { [label]: 1 } }));
      }
    },
  },
);

/** A fee by the time that has passed. */
export const feeSince = definePattern(
  sentence("When {thing} becomes {state}, its {label} is, of the {price} of the {payer}, {bands}, by the steps passed since its {step}, rounded down.", {
    thing: a,
    state: symbol,
    label: words,
    price: words,
    payer: words,
    bands,
    step: words,
  }),
  {
    id: "fee-since",
    sort: "calculation",
    heading: "Conditions and limits",
    variables: ({ price, step }) => [price, step, "current step"],
    threshold: (values) => lowest(values.bands),
    rules: ({ thing: noun, state, label, price, payer, bands: scale, step }, { terms, rule }) => {
      const thing = thingOf(terms, noun);
      const base = attributePath(terms, "new", thing, { holder: payer, label: price });
      return [scaled(terms, thing, { rule, state, label, base, steps: `now - new.${nameOf(step)}`, scale })];
    },
    probe: ({ thing: noun, state, label, bands: scale }, lab, { terms }) => {
      const thing = thingOf(terms, noun);
      const act = actInto(terms, thing, state);
      for (const passed of edgesOf(scale)) {
        for (const [verdict, off] of [["accepted", {}], ["refused", { [label]: 1 }]] as const) {
          lab.scene(`${passed} steps passed, ${verdict}`, (scene) => {
            const person = scene.person();
            scene.do(person, creationOf(terms, thing).phrase);
            scene.wait(passed);
            scene.judge(person, act, verdict, { off });
          });
        }
      }
    },
  },
);

/** A price times a quantity. */
export const total = definePattern(sentence("The {label} of a new {thing} is its {quantity} times the {price} of the {payer}.", { label: words, thing: words, quantity: words, price: words, payer: words }), {
  id: "total",
  sort: "calculation",
  heading: "Conditions and limits",
  variables: ({ quantity, price }) => [quantity, price],
  rules: ({ label, thing: noun, quantity, price, payer }, { terms, rule }) => {
    const thing = thingOf(terms, noun);
    return [{ kind: "calculation", ...rule, table: thing.table, at: "create", column: nameOf(label), is: product(terms, thing, { quantity, price, payer }) }];
  },
  probe: ({ label, thing: noun, quantity }, lab, { terms }) => {
    const open = creationOf(terms, thingOf(terms, noun)).phrase;
    lab.scene("two of them", (scene) => scene.judge(scene.person(), open, "accepted", { set: { [quantity]: 2 } }));
    lab.scene("two of them, one too much", (scene) => scene.judge(scene.person(), open, "refused", { set: { [quantity]: 2 }, off: { [label]: 1 } }));
  },
});

/** A price times the steps that something lasts. */
export const totalSpan = definePattern(
  sentence("The {label} of a new {thing} is the number of steps from its {from} to its {to} times the {price} of the {payer}.", { label: words, thing: words, from: words, to: words, price: words, payer: words }),
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
      lab.scene("two steps", (scene) => scene.judge(scene.person(), open, "accepted", { set: set(scene) }));
      lab.scene("two steps, one too much", (scene) => scene.judge(scene.person(), open, "refused", { set: set(scene), off: { [label]: 1 } }));
    },
  },
);

/** The same, less a discount for the higher ranks. */
export const totalByRank = definePattern(
  sentence("The {label} of a new {thing} is its {quantity} times the {price} of the {payer}, less {percent} percent from {ladder} {rank} up, rounded down.", {
    label: words,
    thing: words,
    quantity: words,
    price: words,
    payer: words,
    percent: number,
    ladder: words,
    rank: symbol,
  }),
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
        lab.scene(`two of them, of rank ${who}`, (scene) => scene.judge(scene.person({ rank: who }), open, "accepted", { set: { [quantity]: 2 } }));
        lab.scene(`two of them, of rank ${who}, one too much`, (scene) => scene.judge(scene.person({ rank: who }), open, "refused", { set: { [quantity]: 2 }, off: { [label]: 1 } }));
      }
    },
  },
);

/** When something taken must be back. */
export const due = definePattern(sentence("To {act} its {label} must be {steps} steps ahead.", { act: words, label: words, steps: number }), {
  id: "due",
  sort: "calculation",
  heading: "Conditions and limits",
  variables: () => ["current step"],
  threshold: ({ steps }) => steps,
  rules: ({ act, label, steps }, { terms, rule }) => {
    const { thing } = actOf(terms, act);
    return [{ kind: "calculation", ...rule, table: thing.table, at: "create", column: columnOf(terms, attributeOf(thing, label)), is: `now + ${steps}` }];
  },
  probe: ({ act, label }, lab) => {
    lab.scene("as said", (scene) => scene.judge(scene.person(), act, "accepted"));
    lab.scene("one step later", (scene) => scene.judge(scene.person(), act, "refused", { off: { [label]: 1 } }));
  },
});

/** The same, later for the higher ranks. */
export const dueByRank = definePattern(
  sentence("To {act} its {label} must be {steps} steps ahead, but {more} from {ladder} {rank} up.", { act: words, label: words, steps: number, more: number, ladder: words, rank: symbol }),
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
        lab.scene(`of rank ${who}`, (scene) => scene.judge(scene.person({ rank: who }), act, "accepted"));
        lab.scene(`of rank ${who}, one step later`, (scene) => scene.judge(scene.person({ rank: who }), act, "refused", { off: { [label]: 1 } }));
      }
    },
  },
);

interface Scaled {
  readonly rule: { readonly id: string; readonly clauses: [string]; readonly message: string };
  readonly state: string;
  readonly label: string;
  readonly base: string;
  readonly steps: string;
  readonly scale: Bands;
}

function scaled(terms: Terms, thing: Thing, { rule, state, label, base, steps, scale }: Scaled): RuleInput {
  const cases = scale.from.map((each) => ({ when: `${steps} >= ${each.steps}`, is: share(base, each.percent) }));
  return { kind: "calculation", ...rule, table: thing.table, at: movesInto(terms, thing, [state]), column: nameOf(label), is: { cases, else: share(base, scale.below) } };
}

function share(base: string, percent: number): string | number {
  if (percent === 0) return 0;
  return percent === 100 ? base : `floor(${base} * ${percent} / 100)`;
}

function product(terms: Terms, thing: Thing, { quantity, price, payer }: { readonly quantity: string; readonly price: string; readonly payer: string }): string {
  return `new.${nameOf(quantity)} * ${attributePath(terms, "new", thing, { holder: payer, label: price })}`;
}

function lowest({ from }: Bands): number {
  return from.at(-1)?.steps ?? 0;
}
