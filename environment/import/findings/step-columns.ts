import { foldName } from "../../sql/tokenize-sql.js";
import { isClock } from "../../engine/imported.js";
import type { SqlColumn, SqlTable } from "../../engine/sql-tables.js";
import { conditionsOf, type Finding, type ImportFacts, type Site, sitesOn } from "../facts.js";
import type { SqlExpression } from "../sql-expression.js";
import { columnsIn, walkSql } from "../walk-sql.js";

/** Step and date columns that an agent writes and no trigger bounds: they may be backdated. */
export function stepColumns(facts: ImportFacts): readonly Finding[] {
  return facts.tables.flatMap((table) =>
    table.columns.flatMap((column) => {
      if (!isStep(column) || column.generated || isClock(column) || column.name === table.alias) return [];
      const sites = (["insert", "update"] as const).flatMap((event) => sitesOn(facts, foldName(table.name), event));
      const name = foldName(column.name);
      const object = `${table.name}.${column.name}`;
      if (!sites.some((site) => conditionsOf(site).some((condition) => comparisonsOf(condition, name).length > 0)))
        return [{ kind: "step-unbound", object, message: "no trigger compares it with anything: it may be backdated" }];
      return sites.some((site) => isBound(table, site, name))
        ? []
        : [
            {
              kind: "step-unbound",
              object,
              message: "triggers reckon with it, but none refuses it for being too early or too late: it may be backdated",
            },
          ];
    }),
  );
}

function isStep({ name, type }: SqlColumn): boolean {
  const isNamed =
    /(?:^|_)(?:step|steps|date|time|datetime|timestamp|at|on|day|deadline|until|since)$/i.test(name) || /(?:Step|Date|Time|At)$/.test(name);
  return isNamed || /DATE|TIME/i.test(type);
}

type Comparison = Extract<SqlExpression, { kind: "compare" }>;

/** Comparisons of the column of NEW with anything but NULL and its own value before. */
function comparisonsOf(condition: SqlExpression, column: string): readonly Comparison[] {
  return [...walkSql(condition)].flatMap((node) => {
    if (node.kind !== "compare" || node.op === "is" || node.op === "is not") return [];
    const sides = [node.left, node.right];
    const isNamed = sides.some((side) => columnsIn(side).some(({ row, name }) => row === "new" && name === column));
    const isOwn = sides.every((side) => side.kind === "column" && side.name === column);
    return isNamed && !isOwn ? [node] : [];
  });
}

/** Whether the column's place in time alone decides a refusal: beside it the condition asks for steps, literals and NULL only. */
function isBound(table: SqlTable, site: Site, column: string): boolean {
  const parts = conditionsOf(site).flatMap(conjuncts);
  const own = parts.filter((part) => comparisonsOf(part, column).length > 0);
  const others = parts.filter((part) => !own.includes(part));
  return own.some((part) => isOfSteps(table, part)) && others.every((part) => isSideCondition(table, part));
}

/** A condition on steps and look-ups alone. */
function isOfSteps(table: SqlTable, condition: SqlExpression): boolean {
  const comparisons = [...walkSql(condition)].filter((node) => node.kind === "compare");
  return comparisons.every((node) => [node.left, node.right].flatMap(columnsOutside).every(({ name }) => isStepOf(table, name)));
}

/** The columns of an operand that stand in no sub-select. */
function columnsOutside(operand: SqlExpression): readonly { readonly name: string }[] {
  return [...walkSql(operand)].flatMap((node) => (node.kind === "column" ? [node] : []));
}

function conjuncts(condition: SqlExpression): readonly SqlExpression[] {
  return condition.kind === "logic" && condition.op === "and" ? condition.operands.flatMap(conjuncts) : [condition];
}

function isSideCondition(table: SqlTable, condition: SqlExpression): boolean {
  switch (condition.kind) {
    case "compare":
      return (
        [condition.left, condition.right].some(({ kind }) => kind === "literal") ||
        columnsIn(condition).every(({ name }) => isStepOf(table, name)) ||
        isOwnChange(condition)
      );
    case "in":
      return condition.list?.every(({ kind }) => kind === "literal") === true;
    case "not":
      return isSideCondition(table, condition.operand);
    case "logic":
      return condition.operands.every((operand) => isSideCondition(table, operand));
    default:
      return false;
  }
}

function isStepOf(table: SqlTable, name: string): boolean {
  return table.columns.some((column) => foldName(column.name) === name && isStep(column));
}

/** `NEW.x <> OLD.x`: the column changes. */
function isOwnChange({ left, right }: Comparison): boolean {
  return left.kind === "column" && right.kind === "column" && left.name === right.name;
}
