/** Answers of a child, which may be anything, become typed here. */
import { z } from "zod";
import type { Diff, DiffRow } from "../compare/diff.js";
import type { Reward } from "../compare/reward.js";
import type { Row, Value } from "../core/values.js";
import type { Effect } from "../engine/effect-log.js";
import type { LoggedCall } from "../engine/executor.js";
import type { ErrorCode, ToolError, ToolResult } from "../engine/tool-result.js";
import { decodeExact, type Exact } from "./wire.js";

/** A child's answer is none. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
}

const codes: readonly ErrorCode[] = ["POLICY_VIOLATION", "INVALID_ARGUMENTS", "UNKNOWN_TOOL", "NOT_FOUND", "LIMIT", "INTERNAL"];

/** The answer to a call, by hand and not by schema, since every call passes here. @throws {AnswerError} If it is none. */
export function readToolResult(payload: string): ToolResult {
  const { ok, error, rows, truncated, cursor, row, effects } = members(parse(payload));
  if (ok === false) return { ok, error: toolError(error) };
  if (ok !== true) throw unlike("a tool's answer");
  if (row !== undefined) return { ok, row: readRow(row), effects: list(effects).map(readEffect) };
  if (typeof truncated !== "boolean") throw unlike("a tool's answer");
  return { ok, rows: list(rows).map(readRow), truncated, cursor: textOrNull(cursor) };
}

/** The writes of a session's log. @throws {AnswerError} If it is none. */
export function readLog(payload: string): readonly LoggedCall[] {
  return parsed(logSchema, payload);
}

/** Where a session stands. @throws {AnswerError} If it is no reward. */
export function readReward(payload: string): Reward {
  return parsed(rewardSchema, payload);
}

/** What separates a session from its target. @throws {AnswerError} If it is no difference. */
export function readDiff(payload: string): Diff {
  return parsed(diffSchema, payload);
}

function parse(payload: string): Exact {
  try {
    return decodeExact(payload);
  } catch (cause) {
    throw new AnswerError("Cannot read a child's answer: it is no JSON of values", { cause });
  }
}

function members(value: Exact | undefined): Readonly<Record<string, Exact>> {
  if (typeof value !== "object" || value === null || isList(value) || Buffer.isBuffer(value)) throw unlike("an object");
  return value;
}

function isList(value: Exact): value is readonly Exact[] {
  return Array.isArray(value);
}

function list(value: Exact | undefined): readonly Exact[] {
  if (value === undefined || !isList(value)) throw unlike("a list");
  return value;
}

function text(value: Exact | undefined): string {
  if (typeof value !== "string") throw unlike("text");
  return value;
}

function textOrNull(value: Exact | undefined): string | null {
  return value === null ? null : text(value);
}

function toolError(value: Exact | undefined): ToolError {
  const { code, message, violated_rule, hint } = members(value);
  const known = codes.find((each) => each === code);
  if (known === undefined) throw unlike("an error code");
  return { code: known, message: text(message), violated_rule: textOrNull(violated_rule), hint: textOrNull(hint) };
}

function readEffect(value: Exact): Effect {
  const { table, key, columns, deleted } = members(value);
  return { table: text(table), key: readRow(key), columns: readRow(columns), ...(deleted === true && { deleted }) };
}

function readRow(value: Exact | undefined): Row {
  const cells = members(value);
  if (!isRow(cells)) throw unlike("a row");
  return cells;
}

function isRow(cells: Readonly<Record<string, Exact>>): cells is Row {
  return Object.values(cells).every(isValue);
}

function isValue(value: Exact): value is Value {
  return typeof value === "object" ? value === null || Buffer.isBuffer(value) : typeof value !== "boolean";
}

function unlike(wanted: string): AnswerError {
  return new AnswerError(`Cannot read a child's answer: it lacks ${wanted}`);
}

const count = z.int().nonnegative();
const success = z.union([z.literal(0), z.literal(1)]);
const exact = z.custom<Exact>((value) => value !== undefined);

const logSchema = z.array(
  z.strictObject({ tool: z.string(), arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) }),
);

const rewardSchema = z.strictObject({
  paper: z.strictObject({ diff: count, r_final: success, p: z.number(), r: z.number() }),
  default: z.strictObject({ missing: count, collateral: count, success: success.nullable(), p: z.number(), r: z.number() }),
}) satisfies z.ZodType<Reward>;

const diffRowSchema = z
  .strictObject({ table: z.string(), key: exact, column: z.string().nullable(), wanted: exact, found: exact })
  .transform((row): DiffRow => ({ ...row, key: readRow(row.key), wanted: readSide(row.wanted), found: readSide(row.found) }));

/** A cell, a whole row, or null for a row that a side lacks. */
function readSide(side: Exact): Value | Row {
  return isValue(side) ? side : readRow(side);
}

const diffSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("undecided") }),
  z.strictObject({
    kind: z.literal("decided"),
    equal: z.boolean(),
    missing: count,
    collateral: count,
    exact: z.boolean(),
    rows: z.array(diffRowSchema),
  }),
]) satisfies z.ZodType<Diff>;

function parsed<T>(schema: z.ZodType<T>, payload: string): T {
  const found = schema.safeParse(parse(payload));
  if (!found.success) throw new AnswerError(`Cannot read a child's answer: ${z.prettifyError(found.error)}`);
  return found.data;
}
