/** Reads a policy's text back: clauses, the statements that they make, and what their words stand for. */
import { readSentence } from "../patterns/library.js";
import type { Draft, RuleInput, Statement } from "../patterns/pattern.js";
import { emptyTerms, type Terms, UnknownTerm } from "./terms.js";

/** One numbered clause of the text. */
export interface ReadClause {
  readonly id: string;
  readonly kind: "enforceable" | "conduct";
  readonly text: string;
  readonly heading: string | null;
}

export interface Reading {
  readonly title: string;
  readonly clauses: readonly ReadClause[];
  /** Clauses that a pattern reads, in order. */
  readonly patterns: readonly Statement[];
  readonly terms: Terms;
}

/** Statements whose words could not all be explained, by clause. */
export type Unexplained = Readonly<Record<string /* clause */, string>>;

const numbered = /^([0-9]+(?:\.[0-9]+){0,2}) (.+?)( \[conduct\])?$/;

/** Reads the text of a policy: "# title", "## heading", and a numbered clause a line. */
export function readPolicyText(text: string): Reading {
  const lines = text.split("\n");
  const clauses: ReadClause[] = [];
  let heading: string | null = null;
  for (const line of lines) {
    if (line.startsWith("## ")) heading = line.slice(3);
    const match = numbered.exec(line);
    if (match !== null)
      clauses.push({ id: match[1] ?? "", text: match[2] ?? "", kind: match[3] === undefined ? "enforceable" : "conduct", heading });
  }
  const patterns = clauses.flatMap((clause) => readSentence(clause.text, clause.id) ?? []);
  return { title: lines.find((line) => line.startsWith("# "))?.slice(2) ?? "", clauses, patterns, terms: termsOf(patterns) };
}

/** What the words of these statements stand for; a statement with unknown words explains nothing. */
export function termsOf(patterns: readonly Statement[]): Terms {
  const terms = emptyTerms();
  for (const { thing } of patterns) if (thing !== null) terms.things.push(thing);
  for (const statement of patterns)
    unlessUnknown(() => {
      statement.introduce(terms);
    });
  return terms;
}

/** The declarations that follow from a policy's text. */
export function declarationsOf({ patterns, terms }: Reading): { readonly draft: Draft; readonly unexplained: Unexplained } {
  const draft: Draft = { actor: { mode: "columns" }, ladders: {}, tables: {} };
  const unexplained: Record<string, string> = {};
  // Tables first, then their states, then what amends either.
  const order = [...patterns].sort((a, b) => phaseOf(a) - phaseOf(b));
  for (const statement of order) {
    const reason = unlessUnknown(() => {
      statement.declare(draft, terms);
    });
    if (reason !== null) unexplained[statement.clause] = reason;
  }
  return { draft, unexplained };
}

/** The rules that follow from a policy's text, in the order in which they should be judged: state, who, time, limits, amounts, effects. */
export function rulesOf({ patterns, terms }: Reading): { readonly rules: readonly RuleInput[]; readonly unexplained: Unexplained } {
  const rules: RuleInput[] = [];
  const unexplained: Record<string, string> = {};
  for (const statement of patterns) {
    const reason = unlessUnknown(() => rules.push(...statement.rules(terms)));
    if (reason !== null) unexplained[statement.clause] = reason;
  }
  return { rules: rules.sort((a, b) => turnOf(a.kind) - turnOf(b.kind)), unexplained };
}

/** A column that must equal an expression of the typed core, over new, actor and now. */
export interface Calculation {
  readonly clause: string;
  readonly table: string;
  readonly column: string;
  /** "create", or the moves at which it is judged. */
  readonly at: "create" | readonly string[];
  readonly expression: string;
}

/** Asked for at every act of a scene, and always the same for one reading. */
const workedOut = new WeakMap<Reading, readonly Calculation[]>();

/** What must be worked out before a write, from the policy's text alone. */
export function calculationsOf(reading: Reading): readonly Calculation[] {
  const known = workedOut.get(reading) ?? readCalculations(reading);
  workedOut.set(reading, known);
  return known;
}

function readCalculations(reading: Reading): Calculation[] {
  return rulesOf(reading).rules.flatMap((rule) => {
    if (rule.kind !== "calculation") return [];
    const at = rule.at === undefined || typeof rule.at === "string" ? "create" : Array.isArray(rule.at) ? rule.at : "create";
    return [{ clause: rule.clauses[0] ?? "", table: rule.table, column: rule.column, at, expression: expressionOf(rule.is) }];
  });
}

function expressionOf(is: Extract<RuleInput, { kind: "calculation" }>["is"]): string {
  if (typeof is === "string") return is;
  return `case ${is.cases.map((each) => `when ${each.when} then ${each.is}`).join(" ")} else ${is.else} end`;
}

const phases: readonly string[] = ["catalogue", "register", "record", "asked", "asked-once", "system-made"];

function phaseOf({ pattern }: Statement): number {
  const phase = phases.indexOf(pattern);
  return phase < 0 ? phases.length : phase;
}

const turns: readonly RuleInput["kind"][] = [
  "prerequisite",
  "compare",
  "ownership",
  "conflict",
  "role",
  "window",
  "absent",
  "overlap",
  "exclusive",
  "quota",
  "limit",
  "calculation",
  "counter",
  "propagate",
  "promote",
  "spawn",
];

function turnOf(kind: RuleInput["kind"]): number {
  return turns.indexOf(kind);
}

/** Runs the step; the reason where a word of the policy is unknown, as in a policy that lacks a clause. */
function unlessUnknown(step: () => unknown): string | null {
  try {
    step();
    return null;
  } catch (error) {
    if (error instanceof UnknownTerm || error instanceof RangeError) return error.message;
    throw error;
  }
}
