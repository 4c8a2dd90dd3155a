import { foldName, keywordOf, type SqlToken } from "../../sql/tokenize-sql.js";
import { isNeverNull, type SqlTable } from "../../engine/sql-tables.js";
import { type Finding, type ImportFacts, isFiredBy, quoted, refusal, type Site, sitesOn, tableNamed } from "../facts.js";
import { columnKey } from "../possible.js";
import type { SqlColumnName, SqlExpression } from "../sql-expression.js";
import type { TriggerShape } from "../trigger-shape.js";
import { isSureLookUp } from "./sure-look-up.js";

/**
 * Comparisons with what may be NULL, where NULL makes the condition neither true nor false: a refusal that then does not
 * happen, an effect that then does not run. Plain equality with a value is not among them: NULL is none of the values.
 */
export function nullHoles(facts: ImportFacts): readonly Finding[] {
  return facts.triggers.flatMap((trigger) => {
    const table = tableNamed(facts, trigger.table);
    if (table === undefined) return [];
    const whens = trigger.when === null ? [] : holesIn({ facts, table }, trigger.when);
    const holes = [
      ...whens.map((hole) => ({ ...hole, unless: `the trigger fires: where it is NULL it does not` })),
      ...sitesOn({ triggers: [trigger] }, trigger.table, trigger.event).flatMap((site) =>
        (site.raise.own === null ? [] : holesIn({ facts, table }, site.raise.own)).map((hole) => ({
          ...hole,
          unless: `${quoted(site.raise.message)} is raised: where it is NULL the write passes`,
        })),
      ),
    ].filter(({ column }) => column === null || !isRefusedAsNull(facts, trigger, column));
    const byOperand = new Map(holes.map((hole) => [hole.operand, hole] as const).reverse());
    return [...byOperand.values()].reverse().map(({ operand, unless }) => ({
      kind: "null-hole",
      object: trigger.name,
      message: `${operand} may be NULL, and is compared before ${unless}`,
    }));
  });
}

/** `column` is the column of NEW or OLD, null for a look-up. */
type Hole = { readonly operand: string; readonly column: SqlColumnName | null };

type Scope = { readonly facts: ImportFacts; readonly table: SqlTable };

function holesIn(scope: Scope, condition: SqlExpression): readonly Hole[] {
  return [...comparisons(condition, "plain")].flatMap(({ node, within }) => {
    const isOpen =
      node.kind === "compare" ? isOpenOperator(node.op, within) : node.kind === "in" && (node.op === "not in") === (within === "plain");
    if (!isOpen) return [];
    const operands = node.kind === "compare" ? [node.left, node.right] : node.kind === "in" ? [node.operand] : [];
    return operands.flatMap(valuesOf).flatMap((operand) => holeOf(scope, operand));
  });
}

function isOpenOperator(op: Extract<SqlExpression, { kind: "compare" }>["op"], within: "plain" | "not"): boolean {
  switch (op) {
    case "is":
    case "is not":
      return false;
    case "=":
    case "like":
      return within === "not";
    case "!=":
    case "not like":
      return within === "plain";
    case "<":
    case "<=":
    case ">":
    case ">=":
      return true;
  }
}

type Compared = { readonly node: SqlExpression; readonly within: "plain" | "not" };

function* comparisons(node: SqlExpression, within: "plain" | "not"): Generator<Compared, void> {
  switch (node.kind) {
    case "compare":
    case "in":
      yield { node, within };
      return;
    case "not":
      yield* comparisons(node.operand, within === "plain" ? "not" : "plain");
      return;
    case "logic":
      for (const operand of node.operands) yield* comparisons(operand, within);
      return;
    default:
  }
}

/** What an operand is reckoned from: one NULL part makes all of it NULL. */
function valuesOf(operand: SqlExpression): readonly SqlExpression[] {
  return operand.kind === "reckoning" ? operand.parts.flatMap(valuesOf) : [operand];
}

function holeOf({ facts, table }: Scope, operand: SqlExpression): readonly Hole[] {
  if (operand.kind === "column" && (operand.row === "new" || operand.row === "old")) {
    const column = table.columns.find(({ name }) => foldName(name) === operand.name);
    return column === undefined || isNeverNull(table, column)
      ? []
      : [{ operand: `${operand.row.toUpperCase()}.${column.name}`, column: operand }];
  }
  return operand.kind === "opaque" && isOpenSelect(operand.tokens) && !isSureLookUp(facts, table, operand.tokens)
    ? [{ operand: `(${shown(operand.tokens)})`, column: null }]
    : [];
}

/** A look-up that may find nothing; one of COUNT, TOTAL or COALESCE always has a value. */
function isOpenSelect(tokens: readonly SqlToken[]): boolean {
  return keywordOf(tokens[0]) === "select" && !["count", "total", "coalesce", "ifnull", "exists"].includes(keywordOf(tokens[1]));
}

function shown(tokens: readonly SqlToken[]): string {
  const text = tokens.map(({ kind, value }) => (kind === "string" ? `'${value}'` : value)).join(" ");
  const tidy = text.replaceAll(" . ", ".").replaceAll("( ", "(").replaceAll(" )", ")");
  return tidy.length > 100 ? `${tidy.slice(0, 97)}…` : tidy;
}

/** Whether the same trigger, or one that fires whenever it does, refuses the row because this column is NULL. */
function isRefusedAsNull(facts: ImportFacts, trigger: TriggerShape, column: SqlColumnName): boolean {
  const known = new Map([[columnKey(column), null]]);
  return sitesOn(facts, trigger.table, trigger.event).some((site) => {
    const isMet = site.trigger === trigger || (site.trigger.when === null && isFiredBy(site.trigger, column.name));
    return isMet && refusal(withoutWhen(site), known) === "surely";
  });
}

/** The site as it is met once its trigger fires; a branch taken earlier refuses too. */
function withoutWhen({ trigger, raise }: Site): Site {
  return { trigger: { ...trigger, when: null }, raise: { ...raise, earlier: [] } };
}
