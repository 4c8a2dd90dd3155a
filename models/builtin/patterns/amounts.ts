/** What is given back or charged when something ends, by steps. */
import { a, type SlotType, sentence, symbol, words } from "../reading/sentence.js";
import { attributePath, creationOf, movesInto, nameOf, type Terms, type Thing, thingOf } from "../reading/terms.js";
import { definePattern, type RuleInput } from "./pattern.js";
import { actInto, edgesOf, judgeLeft } from "./probing.js";

/** Percentages by steps, the highest bound first. */
export interface Bands {
  readonly from: readonly { readonly percent: number; readonly steps: number }[];
  readonly below: number;
}

const band = "[0-9]+ percent from [0-9]+ steps";

/** "100 percent from 10 steps, 50 percent from 4 steps and 0 percent below". */
export const bands: SlotType<Bands> = {
  pattern: `${band}(?:, ${band})* and [0-9]+ percent below`,
  say: ({ from, below }) =>
    `${from.map(({ percent, steps }) => `${percent} percent from ${steps} steps`).join(", ")} and ${below} percent below`,
  read: (text) => ({
    from: [...text.matchAll(/([0-9]+) percent from ([0-9]+) steps/g)].map((match) => ({
      percent: Number(match[1]),
      steps: Number(match[2]),
    })),
    below: Number(/([0-9]+) percent below$/.exec(text)?.[1]),
  }),
};

/** A refund by the time that is left. */
export const refundAhead = definePattern(
  sentence(
    "When {thing} becomes {state}, its {label} is, of the {price} of the {payer}, {bands}, by the steps left until the {step} of the {holder}, rounded down.",
    {
      thing: a,
      state: symbol,
      label: words,
      price: words,
      payer: words,
      bands,
      step: words,
      holder: words,
    },
  ),
  {
    id: "refund-ahead",
    sort: "calculation",
    heading: "Conditions and limits",
    variables: ({ price, step }) => [price, step, "current step"],
    threshold: (values) => lowest(values.bands),
    rules: ({ thing: noun, state, label, price, payer, bands: scale, step, holder }, { terms, rule }) => {
      const thing = thingOf(terms, noun);
      const left = `${attributePath(terms, "new", thing, { holder, label: step })} - now`;
      return [
        scaled(terms, thing, {
          rule,
          state,
          label,
          base: attributePath(terms, "new", thing, { holder: payer, label: price }),
          steps: left,
          scale,
        }),
      ];
    },
    probe: ({ thing: noun, state, label, bands: scale, step, holder }, lab, { terms }) => {
      const act = actInto(terms, thingOf(terms, noun), state);
      for (const left of edgesOf(scale)) {
        lab.scene(`${left} steps left`, (scene) => {
          judgeLeft(scene, terms, { act, step, holder, left, verdict: "accepted" });
        });
        lab.scene(`${left} steps left, one too much`, (scene) => {
          judgeLeft(scene, terms, { act, step, holder, left, verdict: "refused", off: { [label]: 1 } });
        });
      }
    },
  },
);

/** A fee by the time that has passed. */
export const feeSince = definePattern(
  sentence(
    "When {thing} becomes {state}, its {label} is, of the {price} of the {payer}, {bands}, by the steps passed since its {step}, rounded down.",
    {
      thing: a,
      state: symbol,
      label: words,
      price: words,
      payer: words,
      bands,
      step: words,
    },
  ),
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
        for (const [verdict, off] of [
          ["accepted", {}],
          ["refused", { [label]: 1 }],
        ] as const) {
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
  return {
    kind: "calculation",
    ...rule,
    table: thing.table,
    at: movesInto(terms, thing, [state]),
    column: nameOf(label),
    is: { cases, else: share(base, scale.below) },
  };
}

function share(base: string, percent: number): string | number {
  if (percent === 0) return 0;
  return percent === 100 ? base : `floor(${base} * ${percent} / 100)`;
}

function lowest({ from }: Bands): number {
  return from.at(-1)?.steps ?? 0;
}
