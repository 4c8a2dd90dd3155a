import type { Expression, PathExpression, RowsExpression } from "./expression.js";

/** The expressions directly inside one, in the order in which they are written; a path in a pick or `reaches` is one of them. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "literal":
    case "path":
    case "due":
    case "sql":
      return [];
    case "and":
    case "or":
      return expression.operands;
    case "not":
    case "negate":
    case "is_null":
    case "in":
    case "rank":
    case "matches":
      return [expression.operand];
    case "compare":
    case "arithmetic":
    case "same":
      return [expression.left, expression.right];
    case "count":
    case "exists":
    case "none":
      return whereOf(expression.rows);
    case "aggregate":
      return [expression.of, ...whereOf(expression.rows)];
    case "pick":
      return [...whereOf(expression.rows), ...(expression.by === null ? [] : [expression.by])];
    case "divide":
      return [expression.dividend, expression.divisor];
    case "call":
      return expression.arguments;
    case "reaches":
      return [expression.from, expression.to];
    case "case":
      return [...expression.branches.flatMap(({ when, then }) => [when, then]), expression.otherwise];
  }
}

function whereOf(rows: RowsExpression): readonly Expression[] {
  return rows.where === null ? [] : [rows.where];
}

/** An expression and all within it, outermost first. */
export function walk(expression: Expression): readonly Expression[] {
  return [expression, ...childrenOf(expression).flatMap(walk)];
}

/** The paths within an expression. */
export function pathsIn(expression: Expression): readonly PathExpression[] {
  return walk(expression).filter((node) => node.kind === "path");
}

/** The terms of a conjunction, nested ones included; none for null. */
export function conjunctsOf(expression: Expression | null): readonly Expression[] {
  if (expression === null) return [];
  return expression.kind === "and" ? expression.operands.flatMap(conjunctsOf) : [expression];
}

/** The conjunction of terms: true for none, the term for one. */
export function conjunction(terms: readonly Expression[]): Expression {
  const [first, ...rest] = terms;
  if (first === undefined) return { kind: "literal", value: true };
  return rest.length === 0 ? first : { kind: "and", operands: terms };
}

/** The disjunction of terms: false for none, the term for one. */
export function disjunction(terms: readonly Expression[]): Expression {
  const [first, ...rest] = terms;
  if (first === undefined) return { kind: "literal", value: false };
  return rest.length === 0 ? first : { kind: "or", operands: terms };
}

/**
 * The expression with paths replaced, as `replace` says; null leaves a path as it is. In `reaches` a path is replaced by a
 * path only.
 */
export function replacePaths(expression: Expression, replace: (path: PathExpression) => Expression | null): Expression {
  // A tree is JSON throughout, so a copy with its paths replaced is a tree again.
  return JSON.parse(JSON.stringify(expression), (_property, value: unknown) =>
    isPath(value) ? (replace(value) ?? value) : value,
  ) as Expression;
}

/** The expression with the roots of its paths renamed. */
export function renameRoots(expression: Expression, names: Readonly<Record<string, string>>): Expression {
  return replacePaths(expression, ({ root, steps }) => (Object.hasOwn(names, root) ? path(names[root] ?? root, ...steps) : null));
}

function isPath(value: unknown): value is PathExpression {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "path" && "root" in value && "steps" in value;
}

/** A path such as `path("new", "status")`. */
export function path(root: string, ...steps: readonly string[]): PathExpression {
  return { kind: "path", root, steps };
}
