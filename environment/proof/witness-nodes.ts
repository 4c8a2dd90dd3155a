/** Expressions as trees of parts: what a node is made of, one node replaced, and the small changes that a good witness notices. */
import type { Catalogue } from "../core/catalogue.js";
import type { Comparison, Expression, RowsExpression } from "../core/expression.js";
import { childrenOf } from "../core/walk-expression.js";

/** The same node over other parts, given in the order of {@link childrenOf}. */
function withParts(node: Expression, parts: readonly Expression[]): Expression {
  const [first = node, second = node] = parts;
  switch (node.kind) {
    case "literal":
    case "path":
    case "due":
    case "sql":
      return node;
    case "and":
    case "or":
      return { ...node, operands: parts };
    case "not":
    case "negate":
    case "is_null":
    case "in":
    case "rank":
    case "matches":
      return { ...node, operand: first };
    case "compare":
    case "arithmetic":
    case "same":
      return { ...node, left: first, right: second };
    case "count":
    case "exists":
    case "none":
      return { ...node, rows: withFilter(node.rows, parts[0]) };
    case "pick":
      return { ...node, rows: withFilter(node.rows, parts[0]), by: node.by === null ? null : (parts.at(-1) ?? node.by) };
    case "aggregate":
      return { ...node, of: first, rows: withFilter(node.rows, parts[1]) };
    case "divide":
      return { ...node, dividend: first, divisor: second };
    case "call":
      return { ...node, arguments: parts };
    case "reaches":
      return { ...node, from: first, to: second };
    case "case":
      return {
        ...node,
        branches: node.branches.map((_, i) => ({ when: parts[2 * i] ?? node, then: parts[2 * i + 1] ?? node })),
        otherwise: parts.at(-1) ?? node,
      };
  }
}

function withFilter(rows: RowsExpression, where: Expression | undefined): RowsExpression {
  return where === undefined || rows.where === null ? rows : { ...rows, where };
}

/** The places of a tree's nodes, root first; a place is the indexes of the parts on the way to it. */
export function placesOf(root: Expression): readonly (readonly number[])[] {
  return [[], ...childrenOf(root).flatMap((part, index) => placesOf(part).map((place) => [index, ...place]))];
}

/** The node at a place of {@link placesOf}. */
export function nodeAt(root: Expression, place: readonly number[]): Expression {
  return place.reduce((node, index) => childrenOf(node)[index] ?? node, root);
}

/** The tree with the node at this place replaced. */
export function replaceAt(root: Expression, place: readonly number[], node: Expression): Expression {
  const [index, ...rest] = place;
  if (index === undefined) return node;
  return withParts(
    root,
    childrenOf(root).map((part, i) => (i === index ? replaceAt(part, rest, node) : part)),
  );
}

/** A small change of a tree, in words; a set of witnesses that does not notice it does not pin the tree down. */
export interface Variant {
  readonly operator: string;
  readonly change: string;
  readonly place: readonly number[];
  readonly expression: Expression;
}

/** Every small change of a tree, node by node; listed values and ranks are exchanged with others that the catalogue declares. */
export function variantsOf(root: Expression, catalogue: Catalogue): readonly Variant[] {
  return placesOf(root).flatMap((place) =>
    changesOf(nodeAt(root, place), catalogue).map(({ operator, change, node }) => ({
      operator,
      change,
      place,
      expression: replaceAt(root, place, node),
    })),
  );
}

interface Change {
  readonly operator: string;
  readonly change: string;
  readonly node: Expression;
}

const opposites: Readonly<Record<Comparison, Comparison>> = { "=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<" };
const neighbours: Readonly<Partial<Record<Comparison, Comparison>>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };

function changesOf(node: Expression, catalogue: Catalogue): readonly Change[] {
  switch (node.kind) {
    case "and":
      return [
        ...dropped(node.operands, "and", "conjunct dropped"),
        { operator: "or for and", change: "and becomes or", node: { ...node, kind: "or" } },
      ];
    case "or":
      return [
        ...dropped(node.operands, "or", "alternative dropped"),
        { operator: "and for or", change: "or becomes and", node: { ...node, kind: "and" } },
      ];
    case "not":
      return [{ operator: "negation dropped", change: "not is dropped", node: node.operand }];
    case "compare":
      return [...comparisonChanges(node), ...valueChanges(node, catalogue)];
    case "is_null":
      return [
        {
          operator: "null clause turned",
          change: node.negated ? "is not null becomes is null" : "is null becomes is not null",
          node: { ...node, negated: !node.negated },
        },
      ];
    case "in":
      return listChanges(node, catalogue);
    case "exists":
      return [{ operator: "existence turned", change: "exists becomes none", node: { ...node, kind: "none" } }];
    case "none":
      return [{ operator: "existence turned", change: "none becomes exists", node: { ...node, kind: "exists" } }];
    case "literal":
      return typeof node.value === "number" ? [shifted(node, 1), shifted(node, -1)] : [];
    case "arithmetic":
      return node.op === "*"
        ? []
        : [
            {
              operator: "sign turned",
              change: `${node.op} becomes ${node.op === "+" ? "-" : "+"}`,
              node: { ...node, op: node.op === "+" ? "-" : "+" },
            },
          ];
    case "divide":
      return [
        {
          operator: "rounding changed",
          change: `${node.rounding} becomes ${node.rounding === "ceil" ? "floor" : "ceil"}`,
          node: { ...node, rounding: node.rounding === "ceil" ? "floor" : "ceil" },
        },
      ];
    case "rank":
      return rankChanges(node, catalogue);
    default:
      return [];
  }
}

function dropped(operands: readonly Expression[], kind: "and" | "or", operator: string): readonly Change[] {
  if (operands.length < 2) return [];
  return operands.map((_, index) => {
    const rest = operands.filter((_, i) => i !== index);
    const [only] = rest;
    return {
      operator,
      change: `operand ${index + 1} of ${kind} is dropped`,
      node: rest.length === 1 && only !== undefined ? only : { kind, operands: rest },
    };
  });
}

function comparisonChanges(node: Extract<Expression, { kind: "compare" }>): readonly Change[] {
  const turned = {
    operator: "comparison flipped",
    change: `${node.op} becomes ${opposites[node.op]}`,
    node: { ...node, op: opposites[node.op] },
  };
  const neighbour = neighbours[node.op];
  return neighbour === undefined
    ? [turned]
    : [turned, { operator: "comparison strict", change: `${node.op} becomes ${neighbour}`, node: { ...node, op: neighbour } }];
}

function listChanges(node: Extract<Expression, { kind: "in" }>, catalogue: Catalogue): readonly Change[] {
  const removed =
    node.values.length < 2
      ? []
      : node.values.map((value) => ({
          operator: "value removed",
          change: `${JSON.stringify(value)} leaves the list`,
          node: { ...node, values: node.values.filter((each) => each !== value) },
        }));
  const added = othersOf(node.operand, node.values, catalogue).map((value) => ({
    operator: "value added",
    change: `${JSON.stringify(value)} joins the list`,
    node: { ...node, values: [...node.values, value] },
  }));
  return [...removed, ...added];
}

/** A text compared with a column that has a closed list, exchanged with each other value of the list. */
function valueChanges(node: Extract<Expression, { kind: "compare" }>, catalogue: Catalogue): readonly Change[] {
  const { left, right } = node;
  if (right.kind !== "literal" || typeof right.value !== "string") return [];
  const { value } = right;
  return othersOf(left, [value], catalogue).map((other) => ({
    operator: "value exchanged",
    change: `${JSON.stringify(value)} becomes ${JSON.stringify(other)}`,
    node: { ...node, right: { kind: "literal", value: other } },
  }));
}

/** The other values of the lists that hold these values, among columns of the name that the path ends in. */
function othersOf(node: Expression, values: readonly (string | number)[], { tables }: Catalogue): readonly (string | number)[] {
  const name = node.kind === "path" ? node.steps.at(-1) : undefined;
  const lists = Object.values(tables).flatMap(({ columns }) =>
    columns.flatMap((column) => (column.name === name && column.values !== null ? [column.values] : [])),
  );
  const list = lists.find((each) => values.every((value) => each.includes(value))) ?? [];
  return list.filter((value) => !values.includes(value));
}

/** A rank named outright, exchanged with its neighbours on the ladder. */
function rankChanges(node: Extract<Expression, { kind: "rank" }>, { ladders }: Catalogue): readonly Change[] {
  const { operand } = node;
  if (operand.kind !== "literal") return [];
  const ranks = ladders[node.ladder] ?? [];
  const index = ranks.indexOf(String(operand.value));
  return [ranks[index - 1], ranks[index + 1]].flatMap((rank) =>
    rank === undefined
      ? []
      : [
          {
            operator: "rank shifted",
            change: `${String(operand.value)} becomes ${rank}`,
            node: { ...node, operand: { kind: "literal", value: rank } } as const,
          },
        ],
  );
}

function shifted(node: Extract<Expression, { kind: "literal" }>, by: 1 | -1): Change {
  const value = Number(node.value);
  return { operator: "limit shifted", change: `${value} becomes ${value + by}`, node: { kind: "literal", value: value + by } };
}
