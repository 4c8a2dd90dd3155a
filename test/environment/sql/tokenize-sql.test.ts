import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { foldName, SqlTextError, tokenizeSql } from "../../../environment/sql/tokenize-sql.js";

function words(text: string): readonly string[] {
  return tokenizeSql(text).map(({ kind, value }) => `${kind} ${value}`);
}

test("tokenizeSql() cuts every kind of word, with its value as meant", () => {
  expect(words("CREATE \"a \"\"b\"\"\" [c d] `e``f` 'it''s' x'0aFF' 0x1F 1.5e-3 .5 ->> || <> != a.b;")).toEqual([
    "word CREATE",
    'quoted a "b"',
    "quoted c d",
    "quoted e`f",
    "string it's",
    "blob 0aFF",
    "number 0x1F",
    "number 1.5e-3",
    "number .5",
    "symbol ->>",
    "symbol ||",
    "symbol <>",
    "symbol !=",
    "word a",
    "symbol .",
    "word b",
    "symbol ;",
  ]);
});

test("tokenizeSql() skips comments and SQLite's blanks", () => {
  expect(words("-- a 'x\r\n b /* -- ' */\t\fc--d")).toEqual(["word b", "word c"]);
});

test.each([
  ["a\u00a0b", "CHARACTER", 1],
  ["a \ufeff", "CHARACTER", 2],
  ["a\u200db", "CHARACTER", 1],
  ["\v", "CHARACTER", 0],
  ["‘x’", "CHARACTER", 0],
  ["'\ud800'", "CHARACTER", 1],
  ["a\0b", "NUL", 1],
  ["-- \0", "NUL", 3],
  ["'a", "UNTERMINATED", 0],
  ['x "a', "UNTERMINATED", 2],
  ["[a", "UNTERMINATED", 0],
  ["/* a", "UNTERMINATED", 0],
  ["1a", "NUMBER", 0],
  ["1_000", "NUMBER", 0],
  ["x'0'", "BLOB", 0],
  ["?1", "PARAMETER", 0],
  [":a", "PARAMETER", 0],
  ["!", "CHARACTER", 0],
])("tokenizeSql() refuses %j", (text, code, offset) => {
  expect(() => tokenizeSql(text)).toThrow(SqlTextError);
  expect(() => tokenizeSql(text)).toThrow(expect.objectContaining({ code, offset }));
});

test("foldName() folds ASCII letters alone, as SQLite does", () => {
  expect(foldName("SELECT \u212a É")).toBe("select \u212a É");
});

test("tokenizeSql() takes a name for one word exactly when SQLite does", () => {
  const db = new Database(":memory:");
  let accepted = 0;
  const name = fc.string({ unit: fc.constantFrom(...Array.from("aZ_09$é名\u00a0\ufeff\v \t\f-.'\"[]`/*;😀")), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(name, (text) => {
      let tokens: readonly { value: string }[];
      try {
        tokens = tokenizeSql(`z${text}`);
      } catch {
        return;
      }
      if (tokens.length !== 1) return;
      accepted += 1;
      const [column] = db.prepare(`SELECT 1 AS z${text}`).columns();
      expect(column?.name).toBe(tokens[0]?.value);
    }),
    { numRuns: 3_000, seed: 7 },
  );
  expect(accepted).toBeGreaterThan(300);
});
