/** The built-in Architect, codification: the plan's sentences as numbered clauses under headings, and how to behave. */
import { blueprintSchema } from "../../agents/architect-blueprint.js";
import { type Policy, policySchema } from "../../agents/architect-policy.js";
import type { Finding } from "../../agents/role.js";
import type { ModelRequest } from "../port.js";
import { type Draft, err, type Erring, overlook } from "./errors.js";
import { readSentence } from "./patterns/library.js";
import { type Heading, headings } from "./patterns/pattern.js";
import { createRandom, type Random } from "./random.js";
import { readCorrection, readJsonBlock } from "./request.js";

type Clause = Policy["clauses"][number];

/** Clauses that only a conversation can show. */
const conduct: readonly { readonly heading: Heading; readonly text: string }[] = [
  { heading: "Service", text: "Before any change, say what will be changed, with its main values, and wait for a clear yes." },
  { heading: "Service", text: "Tell only what was read in the records or stands in this policy; never invent a fact." },
  { heading: "Service", text: "Make one change at a time, and only changes that were asked for." },
  { heading: "Service", text: "When something is refused, explain the rule behind it and name what would be possible instead." },
  { heading: "Service", text: "Hand over to a human only when the customer insists on something that this policy does not cover." },
  { heading: "What can be asked for", text: "Nothing is ever deleted; what is no longer wanted is taken to a closing state." },
  { heading: "Conditions and limits", text: "Amounts are in cents, and time is counted in steps of the system's clock." },
];

/** The policy, or the corrected policy; a first one may hold a slip. */
export function answerPolicy(request: ModelRequest, erring: Erring): Draft<Policy> {
  const random = createRandom(request.random, "errors");
  const correction = readCorrection(request, policySchema);
  if (correction !== null) {
    const { heeded, injected } = overlook(correction.findings, { erring, random });
    return { value: heeded.reduce(repair, correction.previous), injected };
  }
  const blueprint = readJsonBlock(request, "blueprint", blueprintSchema);
  const policy = { title: `${blueprint.title}: policy`, clauses: numbered(blueprint.rules.map(({ text }) => text)) };
  return err(policy, [dropClause, shiftNumber, dropSymbol], { erring, random });
}

function numbered(texts: readonly string[]): Clause[] {
  const said = texts.map(classed);
  return headings.flatMap((heading, section) =>
    [...said, ...conduct.map(({ heading: place, text }) => ({ heading: place, text, kind: "conduct" as const }))]
      .filter((clause) => clause.heading === heading)
      .map((clause, index) => ({ id: `${section + 1}.${index + 1}`, ...clause })),
  );
}

/** Where a sentence stands and what kind of clause it makes. */
function classed(text: string): { heading: Heading; text: string; kind: Clause["kind"] } {
  const statement = readSentence(text, "0");
  return { heading: statement?.heading ?? "Conditions and limits", text, kind: statement?.kind ?? "enforceable" };
}

/** Says what a finding wants said, in the place of the clause it names, or as a new clause. */
function repair(policy: Policy, { clause: id, expected }: Finding): Policy {
  if (expected === "") return { ...policy, clauses: policy.clauses.filter((clause) => clause.id !== id) };
  if (policy.clauses.some((clause) => clause.id === id))
    return { ...policy, clauses: policy.clauses.map((clause) => (clause.id === id ? { ...clause, text: expected } : clause)) };
  const said = classed(expected);
  const section = policy.clauses.filter(({ heading }) => heading === said.heading);
  const last = section.at(-1);
  if (last === undefined) return { ...policy, clauses: [...policy.clauses, { id: `${headings.indexOf(said.heading) + 1}.1`, ...said }] };
  const number = Math.max(...section.map((clause) => Number(clause.id.split(".")[1] ?? 0))) + 1;
  const at = policy.clauses.indexOf(last) + 1;
  return {
    ...policy,
    clauses: [...policy.clauses.slice(0, at), { id: `${last.id.split(".")[0] ?? "9"}.${number}`, ...said }, ...policy.clauses.slice(at)],
  };
}

const rules: ReadonlySet<Heading> = new Set(["Who may", "Conditions and limits", "What the system does"]);

function candidates({ clauses }: Policy, fits: (clause: Clause) => boolean): Clause[] {
  return clauses.filter((clause) => clause.kind === "enforceable" && rules.has(classed(clause.text).heading) && fits(clause));
}

function dropClause(policy: Policy, random: Random): Draft<Policy> | null {
  const chosen = candidates(policy, () => true);
  if (chosen.length === 0) return null;
  const { id } = random.pick(chosen);
  return { value: { ...policy, clauses: policy.clauses.filter((clause) => clause.id !== id) }, injected: `clause ${id} is dropped` };
}

function shiftNumber(policy: Policy, random: Random): Draft<Policy> | null {
  const chosen = candidates(policy, ({ text }) => /[0-9]/.test(text));
  if (chosen.length === 0) return null;
  const { id, text } = random.pick(chosen);
  return reworded(policy, {
    id,
    text: text.replace(/[0-9]+/, (digits) => String(Number(digits) + 1)),
    injected: `the number of clause ${id} is one too high`,
  });
}

function dropSymbol(policy: Policy, random: Random): Draft<Policy> | null {
  const chosen = candidates(policy, ({ text }) => / or [A-Z][A-Z0-9_]*/.test(text));
  if (chosen.length === 0) return null;
  const { id, text } = random.pick(chosen);
  return reworded(policy, { id, text: text.replace(/ or [A-Z][A-Z0-9_]*/, ""), injected: `clause ${id} lacks one of its values` });
}

function reworded(
  policy: Policy,
  { id, text, injected }: { readonly id: string; readonly text: string; readonly injected: string },
): Draft<Policy> {
  return { value: { ...policy, clauses: policy.clauses.map((clause) => (clause.id === id ? { ...clause, text } : clause)) }, injected };
}
