import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenizeSql } from "../../environment/sql/tokenize-sql.js";
import { columnKey, FALSE, NULL, outcomesOf, TRUE } from "../../environment/import/possible.js";
import { parseSqlExpression } from "../../environment/import/sql-expression.js";
import { columnsIn, walkSql } from "../../environment/import/walk-sql.js";

const parse = (text: string) => parseSqlExpression(tokenizeSql(text));

describe("parseSqlExpression()", () => {
  test.each([
    ["a = 1 OR b = 2 AND c = 3", "or(compare,and)"],
    ["NOT a = 1", "not(compare)"],
    ["NOT EXISTS (SELECT 1) AND a", "and(not,column)"],
    ["NEW.x NOT IN (1, 2)", "not in[2]"],
    ["NEW.x BETWEEN 1 AND 2 AND y", "and(and,column)"],
    ["NEW.x IS NOT NULL", "is not"],
    ["CASE WHEN a THEN 1 ELSE 2 END = 1", "="],
    ["a - b < 3", "<"],
  ])("reads %s as %s", (text, shape) => {
    const node = parse(text);
    const shown =
      node.kind === "logic"
        ? `${node.op}(${node.operands.map((operand) => (operand.kind === "logic" ? operand.op : operand.kind)).join()})`
        : node.kind === "not"
          ? `not(${node.operand.kind})`
          : node.kind === "in"
            ? `${node.op}[${String(node.list?.length)}]`
            : node.kind === "compare"
              ? node.op
              : node.kind;
    expect(shown).toBe(shape);
  });

  test("leaves what it cannot read opaque, and finds the columns in it all the same", () => {
    const node = parse("x ~~ NEW.a MATCHES (SELECT OLD.b)");
    expect(node.kind).toBe("opaque");
    expect(columnsIn(node).map(columnKey)).toEqual(["new.a", "old.b"]);
  });
});

const values = fc.constantFrom<number | string | null>(null, 0, 1, 2, 3, 5, "A", "B", "");
const literal = values.map((value) => (value === null ? "NULL" : typeof value === "string" ? `'${value}'` : String(value)));
const column = fc.constantFrom("NEW.a", "NEW.b", "OLD.a");
const operand = fc.oneof(column, literal, fc.constantFrom("(NEW.a + 1)", "(SELECT 1)", "coalesce(NEW.b, 0)"));
const operator = fc.constantFrom("=", "!=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT", "==");
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.tuple(operand, operator, operand).map((parts) => parts.join(" ")),
    fc
      .tuple(column, fc.constantFrom("IN", "NOT IN"), fc.array(literal, { minLength: 1, maxLength: 3 }))
      .map(([a, op, list]) => `${a} ${op} (${list.join(", ")})`),
    fc.tuple(column, fc.constantFrom("ISNULL", "NOTNULL", "NOT NULL", "IS NULL")).map((parts) => parts.join(" ")),
    fc
      .tuple(column, fc.constantFrom("BETWEEN", "NOT BETWEEN"), literal, literal)
      .map(([a, op, low, high]) => `${a} ${op} ${low} AND ${high}`),
    fc.tuple(tie("condition"), fc.constantFrom("AND", "OR"), tie("condition")).map(([a, op, b]) => `(${a}) ${op} (${b})`),
    fc.tuple(tie("condition"), fc.constantFrom("AND", "OR"), tie("condition")).map(([a, op, b]) => `${a} ${op} ${b}`),
    tie("condition").map((inner) => `NOT (${inner})`),
    tie("condition").map((inner) => `NOT ${inner}`),
  ),
}));

describe("outcomesOf()", () => {
  test("always holds what SQLite says, and says one truth alone where all is known and plain", () => {
    const db = new Database(":memory:");
    let sure = 0;
    // Columns without a type compare as they are stored; NEW and OLD are rows of a join.
    fc.assert(
      fc.property(condition, values, values, values, (text, a, b, old) => {
        const truth = db
          .prepare<unknown[], number | null>(
            `SELECT ((${text}) IS TRUE) + 2 * ((${text}) IS FALSE) + 4 * ((${text}) IS NULL) FROM (SELECT ? AS a, ? AS b) AS NEW, (SELECT ? AS a) AS OLD`,
          )
          .pluck()
          .get(a, b, old);
        const known = new Map([
          ["new.a", a],
          ["new.b", b],
          ["old.a", old],
        ]);
        const outcomes = outcomesOf(parse(text), known);
        if ([TRUE, FALSE, NULL].includes(outcomes)) sure += 1;
        expect((outcomes & Number(truth)) !== 0).toBe(true);
      }),
      { numRuns: 3000 },
    );
    db.close();
    expect(sure).toBeGreaterThan(500);
  });

  test("says of a NULL operand what its comparison then is", () => {
    const known = new Map([["new.a", null]]);
    expect(outcomesOf(parse("NEW.a != 1"), known)).toBe(NULL);
    expect(outcomesOf(parse("NEW.a IS NULL OR x"), known)).toBe(TRUE);
    expect(outcomesOf(parse("NEW.a = 1 AND y"), known)).toBe(FALSE | NULL);
  });
});

describe("walkSql()", () => {
  test("visits every part of a CASE", () => {
    expect([...walkSql(parse("CASE x WHEN 1 THEN NEW.a ELSE OLD.b END"))].map(({ kind }) => kind)).toEqual([
      "case",
      "column",
      "literal",
      "column",
      "column",
    ]);
  });
});
