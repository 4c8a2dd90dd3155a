/**
 * A rule pattern: one sentence form of the controlled English with all that follows from it. It says the rule, reads it
 * back, explains words, declares columns and states, and yields sheet rules and boundary recipes.
 */
import type { z } from "zod";
import type { actorSchema, ruleSchema, tableSchema } from "../../../environment/sheet/sheet.js";
import type { Blueprint } from "../../../agents/architect-blueprint.js";
import type { Lab } from "../reading/lab.js";
import type { Sentence, SlotValues } from "../reading/sentence.js";
import type { Terms, Thing } from "../reading/terms.js";

/** Rules and tables as they are written, before the schema fills in defaults. */
export type RuleInput = z.input<typeof ruleSchema>;
export type TableInput = z.input<typeof tableSchema>;

/** The declarations under construction. */
export interface Draft {
  actor: z.input<typeof actorSchema>;
  readonly ladders: Record<string, string[]>;
  readonly tables: Record<string, TableInput>;
}

export type Sort = Blueprint["rules"][number]["sort"];

/** A sentence that is about to be written: what a blueprint says of a rule. */
export type Planned = Blueprint["rules"][number];

interface Parts<V> {
  /** Name of the pattern; with the clause it makes the rule's id. */
  readonly id: string;
  readonly sort: Sort;
  /** The section of the policy in which its clauses stand. */
  readonly heading: Heading;
  readonly kind?: "conduct";
  /** What the decision depends on. */
  variables?(values: V): readonly string[];
  threshold?(values: V): number;
  /** The table that the sentence introduces. */
  thing?(values: V, clause: string): Thing;
  /** Explains acts, states and customers; runs after all things are known. */
  introduce?(values: V, terms: Terms): void;
  declare?(values: V, draft: Draft, context: Context): void;
  rules?(values: V, context: Context): readonly RuleInput[];
  /** Sets up situations on both sides of the rule's edge. */
  probe?(values: V, lab: Lab, context: Context): void;
}

/** Sections of every policy, in order. */
export const headings = [
  "Service",
  "What is kept",
  "What can be asked for",
  "Who may",
  "Conditions and limits",
  "What the system does",
] as const;
export type Heading = (typeof headings)[number];

export interface Context {
  readonly terms: Terms;
  /** Id of the clause that says the sentence. */
  readonly clause: string;
  /** Id, clauses and message of a rule that enforces the sentence. */
  readonly rule: { readonly id: string; readonly clauses: [string]; readonly message: string };
  /** The same for an effect, which refuses nothing. */
  readonly effect: { readonly id: string; readonly clauses: [string] };
}

/** A sentence that was read, with what follows from it. */
export interface Statement {
  readonly pattern: string;
  readonly clause: string;
  readonly text: string;
  readonly heading: Heading;
  readonly kind: "enforceable" | "conduct";
  readonly planned: Planned;
  /** What stood in the sentence's slots. */
  readonly slots: Readonly<Record<string, unknown>>;
  readonly thing: Thing | null;
  introduce(terms: Terms): void;
  declare(draft: Draft, terms: Terms): void;
  rules(terms: Terms): readonly RuleInput[];
  probe(lab: Lab, terms: Terms): void;
}

export interface Pattern<S> {
  readonly id: string;
  readonly sort: Sort;
  plan(values: SlotValues<S>): Planned;
  /** Null where the text is not a sentence of this pattern. */
  read(text: string, clause: string): Statement | null;
}

/** A pattern from its sentence and what follows from it. */
export function definePattern<S extends Record<string, unknown>>(form: Sentence<S>, parts: Parts<SlotValues<S>>): Pattern<S> {
  function plan(values: SlotValues<S>): Planned {
    return {
      text: form.say(values),
      sort: parts.sort,
      variables: [...(parts.variables?.(values) ?? [])],
      threshold: parts.threshold?.(values) ?? null,
    };
  }
  function read(text: string, clause: string): Statement | null {
    const values = form.read(text);
    if (values === null) return null;
    const contextOf = (terms: Terms): Context => {
      const effect = { id: `${parts.id}-${clause}`, clauses: [clause] as [string] };
      return { terms, clause, effect, rule: { ...effect, message: text.length <= 300 ? text : `${text.slice(0, 296)} …` } };
    };
    return {
      pattern: parts.id,
      clause,
      text,
      heading: parts.heading,
      kind: parts.kind ?? "enforceable",
      planned: plan(values),
      slots: values,
      thing: parts.thing?.(values, clause) ?? null,
      introduce: (terms) => parts.introduce?.(values, terms),
      declare: (draft, terms) => parts.declare?.(values, draft, contextOf(terms)),
      rules: (terms) => parts.rules?.(values, contextOf(terms)) ?? [],
      probe: (lab, terms) => parts.probe?.(values, lab, contextOf(terms)),
    };
  }
  return { id: parts.id, sort: parts.sort, plan, read };
}
