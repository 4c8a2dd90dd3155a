/** What the schemas of all rules share: names, texts, when a rule is judged, and sets of rows. */
import { z } from "zod";

/** The name of a table, a column or a ladder. */
export const name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, "a name is lower case: a letter, then letters, digits or _ (at most 63)");

/** The id of a clause of the policy. */
export const clauseId = z.string().regex(/^[0-9]+(\.[0-9]+){0,2}$/, 'a clause id looks like "3.2"');

/** The clauses that a declaration cites. */
export const clauses = z.array(clauseId).default([]).describe("ids of the policy clauses that this enforces");

/** A state of a row. */
export const state = z.string().regex(/^[A-Z][A-Z0-9_]{0,40}$/, "a state is upper case, such as PENDING");

/** A move from one state to another, as "A>B". */
export const move = z.string().regex(/^[A-Z][A-Z0-9_]*>[A-Z][A-Z0-9_]*$/, 'a move looks like "PENDING>CANCELLED"');

/** A text of the typed core. */
export const expression = z
  .string()
  .min(1)
  .max(4000)
  .meta({ id: "expression", description: "an expression of the typed core (docs/rule-sheet.md)" });

/** What a person calls an act. */
export const phrase = z.string().min(3).max(80).describe('what a person calls the act, as an infinitive: "rent a tool"');

const acts = [
  z.literal("create"),
  move,
  z.array(z.union([z.literal("create"), move])).min(1),
  z.strictObject({ change: z.array(name).min(1) }),
] as const;

/** The acts that set an effect off. */
export const act = z.union(acts).meta({ id: "act" });

/** The acts at which a guard is judged: `write` is the creation and every later change that is not the engine's counting. */
export const at = z.union([...acts, z.literal("write")]).meta({ id: "at" });

/** What every rule says. */
export const ruleCommon = {
  id: z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,60}$/),
  clauses: z.array(clauseId).min(1),
  table: name,
};

/** A set of rows. Its texts read `row` (in `each`, `each`), beside what the rule's own texts read. */
export const rows = z
  .strictObject({
    from: name,
    match: z.record(name, expression).default({}).describe("column of the row = expression over new, old, now, actor"),
    pair: z
      .record(name, expression)
      .refine((pair) => Object.keys(pair).length === 2, "a pair has two columns")
      .optional()
      .describe("two columns of the row that equal these two in this order or the other"),
    states: z
      .union([z.array(state), z.literal("any")])
      .optional()
      .describe("default: the table's live states"),
    where: expression.optional().describe("over row, new, old, now, actor"),
    not_self: z.boolean().optional().describe("leave out the written row; default true on the rule's own table"),
  })
  .meta({ id: "rows" });

/** Named look-ups that the rule's texts read like a row: `band.low`. */
const lookups = z
  .record(
    name,
    z.strictObject({ from: name, match: rows.shape.match, states: rows.shape.states, where: rows.shape.where, last: name.optional() }),
  )
  .meta({
    id: "lookups",
    description:
      "rows by name, each found by key (`match`, `where`) or the last by a column without ties; a missing row is NULL throughout",
  })
  .optional();

/** What every guard says beside its own keys. */
export const guardCommon = {
  ...ruleCommon,
  message: z.string().min(5).max(300).describe("one sentence for whoever was refused; a literal"),
  hint: z.string().max(300).optional().describe("what can be done instead"),
  holds: z.union([z.literal("always"), z.array(state).min(1)]).optional(),
  at: at.optional(),
  when: expression.optional().describe("applies only where this is true or unknown"),
  unless: z
    .union([expression, z.array(expression).min(1)])
    .optional()
    .describe("exempt where this (any of these) is true"),
  let: lookups,
};

/** What every effect but a counter says beside its own keys. */
export const effectCommon = { ...ruleCommon, at: act, when: expression.optional(), let: lookups };

/** A number, or an expression that gives one. */
export const bound = z.union([z.int(), expression]).meta({ id: "bound" });

/** A bound by cases, the first true one deciding. */
export const cases = z.strictObject({ cases: z.array(z.strictObject({ when: expression, is: bound })), else: bound }).meta({ id: "cases" });

/** Whether a rule over no rows at all refuses or accepts. */
export const empty = z.enum(["refuse", "accept"]).describe("the verdict where there are no such rows");

/** Columns or paths of the rule's own table, without `new.`; in a list, any column of the one row with any of the other. */
export const keys = z.array(z.union([expression, z.array(name).min(2)])).min(1);

/** States, and a condition over `row`, that rows of the rule's own table meet to be counted. */
export const counted = {
  states: z
    .union([z.array(state), z.literal("any")])
    .optional()
    .describe("default: the states it holds in, else the table's live ones"),
  where: expression.optional().describe("over row and new: only these count"),
};

/** A span of steps, half-open, as two columns. */
export const span = z.tuple([name, name]);
