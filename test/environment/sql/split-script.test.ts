import { expect, test } from "vitest";
import { type SqlStatement, splitScript } from "../../../environment/sql/split-script.js";

function statementsOf(text: string): readonly SqlStatement[] {
  const script = splitScript(text);
  if (script.kind === "refused") throw new Error(script.message);
  return script.statements;
}

test("splitScript() gives each statement its text and line", () => {
  const statements = statementsOf("\ufeff-- head;\r\nCREATE TABLE a (x);;\r\n\r\n/* ; */ CREATE TABLE b (y DEFAULT ';')");
  expect(statements.map(({ line, text }) => [line, text])).toEqual([
    [2, "CREATE TABLE a (x)"],
    [4, "CREATE TABLE b (y DEFAULT ';')"],
  ]);
  expect(statements[1]?.tokens[2]).toEqual({ kind: "word", value: "b", at: 13, end: 14 });
});

test("splitScript() keeps a trigger's body in one statement and ends it at its END", () => {
  const body =
    "CREATE TRIGGER a AFTER UPDATE ON t WHEN NEW.end > CASE WHEN 1 THEN 2 END BEGIN SELECT CASE WHEN x THEN end END; SELECT begin FROM t; END";
  expect(statementsOf(`${body} -- no semicolon\n${body};;\nDROP TABLE t`).map(({ text }) => text)).toEqual([body, body, "DROP TABLE t"]);
});

test("splitScript() starts anew at the next CREATE where a body is not closed", () => {
  const texts = statementsOf(
    "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1 END;\nCREATE TRIGGER b AFTER INSERT ON t BEGIN SELECT 1; END;",
  ).map(({ text }) => text.slice(0, 16));
  expect(texts).toEqual(["CREATE TRIGGER a", "CREATE TRIGGER b"]);
});

test("splitScript() tells a fault in its statement and reads on", () => {
  const [broken, whole] = statementsOf("CREATE TABLE a (\n x : y);\nCREATE TABLE b (y)");
  expect(broken?.fault).toMatchObject({ code: "PARAMETER", line: 2 });
  expect(whole).toMatchObject({ text: "CREATE TABLE b (y)", fault: null });
});

test("splitScript() blames a text that was never closed, and not the words that it leaves bare", () => {
  const [broken] = statementsOf(
    "CREATE TRIGGER a BEFORE UPDATE ON t BEGIN SELECT CASE\nWHEN x THEN RAISE(ABORT, 'full refund: || OLD.cost)\nWHEN y THEN RAISE(ABORT, 'half of it: 50%') END; END;",
  );
  expect(broken?.fault).toMatchObject({
    code: "UNTERMINATED",
    message: expect.stringMatching(/^the text that starts 'full refund: \|\| OLD\.cost\)/) as string,
  });
});

test.each([
  ["-- Trigger: a CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END;", "COMMENT_ONLY"],
  ["/* CREATE TABLE a (x); */", "COMMENT_ONLY"],
  [" ;\n;", "EMPTY"],
  ["", "EMPTY"],
  ["CREATE TABLE a (x);\0", "NUL"],
])("splitScript() refuses %j", (text, code) => {
  expect(splitScript(text)).toMatchObject({ kind: "refused", code });
});
