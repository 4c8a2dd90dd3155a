/** The composer: an environment's plan from a trade's vocabulary and one random number. */
import type { Blueprint } from "../../agents/architect-blueprint.js";
import type { Vocabulary } from "../../agents/vocabulary.js";
import { planRules } from "./compose-rules.js";
import { drawShape } from "./compose-shape.js";
import { planThings } from "./compose-things.js";
import { createRandom } from "./random.js";

/** The plan's sentences in the order in which they were thought of: things first. */
export function composePlan(vocabulary: Vocabulary, seed: number): Blueprint["rules"] {
  const shape = drawShape(vocabulary, createRandom(seed, "shape"));
  return [...planThings(shape), ...planRules(shape, createRandom(seed, "parameters"))];
}
