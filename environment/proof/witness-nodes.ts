/** Expressions as trees of parts: what a node is made of, one node replaced, and the small changes that a good witness notices. */
import { type Catalogue, type CatalogueColumn, findColumn, tableOf } from "../core/catalogue.js";
import type { Effect, Guard } from "../compile/normal-form.js";
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

/** What the paths of a rule's expression begin at: tables by root. */
export interface Rooted {
  readonly catalogue: Catalogue;
  readonly tables: Readonly<Record<string, string>>;
}

/** The tables of the roots that a rule's expressions read, save the variables within them. */
export function rootsOf(rule: Guard | Effect): Rooted["tables"] {
  if ("kind" in rule && "sources" in rule) return { owner: rule.table };
  const rows = "rows" in rule ? rule.rows : "each" in rule ? rule.each : null;
  return { new: rule.table, old: rule.table, ...(rows === null ? {} : { [rows.variable]: rows.table }) };
}

/** Every small change of a tree, node by node; listed values and ranks are exchanged with others that the catalogue declares. */
export function variantsOf(root: Expression, { catalogue, tables }: Rooted): readonly Variant[] {
  const actor = catalogue.actor === null ? {} : { actor: catalogue.actor.table };
  return placesOf(root).flatMap((place) => {
    const around = place.map((_, depth) => nodeAt(root, place.slice(0, depth)));
    const variables = around.flatMap((node) => ("rows" in node ? [[node.rows.variable, node.rows.table] as const] : []));
    const rooted: Rooted = { catalogue, tables: { ...actor, ...tables, ...Object.fromEntries(variables) } };
    return changesOf(nodeAt(root, place), rooted).map(({ operator, change, node }) => ({
      operator,
      change,
      place,
      expression: replaceAt(root, place, node),
    }));
  });
}

/** Whether a list holds every value that the column may have: a test that only NULL does not meet. */
export function isWholeList(node: Expression, { catalogue, tables }: Rooted): boolean {
  if (node.kind !== "in" || node.negated || node.operand.kind !== "path") return false;
  const column = columnAt(node.operand, { catalogue, tables });
  return column?.values?.every((value) => node.values.includes(value)) === true && !column.nullable;
}

interface Change {
  readonly operator: string;
  readonly change: string;
  readonly node: Expression;
}

const opposites: Readonly<Record<Comparison, Comparison>> = { "=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<" };
const neighbours: Readonly<Partial<Record<Comparison, Comparison>>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };

function changesOf(node: Expression, rooted: Rooted): readonly Change[] {
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
      return [...comparisonChanges(node), ...valueChanges(node, rooted)];
    case "is_null":
      return [
        {
          operator: "null clause turned",
          change: node.negated ? "is not null becomes is null" : "is null becomes is not null",
          node: { ...node, negated: !node.negated },
        },
      ];
    case "in":
      return listChanges(node, rooted);
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
      return rankChanges(node, rooted.catalogue);
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

function listChanges(node: Extract<Expression, { kind: "in" }>, rooted: Rooted): readonly Change[] {
  const removed =
    node.values.length < 2
      ? []
      : node.values.map((value) => ({
          operator: "value removed",
          change: `${JSON.stringify(value)} leaves the list`,
          node: { ...node, values: node.values.filter((each) => each !== value) },
        }));
  const added = othersOf(node.operand, node.values, rooted).map((value) => ({
    operator: "value added",
    change: `${JSON.stringify(value)} joins the list`,
    node: { ...node, values: [...node.values, value] },
  }));
  return [...removed, ...added];
}

/** A text compared with a column that has a closed list, exchanged with each other value of the list. */
function valueChanges(node: Extract<Expression, { kind: "compare" }>, rooted: Rooted): readonly Change[] {
  const { left, right } = node;
  if (right.kind !== "literal" || typeof right.value !== "string") return [];
  const { value } = right;
  return othersOf(left, [value], rooted).map((other) => ({
    operator: "value exchanged",
    change: `${JSON.stringify(value)} becomes ${JSON.stringify(other)}`,
    node: { ...node, right: { kind: "literal", value: other } },
  }));
}

/** The other values that the column may have which a path ends in. */
function othersOf(node: Expression, values: readonly (string | number)[], rooted: Rooted): readonly (string | number)[] {
  const column = node.kind === "path" ? columnAt(node, rooted) : undefined;
  return (column?.values ?? []).filter((value) => !values.includes(value));
}

function columnAt({ root, steps }: Extract<Expression, { kind: "path" }>, { catalogue, tables }: Rooted): CatalogueColumn | undefined {
  let name: string | null = tables[root] ?? null;
  let column: CatalogueColumn | undefined;
  for (const step of steps) {
    column = name === null ? undefined : findColumn(tableOf(catalogue, name), step);
    name = column?.references ?? null;
  }
  return column;
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
