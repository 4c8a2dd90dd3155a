/** What several plans of rules draw or look up. */
import type { Shape, TransactionShape } from "./compose-shape.js";
import type { Planned } from "./patterns/pattern.js";
import { ownership } from "./patterns/service.js";
import type { Random } from "./random.js";

/** Only its own customer may do these acts with a thing. */
export function own(shape: Shape, thing: string, acts: readonly (string | undefined)[]): Planned[] {
  return acts.flatMap((act) => (act === undefined ? [] : [ownership.plan({ customer: shape.vocabulary.customers.noun, thing, act })]));
}

/** When it takes place: its own first step, or its resource's. */
export function startOf({ words, resource }: TransactionShape): { readonly step: string; readonly holder: string } | null {
  if (words.steps.from !== undefined) return { step: words.steps.from, holder: words.noun };
  return resource.step === undefined ? null : { step: resource.step, holder: resource.noun };
}

/** A limit inside the range of prices, in whole thousands of minor units. */
export function rounded(random: Random, { low, high }: { readonly low: number; readonly high: number }, from: number, to: number): number {
  const share = from + random.next() * (to - from);
  return Math.max(1000, Math.round((low + share * (high - low)) / 1000) * 1000);
}
