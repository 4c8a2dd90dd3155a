/** What stands in an expression of raw SQL: its nodes, and the columns of NEW and OLD that it names. */
import { foldName, keywordOf, type SqlToken } from "../sql/tokenize-sql.js";
import type { SqlColumnName, SqlExpression } from "./sql-expression.js";

/** The nodes right below a node; those of sub-selects are hidden. */
function childrenOf(node: SqlExpression): readonly SqlExpression[] {
  switch (node.kind) {
    case "logic":
      return node.operands;
    case "not":
      return [node.operand];
    case "compare":
      return [node.left, node.right];
    case "in":
      return [node.operand, ...node.parts];
    case "reckoning":
    case "call":
      return node.parts;
    case "case":
      return [
        ...(node.base === null ? [] : [node.base]),
        ...node.branches.flatMap(({ when, then }) => [when, then]),
        ...(node.otherwise === null ? [] : [node.otherwise]),
      ];
    case "column":
    case "literal":
    case "raise":
    case "exists":
    case "opaque":
      return [];
  }
}

/** A node and everything below it. */
export function* walkSql(node: SqlExpression): Generator<SqlExpression, void> {
  yield node;
  for (const child of childrenOf(node)) yield* walkSql(child);
}

/** The columns of the rows NEW and OLD that these words name, in sub-selects too. */
export function writtenColumns(tokens: readonly SqlToken[]): readonly SqlColumnName[] {
  return tokens.flatMap((token, i): readonly SqlColumnName[] => {
    const row = keywordOf(token);
    const name = tokens[i + 2];
    if ((row !== "new" && row !== "old") || keywordOf(tokens[i + 1]) !== "." || name === undefined) return [];
    return [{ kind: "column", row, name: foldName(name.value) }];
  });
}

/** The columns of NEW and OLD anywhere in an expression, in sub-selects too. */
export function columnsIn(expression: SqlExpression): readonly SqlColumnName[] {
  return [...walkSql(expression)].flatMap((node): readonly SqlColumnName[] => {
    if (node.kind === "column") return node.row === "new" || node.row === "old" ? [node] : [];
    if (node.kind === "opaque") return writtenColumns(node.tokens);
    return node.kind === "exists" ? writtenColumns(node.select) : [];
  });
}
