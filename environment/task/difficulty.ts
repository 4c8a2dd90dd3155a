/** How hard a task is, and of what sort (paper 3.6.2 and 3.6.3), each with its evidence. */
import type { CertifyContext } from "./certificate-point.js";

export type Difficulty = {
  /** L1 linear execution, L2 conditional decisions, L3 high-order friction. */
  readonly level: "L1" | "L2" | "L3";
  readonly tags: readonly string[];
  /** A line a tag, and the reason of the level. */
  readonly evidence: readonly string[];
};

type Tagged = { readonly tag: string; readonly because: string | null };

/** Kinds of rules that depend on what else is there, which a user cannot see. */
const hiddenKinds: ReadonlySet<string> = new Set(["quota", "limit", "overlap", "exclusive", "window", "conflict", "exists", "absent"]);
const advanced = ["adversarial", "waterfall", "refusal", "reasoning"];
const intermediate = ["conditional-logic", "attribute-based-selection", "multi-step", "hidden-constraint", "state-based"];

/** Level and tags from the log, the description's choices and triggers, and the rules that refused a write in the episode. */
export function difficultyOf(context: Pick<CertifyContext, "compiled" | "description" | "gold" | "refusals">): Difficulty {
  const found = tagsOf(context).filter((one): one is Tagged & { readonly because: string } => one.because !== null);
  const tags = found.map((one) => one.tag);
  const reason = tags.find((tag) => advanced.includes(tag)) ?? tags.find((tag) => intermediate.includes(tag));
  const level = reason === undefined ? "L1" : advanced.includes(reason) ? "L3" : "L2";
  return {
    level,
    tags,
    evidence: [
      `${level}: ${reason ?? "linear execution with explicit parameters"}`,
      ...found.map(({ tag, because }) => `${tag}: ${because}`),
    ],
  };
}

function tagsOf({
  compiled,
  description,
  gold,
  refusals = [],
}: Pick<CertifyContext, "compiled" | "description" | "gold" | "refusals">): readonly Tagged[] {
  const triggers = description.sub_goals.filter((goal) => goal.trigger !== null).length;
  const choices = description.choices.filter((choice) => choice.wishes.length > 1 || choice.wishes.some((wish) => wish.comparison !== "="));
  const kinds = new Map(compiled.sheet.rules.map((rule): [string, string] => [rule.id, rule.kind]));
  const hidden = refusals.filter((rule) => hiddenKinds.has(kinds.get(rule) ?? ""));
  const derived = description.values.filter((value) => value.from === "policy");
  const derivedAmounts = derived.filter(({ write, argument }) => typeof argumentValue(gold[write]?.call.arguments, argument) !== "string");
  const moves = gold.filter((write) => write.op === "update" && (write.table?.states ?? null) !== null).length;
  return [
    {
      tag: "refusal",
      because: description.kind === "refusal" ? `the right answer is to change nothing (${description.refusal?.rule ?? ""})` : null,
    },
    { tag: "adversarial", because: description.false_beliefs.length > 0 ? `${description.false_beliefs.length} false beliefs` : null },
    {
      tag: "waterfall",
      because:
        description.kind === "reach" && refusals.length > 0 ? `fallback after refusals by ${[...new Set(refusals)].join(", ")}` : null,
    },
    { tag: "hidden-constraint", because: hidden.length > 0 ? `refused by ${[...new Set(hidden)].join(", ")}` : null },
    {
      tag: "reasoning",
      because: derivedAmounts.length > 0 && gold.length > 1 ? `${derivedAmounts.length} values follow from the policy alone` : null,
    },
    { tag: "conditional-logic", because: triggers > 0 ? `${triggers} reactive triggers` : null },
    { tag: "attribute-based-selection", because: choices.length > 0 ? `${choices.length} rows chosen by what they are like` : null },
    { tag: "multi-step", because: gold.length > 1 ? `${gold.length} writes` : null },
    { tag: "state-based", because: moves > 0 ? `${moves} moves of a state` : null },
  ];
}

function argumentValue(given: unknown, name: string): unknown {
  return typeof given === "object" && given !== null ? Object.entries(given).find(([key]) => key === name)?.[1] : undefined;
}
