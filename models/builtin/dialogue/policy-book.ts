/** What the agent takes from the policy's text: values that it has to work out, and acts that nobody may do for himself. */
import { readBlock } from "../../../agents/block.js";
import type { Message } from "../../../agents/message.js";
import type { Expression } from "../../../environment/core/expression.js";
import { parseExpression } from "../../../environment/core/parse-expression.js";
import { calculationsOf, declarationsOf, readPolicyText, rulesOf } from "../reading/read-policy.js";
import type { Act } from "./tool-book.js";

/** A column that must have the value of an expression when the act is done. */
export interface Calculation {
  readonly column: string;
  readonly expression: Expression;
}

export interface PolicyBook {
  /** The values to work out for an act. */
  calculations(act: Act): readonly Calculation[];
  /** True where the act is for other customers' rows alone. */
  forOthers(act: Act): boolean;
  /** What a new row of a table starts as: its state, and the columns that the clock fills. */
  startOf(table: string): { readonly state: Readonly<Record<string, string>>; readonly stamps: readonly string[] };
  /** True of a column that rows of the table may be without. */
  mayBeEmpty(table: string, column: string): boolean;
  /** Ranks by name, lowest first. */
  readonly ladders: Readonly<Record<string, readonly string[]>>;
}

/** Reads the policy's text; a policy in words of another author teaches nothing here. */
export function readPolicy(text: string): PolicyBook {
  const reading = readPolicyText(text);
  const known = calculationsOf(reading);
  const { rules } = rulesOf(reading);
  const { draft } = declarationsOf(reading);
  return {
    ladders: draft.ladders,
    mayBeEmpty: (table, column) => draft.tables[table]?.columns[column]?.null !== undefined,
    startOf: (table) => {
      const { states, columns = {} } = draft.tables[table] ?? {};
      const stamps = Object.entries(columns)
        .filter(([, { stamp }]) => stamp === "create")
        .map(([name]) => name);
      return { state: typeof states?.start === "string" ? { [states.column]: states.start } : {}, stamps };
    },
    calculations: (act) =>
      known
        .filter(({ table, at }) => table === act.table && concerns(act, at))
        .flatMap(({ column, expression }) => {
          const parsed = parseExpression(expression);
          return parsed.kind === "parsed" ? [{ column, expression: parsed.expression }] : [];
        }),
    forOthers: (act) =>
      rules.some(
        (rule) =>
          rule.kind === "conflict" &&
          rule.table === act.table &&
          rule.at !== undefined &&
          (typeof rule.at === "string" || Array.isArray(rule.at)) &&
          concerns(act, rule.at),
      ),
  };
}

/** The business clock where the prompt tells it, in a block `now`; null where it does not. */
export function clockOf(messages: readonly Message[]): number | null {
  const told = readBlock(messages, "now");
  return told !== null && /^[0-9]+$/.test(told.trim()) ? Number(told) : null;
}

/** Whether a moment ("create", "OPEN>DONE" or several) is one of the act. */
function concerns({ row, fixed }: Act, at: string | readonly string[]): boolean {
  const moments = typeof at === "string" ? [at] : at;
  if (row === null) return moments.includes("create");
  return row.from.some((from) => moments.includes(`${from}>${fixed[row.column] ?? ""}`));
}
