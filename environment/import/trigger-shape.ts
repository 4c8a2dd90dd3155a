/** What a trigger of raw SQL is: when it fires, what it refuses, and what it writes. */
import { closeOf, findKeyword, splitAt } from "../sql/token-lists.js";
import { foldName, keywordOf, type SqlToken, tokenizeSql } from "../sql/tokenize-sql.js";
import { parseSqlExpression, type SqlExpression } from "./sql-expression.js";

export interface TriggerShape {
  readonly name: string;
  /** Folded, as all names below. */
  readonly table: string;
  readonly timing: "before" | "after" | "instead";
  readonly event: "insert" | "update" | "delete";
  /** The columns of UPDATE OF; empty without it. */
  readonly columns: readonly string[];
  readonly when: SqlExpression | null;
  readonly raises: readonly RaiseSite[];
  readonly writes: readonly TriggerWrite[];
  /** The words from WHEN or BEGIN on. */
  readonly tokens: readonly SqlToken[];
}

/** A RAISE: it is reached where `own` is true and none of `earlier` is, in a row that `from` may limit further (null: any). */
export interface RaiseSite {
  readonly action: string;
  readonly message: string;
  readonly own: SqlExpression | null;
  readonly earlier: readonly SqlExpression[];
  /** Whether the statement reads tables in its FROM, so that its condition may be of their rows. */
  readonly from: "none" | "rows";
}

/** A statement of a trigger's body that writes, an upsert as two; `set` has the words assigned to each column of an UPDATE. */
export interface TriggerWrite {
  readonly kind: "insert" | "update" | "delete";
  readonly table: string;
  readonly columns: readonly string[];
  readonly set: ReadonlyMap<string, readonly SqlToken[]>;
}

/** Reads a CREATE TRIGGER that SQLite has accepted. */
export function triggerShape(sql: string): TriggerShape {
  const tokens = tokenizeSql(sql);
  const words = tokens.map(keywordOf);
  const on = words.indexOf("on");
  const eventAt = words.findIndex(
    (each, i) => i < on && i > 1 && (each === "insert" || each === "update" || each === "delete") && isHead(words, i),
  );
  const event = words[eventAt];
  const begin = findKeyword(tokens, ["begin"], on + 2);
  const whenAt = words.findIndex((each, i) => i > on && i < begin && each === "when");
  const body = tokens.slice(begin + 1, tokens.length - 1);
  const statements = splitAt(body, ";").filter(({ length }) => length > 0);
  return {
    name: tokens[2]?.value ?? "",
    table: foldName(tokens[on + 1]?.value ?? ""),
    timing: words.slice(2, eventAt).includes("after") ? "after" : words.slice(2, eventAt).includes("instead") ? "instead" : "before",
    event: event === "insert" || event === "delete" ? event : "update",
    columns: words[eventAt + 1] === "of" ? splitAt(tokens.slice(eventAt + 2, on), ",").map(([first]) => foldName(first?.value ?? "")) : [],
    when: whenAt === -1 ? null : parseSqlExpression(tokens.slice(whenAt + 1, begin)),
    raises: statements.flatMap(raisesOf),
    writes: statements.flatMap(writeOf),
    tokens: tokens.slice(whenAt === -1 ? begin : whenAt),
  };
}

/** The event stands behind the name, or behind BEFORE, AFTER or INSTEAD OF. */
function isHead(words: readonly string[], at: number): boolean {
  const before = words[at - 1] ?? "";
  return at === 3 || before === "before" || before === "after" || (before === "of" && words[at - 2] === "instead");
}

function raisesOf(statement: readonly SqlToken[]): readonly RaiseSite[] {
  if (keywordOf(statement[0]) !== "select") return nestedRaises(statement);
  const fromAt = findKeyword(statement, ["from"]);
  const whereAt = findKeyword(statement, ["where"]);
  const listEnd = Math.min(
    ...[fromAt, whereAt, findKeyword(statement, ["group"]), findKeyword(statement, ["limit"]), statement.length].filter((at) => at > 0),
  );
  const where = whereAt === -1 ? null : parseSqlExpression(statement.slice(whereAt + 1, endOf(statement, whereAt)));
  const from = fromAt === -1 ? "none" : "rows";
  return splitAt(statement.slice(1, listEnd), ",").flatMap((part) => sitesIn(parseSqlExpression(part), { own: where, earlier: [], from }));
}

/** A RAISE inside a statement that writes: its condition is not read. */
function nestedRaises(statement: readonly SqlToken[]): readonly RaiseSite[] {
  return statement.flatMap((token, i): readonly RaiseSite[] => {
    if (keywordOf(token) !== "raise" || keywordOf(statement[i + 1]) !== "(") return [];
    const inner = statement.slice(i, closeOf(statement, i + 1) + 1);
    return sitesIn(parseSqlExpression(inner), { own: { kind: "opaque", tokens: statement }, earlier: [], from: "rows" });
  });
}

type Reached = Pick<RaiseSite, "own" | "earlier" | "from">;

function sitesIn(expression: SqlExpression, reached: Reached): readonly RaiseSite[] {
  switch (expression.kind) {
    case "raise":
      return [{ ...reached, action: expression.action, message: expression.message ?? "" }];
    case "case": {
      const conditions = expression.branches.map(({ when }) => conditionOf(expression.base, when));
      const branches = expression.branches.flatMap(({ then }, i) =>
        sitesIn(then, { ...reached, own: both(reached.own, conditions[i]), earlier: [...reached.earlier, ...conditions.slice(0, i)] }),
      );
      const otherwise =
        expression.otherwise === null ? [] : sitesIn(expression.otherwise, { ...reached, earlier: [...reached.earlier, ...conditions] });
      return [...branches, ...otherwise];
    }
    case "call": {
      const [condition, then, otherwise] = expression.parts;
      if ((expression.name !== "iif" && expression.name !== "if") || condition === undefined) break;
      return [
        ...(then === undefined ? [] : sitesIn(then, { ...reached, own: both(reached.own, condition) })),
        ...(otherwise === undefined ? [] : sitesIn(otherwise, { ...reached, earlier: [...reached.earlier, condition] })),
      ];
    }
    default:
      break;
  }
  return [];
}

function conditionOf(base: SqlExpression | null, when: SqlExpression): SqlExpression {
  return base === null ? when : { kind: "compare", op: "=", left: base, right: when };
}

function both(a: SqlExpression | null, b: SqlExpression | undefined): SqlExpression | null {
  if (a === null || b === undefined) return b ?? a;
  return { kind: "logic", op: "and", operands: [a, b] };
}

function endOf(statement: readonly SqlToken[], whereAt: number): number {
  const ends = ["group", "order", "limit", "union", "except", "intersect", "returning"].map((clause) => findKeyword(statement, [clause]));
  return Math.min(...ends.filter((at) => at > whereAt), statement.length);
}

function writeOf(statement: readonly SqlToken[]): readonly TriggerWrite[] {
  const start = ["insert", "update", "delete", "replace"]
    .map((verb) => findKeyword(statement, [verb]))
    .filter((at) => at !== -1)
    .sort((a, b) => a - b)[0];
  if (start === undefined || (start > 0 && keywordOf(statement[0]) !== "with")) return [];
  const rest = statement.slice(start);
  switch (keywordOf(rest[0])) {
    case "update":
      return [updateOf(rest)];
    case "delete":
      return [{ kind: "delete", table: nameAt(rest, 2), columns: [], set: new Map() }];
    default:
      return findKeyword(rest, ["set"]) === -1 ? [insertOf(rest)] : [insertOf(rest), { ...updateOf(rest), table: insertOf(rest).table }];
  }
}

function nameAt(tokens: readonly SqlToken[], at: number): string {
  return foldName(tokens[at]?.value ?? "");
}

function updateOf(tokens: readonly SqlToken[]): TriggerWrite {
  const target = keywordOf(tokens[1]) === "or" ? 3 : 1;
  const setAt = findKeyword(tokens, ["set"]);
  const end = Math.min(
    ...["from", "where", "order", "limit", "returning"].map((clause) => findKeyword(tokens, [clause])).filter((at) => at > setAt),
    tokens.length,
  );
  const set = assignments(tokens.slice(setAt + 1, end));
  return { kind: "update", table: nameAt(tokens, target), columns: [...set.keys()], set };
}

function assignments(tokens: readonly SqlToken[]): ReadonlyMap<string, readonly SqlToken[]> {
  const set = new Map<string, readonly SqlToken[]>();
  for (const part of splitAt(tokens, ",")) {
    const isTuple = keywordOf(part[0]) === "(";
    const equals = isTuple ? closeOf(part, 0) + 1 : 1;
    const names = isTuple ? splitAt(part.slice(1, equals - 1), ",").map((name) => nameAt(name, 0)) : [nameAt(part, 0)];
    for (const name of names) set.set(name, part.slice(equals + 1));
  }
  return set;
}

function insertOf(tokens: readonly SqlToken[]): TriggerWrite {
  const into = findKeyword(tokens, ["into"]);
  const listed = keywordOf(tokens[into + 2]) === "(" ? splitAt(tokens.slice(into + 3, closeOf(tokens, into + 2)), ",") : [];
  return { kind: "insert", table: nameAt(tokens, into + 1), columns: listed.map((name) => nameAt(name, 0)), set: new Map() };
}
