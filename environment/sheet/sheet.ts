/**
 * The rule sheet: what the Architect writes and the one compiler reads.
 *
 * Three parts: declarations with strict defaults (`actor`, `ladders`, `tables`), rules by named kinds (`rules`), and the
 * typed core, an expression language that every kind expands to and that stands here as text (`docs/rule-sheet.md`).
 */
import { z } from "zod";

const name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, "a name is lower case: a letter, then letters, digits or _ (at most 63)");
const clauseId = z.string().regex(/^[0-9]+(\.[0-9]+){0,2}$/, 'a clause id looks like "3.2"');
const clauses = z.array(clauseId).default([]).describe("ids of the policy clauses that this enforces");
const literal = z.union([z.string(), z.int(), z.null()]);
const state = z.string().regex(/^[A-Z][A-Z0-9_]{0,40}$/, "a state is upper case, such as PENDING");
const move = z.string().regex(/^[A-Z][A-Z0-9_]*>[A-Z][A-Z0-9_]*$/, 'a move looks like "PENDING>CANCELLED"');
const expression = z.string().min(1).max(4000).describe("an expression of the typed core (docs/rule-sheet.md)");
const phrase = z.string().min(3).max(80).describe('what a person calls the act, as an infinitive: "rent a tool"');

/** One column. What is not said is refused: not NULL, not writable by the agent on update, business, visible. */
export const columnSchema = z.strictObject({
  type: z.enum(["integer", "text", "real"]),
  label: z.string().max(60).optional().describe('what a person calls it: "departure step"; default: the name with blanks'),
  unit: z.enum(["step", "money", "count", "percent", "flag"]).optional().describe("flag: an integer that is 0 or 1"),
  class: z
    .enum(["business", "text", "technical", "provenance"])
    .optional()
    .describe("default: technical for a surrogate key, else business"),
  visible: z.boolean().default(true).describe("may the user be told it"),
  null: z.enum(["none", "open", "unknown"]).optional().describe("what NULL means (nothing there; no end; not known); absent: NOT NULL"),
  values: z
    .array(z.union([z.string(), z.int()]))
    .min(1)
    .optional()
    .describe("the closed list of values"),
  min: z.number().optional(),
  max: z.number().optional(),
  max_length: z.int().positive().optional(),
  format: z.string().optional().describe("a GLOB pattern the value matches"),
  references: name.optional().describe("the table whose key this column holds"),
  default: literal.optional(),
  insert: z
    .enum(["agent", "system"])
    .optional()
    .describe(
      "who gives it on insert; default: agent on a table the agent may create rows in, unless stamped, derived, maintained, a key that the database chooses, the only start state, or empty (null) until a move sets it",
    ),
  update: z
    .enum(["agent", "fixed", "system"])
    .optional()
    .describe("who may change it; default: fixed (a move that `sets` it may still change it), system where an effect or a count writes it"),
  frozen: z.array(state).optional().describe("states in which even the agent may no longer change it"),
  stamp: z
    .union([z.literal("create"), move, z.array(move)])
    .optional()
    .describe("the clock fills it: at creation, or at these moves"),
  by: z
    .enum(["user", "desk"])
    .optional()
    .describe("the context fills it: the authenticated user, or the agent's own desk; with `stamp` a move: at that move; else at creation"),
  step: z
    .enum(["planned", "past", "supplied"])
    .optional()
    .describe("a step column that is no stamp: the agent's plan; older than the clock; given by the agent as in the paper"),
  derived: expression.optional().describe("computed from the same row: a generated column"),
  quoted: z.boolean().optional().describe("its value stands in the task description word for word"),
  clauses,
});

/** One move of a state machine; what no move grants is refused. */
const moveSchema = z.strictObject({
  from: state,
  to: state,
  by: z
    .enum(["agent", "system", "other"])
    .default("agent")
    .describe("who: the agent, an effect, or somebody who is not in the conversation"),
  when: z.union([z.literal("free"), expression]).describe('its condition on old and new, or the word "free"'),
  sets: z.array(name).default([]).describe("columns that may change in this move only"),
  phrase: phrase.optional().describe('"cancel a tool rental"'),
  clauses,
});

const statesSchema = z.strictObject({
  column: name,
  start: z.union([state, z.array(state).min(1)]),
  moves: z.array(moveSchema),
  end: z.array(state).default([]).describe("states that nothing leaves"),
  clauses,
});

export const tableSchema = z.strictObject({
  label: z.string().max(60).describe("one of its rows, in the singular: tool rental"),
  plural: z.string().max(60),
  layer: z.enum(["L0", "L1", "L2"]).describe("reference, entity, transaction; the agent writes L2 only"),
  key: z
    .union([name, z.array(name).min(1)])
    .describe("an integer key of one column is chosen by the database (technical); any other is natural"),
  create: z
    .strictObject({ by: z.enum(["agent", "system"]), phrase: phrase.optional(), clauses })
    .optional()
    .describe("L2 only: who creates rows"),
  unique: z.array(z.strictObject({ columns: z.array(name).min(1), states: z.array(state).optional(), clauses })).default([]),
  duplicates: z.array(clauseId).optional().describe("clauses that allow two equal rows; an L2 table needs this or `unique`"),
  live: z
    .union([z.array(state), z.strictObject({ states: z.array(state), until: name })])
    .optional()
    .describe("states that count as present; default of every row set"),
  columns: z.record(name, columnSchema),
  states: statesSchema.optional(),
  clauses,
});

/** When a guard is judged: `holds` for every row in these states whatever write reaches the fact, or `at` one act. */
const at = z.union([
  z.literal("create"),
  move,
  z.array(z.union([z.literal("create"), move])).min(1),
  z.strictObject({ change: z.array(name).min(1) }),
]);
const common = {
  id: z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,60}$/),
  clauses: z.array(clauseId).min(1),
  table: name,
  message: z.string().min(5).max(300).describe("one sentence for whoever was refused; a literal"),
  hint: z.string().max(300).optional().describe("what can be done instead"),
};
const judged = {
  holds: z.union([z.literal("always"), z.array(state).min(1)]).optional(),
  at: at.optional(),
  when: expression.optional().describe("applies only where this is true or unknown"),
  unless: expression.optional().describe("exempt where this is true"),
};
const { message: _m, hint: _h, ...effectCommon } = common;
const rows = z.strictObject({
  from: name,
  match: z.record(name, expression).default({}).describe("column of the row = expression over new, old, now, actor"),
  states: z
    .union([z.array(state), z.literal("any")])
    .optional()
    .describe("default: the table's live states"),
  where: expression.optional().describe("over row, new, old, now, actor"),
  not_self: z.boolean().optional().describe("leave out the written row; default true on the rule's own table"),
});
const bound = z.union([z.int(), expression]);
const cases = z.strictObject({
  cases: z.array(z.strictObject({ when: expression, is: z.union([z.int(), expression]) })),
  else: z.union([z.int(), expression]),
});

const guards = [
  z.strictObject({ kind: z.literal("guard"), ...common, ...judged, must: expression }),
  z.strictObject({
    kind: z.literal("required"),
    ...common,
    ...judged,
    columns: z.array(name).default([]),
    empty: z.array(name).default([]),
  }),
  z.strictObject({ kind: z.literal("compare"), ...common, ...judged, check: expression }),
  z.strictObject({ kind: z.literal("same"), ...common, ...judged, a: expression, b: expression }),
  z.strictObject({
    kind: z.literal("prerequisite"),
    ...common,
    ...judged,
    row: expression.describe("path to a row: new.request_id"),
    in: z.array(state).min(1),
    column: name.optional().describe("default: that table's state column"),
  }),
  z.strictObject({
    kind: z.literal("window"),
    ...common,
    ...judged,
    from: expression,
    to: expression,
    at_least: z.union([bound, cases]).optional(),
    at_most: z.union([bound, cases]).optional(),
  }),
  z.strictObject({
    kind: z.literal("ownership"),
    ...common,
    ...judged,
    is: expression.describe("path to the owner's key"),
    actor: expression.default("actor"),
  }),
  z.strictObject({
    kind: z.literal("conflict"),
    ...common,
    ...judged,
    not: expression.describe("path to the key the actor must not be"),
    actor: expression.default("actor"),
  }),
  z.strictObject({
    kind: z.literal("role"),
    ...common,
    ...judged,
    of: expression.describe("path to the rank: actor.level"),
    any: z.array(z.string()).optional(),
    ladder: name.optional(),
    at_least: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal("exists"), ...common, ...judged, rows }),
  z.strictObject({ kind: z.literal("absent"), ...common, ...judged, rows }),
  z.strictObject({
    kind: z.literal("exclusive"),
    ...common,
    ...judged,
    same: z.array(expression).min(1).describe("columns or paths without new.: student_id, section_id.course_id"),
    states: z.array(state).optional(),
  }),
  z.strictObject({
    kind: z.literal("overlap"),
    ...common,
    ...judged,
    same: z.array(expression).min(1),
    span: z.tuple([name, name]),
    gap: z.int().default(0),
    states: z.array(state).optional(),
  }),
  z.strictObject({
    kind: z.literal("quota"),
    ...common,
    ...judged,
    per: z.array(expression).min(1).describe("columns or paths of the rule's own table"),
    sum: expression.optional().describe("path summed; default: rows are counted"),
    states: z.array(state).optional(),
    last: z.strictObject({ steps: z.int().positive(), of: name }).optional(),
    max: z.union([bound, cases]),
  }),
  z.strictObject({
    kind: z.literal("limit"),
    ...common,
    ...judged,
    count: rows.optional(),
    sum: z.strictObject({ of: expression, rows }).optional(),
    min: bound.optional(),
    max: bound.optional(),
  }),
  z.strictObject({ kind: z.literal("calculation"), ...common, ...judged, column: name, is: z.union([expression, cases]) }),
  z.strictObject({
    kind: z.literal("decide"),
    ...common,
    ...judged,
    column: name,
    cases: z.array(z.strictObject({ when: expression, is: z.string() })).min(1),
    else: z.string(),
  }),
  z.strictObject({
    kind: z.literal("custom_guard"),
    ...common,
    ...judged,
    sql: z.string().max(4000).describe("one boolean SQL expression over NEW and OLD"),
  }),
] as const;

const values = z.record(name, expression);
const effects = [
  z.strictObject({
    kind: z.literal("counter"),
    ...effectCommon,
    column: name,
    rows: rows.describe("match: column of the counted row = expression over owner"),
    sum: expression.optional().describe("over row; default: count"),
  }),
  z.strictObject({ kind: z.literal("propagate"), ...effectCommon, at, when: expression.optional(), rows, set: values }),
  z.strictObject({
    kind: z.literal("promote"),
    ...effectCommon,
    at,
    when: expression.optional(),
    pick: rows.extend({ order: z.array(name).min(1), take: z.int().positive().default(1), eligible: z.boolean().default(false) }),
    set: values,
  }),
  z.strictObject({ kind: z.literal("spawn"), ...effectCommon, at, when: expression.optional(), into: name, values, each: rows.optional() }),
] as const;

/** One rule: a guard refuses a write; an effect is what the engine does after one. */
export const ruleSchema = z.discriminatedUnion("kind", [...guards, ...effects]);

export const actorSchema = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: z.literal("session").describe("authenticate sets the user once; user and desk columns are stamped"),
    table: name,
    evidence: z.array(name).min(1).describe("columns of the actor's row that must be quoted"),
    desk: z.string().optional().describe("the agent's own desk, written into the context"),
    when: expression.optional().describe("who may be served, over actor: actor.active = 1"),
    clauses,
  }),
  z.strictObject({ mode: z.literal("columns").describe("the paper's way: the agent names the actors in columns") }),
]);

/** The whole sheet. `policy` is the wiki policy it was written from; every enforceable clause is cited at least once. */
export const sheetSchema = z.strictObject({
  logigen: z.literal(1).describe("version of this format"),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  title: z.string().min(3).max(120),
  policy: z
    .array(
      z.strictObject({
        id: clauseId,
        kind: z.enum(["enforceable", "conduct"]),
        text: z.string().min(3).max(2000),
        heading: z.string().max(120).optional().describe("the section it stands in"),
        ours: z.string().optional().describe("why this clause was added where the source was silent"),
      }),
    )
    .min(1),
  actor: actorSchema,
  ladders: z.record(name, z.array(z.string()).min(2)).default({}).describe("ranks, lowest first"),
  tables: z.record(name, tableSchema),
  rules: z.array(ruleSchema),
});

export type Sheet = z.infer<typeof sheetSchema>;
export type Table = z.infer<typeof tableSchema>;
export type Column = z.infer<typeof columnSchema>;
export type Move = z.infer<typeof moveSchema>;
export type Rule = z.infer<typeof ruleSchema>;
export type RowSet = z.infer<typeof rows>;
export type Clause = Sheet["policy"][number];
