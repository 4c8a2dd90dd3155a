/**
 * The rule sheet: what the Architect writes and the one compiler reads.
 *
 * Three parts: declarations with strict defaults (`actor`, `ladders`, `tables`), rules by named kinds (`rules`), and the
 * typed core, an expression language that every kind expands to and that stands here as text (`docs/rule-sheet.md`).
 */
import { z } from "zod";
import { effectSchemas } from "./effect-schemas.js";
import { guardSchemas } from "./guard-schemas.js";
import { rowGuardSchemas } from "./row-guard-schemas.js";
import { clauseId, clauses, expression, move, name, phrase, type rows, state } from "./rule-parts.js";

const literal = z.union([z.string(), z.int(), z.null()]);

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

/** One rule: a guard refuses a write; an effect is what the engine does after one. */
export const ruleSchema = z.discriminatedUnion("kind", [...guardSchemas, ...rowGuardSchemas, ...effectSchemas]);

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
