/** SQL that must not get through, each with the code that says why; `base` stands before it in the same file. */
export interface Attack {
  readonly name: string;
  readonly file: "schema" | "triggers" | "rows";
  readonly sql: string;
  readonly code: string;
}

export const attackedSchema =
  "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c TEXT UNIQUE); CREATE TABLE u (a, b); CREATE TABLE w (a); CREATE TABLE p (u_id INTEGER REFERENCES t (a));";

function schema(name: string, code: string, sql: string): Attack {
  return { name, file: "schema", sql, code };
}

function body(name: string, code: string, statements: string): Attack {
  return { name, file: "triggers", sql: `CREATE TRIGGER x AFTER INSERT ON t BEGIN ${statements}; END;`, code };
}

function rows(name: string, code: string, sql: string): Attack {
  return { name, file: "rows", sql, code };
}

const nested = (levels: number) =>
  Array.from({ length: levels }).reduce<string>((inner) => `SELECT ${"b||".repeat(9)}b AS b FROM (${inner})`, "SELECT b FROM t");
const doubled = Array.from({ length: 12 }, (_, i) => `, c${i + 1} AS (SELECT x.a FROM c${i} x, c${i} y)`).join("");

export const attacks: readonly Attack[] = [
  schema("ATTACH", "STATEMENT", "ATTACH DATABASE 'stolen.db' AS s"),
  schema("DETACH", "STATEMENT", "DETACH main"),
  schema("VACUUM INTO", "STATEMENT", "VACUUM INTO 'copy.db'"),
  schema("PRAGMA", "STATEMENT", "PRAGMA writable_schema = ON"),
  schema("PRAGMA behind a comment", "STATEMENT", "/**/PRAGMA foreign_keys=off"),
  schema("DROP", "STATEMENT", "DROP TABLE t"),
  schema("ALTER", "STATEMENT", "ALTER TABLE t RENAME TO v"),
  schema("BEGIN and COMMIT", "STATEMENT", "COMMIT"),
  schema("SAVEPOINT", "STATEMENT", "SAVEPOINT s"),
  schema("REINDEX", "STATEMENT", "REINDEX"),
  schema("ANALYZE", "STATEMENT", "ANALYZE"),
  schema("EXPLAIN", "STATEMENT", "EXPLAIN CREATE TABLE v (a)"),
  schema("SELECT", "STATEMENT", "SELECT load_extension('evil')"),
  schema("INSERT in the schema", "STATEMENT", "INSERT INTO t VALUES (1, 2, 3)"),
  schema("a quoted CREATE", "STATEMENT", '"CREATE" TABLE v (a)'),
  schema("a split keyword", "STATEMENT", "CRE/**/ATE TABLE v (a)"),
  schema("VIEW", "CREATE_KIND", "CREATE VIEW v AS SELECT * FROM t"),
  schema("VIRTUAL TABLE", "CREATE_KIND", "CREATE VIRTUAL TABLE v USING fts5(a)"),
  schema("TEMP TABLE", "TEMP", "CREATE TEMP TABLE v (a)"),
  schema("TEMPORARY TRIGGER", "TEMP", "CREATE TEMPORARY TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END"),
  schema("TEMP VIEW", "TEMP", "CREATE TEMP VIEW v AS SELECT 1"),
  schema("TABLE AS SELECT", "TABLE_AS", "CREATE TABLE v AS SELECT * FROM sqlite_schema"),
  schema("a qualified table", "QUALIFIED_NAME", "CREATE TABLE main.v (a)"),
  schema("a qualified temp table", "QUALIFIED_NAME", 'CREATE TABLE "temp" . v (a)'),
  schema("a reserved name", "RESERVED_NAME", "CREATE TABLE logigen_context (a)"),
  schema("a reserved name in other case", "RESERVED_NAME", 'CREATE TABLE "LOGIGEN_x" (a)'),
  schema("a name of SQLite", "RESERVED_NAME", "CREATE TABLE Sqlite_x (a)"),
  schema("a name of a pragma", "RESERVED_NAME", "CREATE TABLE pragma_table_list (a)"),
  schema("a prototype", "NAME", 'CREATE TABLE v ("__proto__" TEXT)'),
  schema("an empty name", "NAME", 'CREATE TABLE "" (a)'),
  schema("U+FEFF in a name", "CHARACTER", "CREATE TABLE v\ufeff (a)"),
  schema("U+00A0 for a blank", "CHARACTER", "CREATE\u00a0TABLE v (a)"),
  schema("U+200B in a column", "CHARACTER", "CREATE TABLE v (a\u200b TEXT)"),
  schema("U+0085", "CHARACTER", "CREATE TABLE v (a)\u0085"),
  schema("half a surrogate pair", "CHARACTER", "CREATE TABLE v (a DEFAULT '\ud800')"),
  schema("NUL", "NUL", "CREATE TABLE v (a)\0; ATTACH 'x' AS y"),
  schema("NUL in a text", "NUL", "CREATE TABLE v (a DEFAULT 'x\0y')"),
  schema("an open text", "UNTERMINATED", "CREATE TABLE v (a DEFAULT 'x)"),
  schema("an open comment", "UNTERMINATED", "CREATE TABLE v (a) /* "),
  schema("a parameter", "PARAMETER", "CREATE TABLE v (a CHECK (a > ?1))"),
  schema("10,000 brackets", "DEPTH", `CREATE TABLE v (a CHECK (${"(".repeat(10_000)}a${")".repeat(10_000)}))`),
  schema("500 CASEs", "DEPTH", `CREATE TABLE v (a CHECK (${"CASE WHEN 1 THEN ".repeat(500)}1${" END".repeat(500)}))`),
  schema("a long statement", "SIZE", `CREATE TABLE v (a DEFAULT '${"x".repeat(70_000)}')`),
  schema("chance in a DEFAULT", "FUNCTION", "CREATE TABLE v (a DEFAULT (random()))"),
  schema("chance in a CHECK", "FUNCTION", "CREATE TABLE v (a CHECK (a > abs(random())))"),
  schema("chance by a quoted name", "FUNCTION", 'CREATE TABLE v (a CHECK (a > "random"()))'),
  schema("chance in brackets", "FUNCTION", "CREATE TABLE v (a CHECK (a > [RANDOM] /* */ ()))"),
  schema("a clock in a CHECK", "CLOCK", "CREATE TABLE v (a CHECK (a > date('now')))"),
  schema("CURRENT_DATE in a CHECK", "CLOCK", "CREATE TABLE v (a CHECK (a > CURRENT_DATE))"),
  schema("ON CONFLICT REPLACE", "CONFLICT_REPLACE", "CREATE TABLE v (a UNIQUE ON CONFLICT REPLACE)"),
  schema("ON CONFLICT ROLLBACK", "CONFLICT_ESCAPE", "CREATE TABLE v (a NOT NULL ON CONFLICT ROLLBACK)"),
  schema("ON CONFLICT FAIL of a key", "CONFLICT_ESCAPE", "CREATE TABLE v (a, PRIMARY KEY (a) ON CONFLICT FAIL)"),
  schema("a collation in an index", "COLLATION", "CREATE INDEX i ON t (b COLLATE german)"),
  schema("a collation in a CHECK", "COLLATION", "CREATE TABLE v (a CHECK (a = 'x' COLLATE [german]))"),
  schema("a collation in a key", "COLLATION", "CREATE TABLE v (a, UNIQUE (a COLLATE german))"),
  schema("a function in an index", "FUNCTION", "CREATE INDEX i ON t (sqlite_version())"),
  schema("a function as a type", "SYNTAX", "CREATE TABLE v (a load_extension('x'))"),
  schema("digit separators", "NUMBER", "CREATE TABLE v (a DEFAULT 1_000)"),
  schema("two statements in one name", "DUPLICATE", "CREATE TABLE IF NOT EXISTS t (z)"),
  body("a collation in a body", "COLLATION", "SELECT b FROM u ORDER BY b COLLATE german"),
  body("ATTACH in a body", "STATEMENT", "ATTACH 'x' AS y"),
  body("PRAGMA in a body", "STATEMENT", "SELECT 1; PRAGMA query_only=0"),
  body("VACUUM in a body", "STATEMENT", "VACUUM"),
  body("REPLACE INTO", "CONFLICT_REPLACE", "REPLACE INTO u VALUES (1, 2)"),
  body("INSERT OR REPLACE", "CONFLICT_REPLACE", "INSERT OR REPLACE INTO u VALUES (1, 2)"),
  body("INSERT OR/**/REPLACE", "CONFLICT_REPLACE", "insert or/**/replace into u values (1, 2)"),
  body("UPDATE OR REPLACE", "CONFLICT_REPLACE", "UPDATE OR REPLACE u SET a = 1"),
  body("INSERT OR ROLLBACK", "CONFLICT_ESCAPE", "INSERT OR ROLLBACK INTO u VALUES (1, 2)"),
  body("UPDATE OR FAIL", "CONFLICT_ESCAPE", "UPDATE OR FAIL u SET a = 1"),
  body("RAISE(ROLLBACK)", "RAISE_ESCAPE", "SELECT RAISE(ROLLBACK, 'x')"),
  body("RAISE(FAIL)", "RAISE_ESCAPE", "SELECT raise ( fail , 'x')"),
  body("a message put together", "RAISE_MESSAGE", "SELECT RAISE(ABORT, 'a' || NEW.b)"),
  body("a message from a column", "RAISE_MESSAGE", "SELECT RAISE(ABORT, NEW.b)"),
  body("WITH RECURSIVE", "RECURSION", "WITH RECURSIVE c AS (SELECT 1 UNION ALL SELECT 1 FROM c) SELECT * FROM c"),
  body("recursion without the word", "RECURSION", "WITH c AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM c) SELECT * FROM c"),
  body("recursion behind a comma", "RECURSION", "WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM u AS k, C) SELECT * FROM c"),
  body(
    "recursion by a quoted name",
    "RECURSION",
    "INSERT INTO u WITH a AS (SELECT 1), \"c\" AS (SELECT 1 UNION SELECT 2 FROM t JOIN 'c' ON 1) SELECT 1, 2 FROM c",
  ),
  body(
    "recursion in a bracketed join",
    "RECURSION",
    "WITH c AS (SELECT 1 AS x UNION ALL SELECT x FROM (u CROSS JOIN (c))) SELECT * FROM c",
  ),
  body("recursion past ON", "RECURSION", "WITH c AS (SELECT 1 AS x UNION ALL SELECT c.x FROM u JOIN t ON u.a = t.a, c) SELECT * FROM c"),
  body("load_extension", "FUNCTION", "SELECT load_extension('evil.so')"),
  body("printf", "FUNCTION", "SELECT printf('%.*c', 900000000, 'x')"),
  body("format", "FUNCTION", "SELECT format('%0900000000d', 1)"),
  body("zeroblob", "FUNCTION", "SELECT hex(zeroblob(500000000))"),
  body("randomblob", "FUNCTION", "SELECT length(RandomBlob(500000000))"),
  body("fts3_tokenizer", "FUNCTION", "SELECT fts3_tokenizer('simple')"),
  body("changes", "FUNCTION", "INSERT INTO u SELECT 1, changes()"),
  body("last_insert_rowid before any INSERT", "FUNCTION", "SELECT last_insert_rowid()"),
  body("a clock in a body", "CLOCK", "UPDATE u SET b = datetime('now')"),
  body("a clock without a value", "CLOCK", "SELECT strftime('%s')"),
  body("a clock put together", "CLOCK", "SELECT date('n' || 'ow')"),
  body("a clock by subsec", "CLOCK", "SELECT unixepoch('SUBSEC')"),
  body("a time zone", "CLOCK", "SELECT datetime(NEW.b, 'localtime')"),
  body("CURRENT_TIMESTAMP", "CLOCK", "UPDATE u SET b = current_timestamp"),
  body("sqlite_schema", "RESERVED_NAME", "SELECT sql FROM sqlite_schema"),
  body("sqlite_schema in single quotes", "RESERVED_NAME", "SELECT sql FROM u, 'sqlite_master'"),
  body("sqlite_schema by IN", "RESERVED_NAME", "SELECT 1 WHERE NEW.b IN sqlite_master"),
  body("sqlite_sequence", "RESERVED_NAME", "UPDATE sqlite_sequence SET seq = 0"),
  body("a write to a reserved table", "RESERVED_NAME", "INSERT OR IGNORE INTO [logigen_context] VALUES (1)"),
  body("a pragma as a table", "RESERVED_NAME", "SELECT * FROM pragma_database_list"),
  body("a pragma as a function", "RESERVED_NAME", "SELECT * FROM pragma_table_info('t')"),
  body("dbstat", "RESERVED_NAME", "SELECT * FROM u JOIN dbstat"),
  body("a table function", "TABLE_FUNCTION", "SELECT * FROM generate_series(1, 1000000000)"),
  body("a qualified table in FROM", "QUALIFIED_NAME", "SELECT * FROM main.t"),
  body("a qualified temp table behind a comma", "QUALIFIED_NAME", "SELECT * FROM u, temp.log"),
  body("a json cross product", "JSON_TABLES", `SELECT 1 FROM json_each('[1,1]') a, json_each('[1,1]') b, json_tree('[1,1]') c`),
  body("subqueries that multiply", "EXPANSION", nested(8)),
  body("common table expressions that multiply", "EXPANSION", `WITH c0 AS (SELECT a FROM u)${doubled} SELECT * FROM c12`),
  body("ORDER BY in an aggregate", "AGGREGATE_ORDER", "SELECT group_concat(a, ',' ORDER BY a) FROM u"),
  body("brackets the wrong way", "BRACKETS", "SELECT (1))+((2)"),
  body("unknown column", "UNKNOWN_COLUMN", "UPDATE u SET nope = 1"),
  body("unknown column of NEW", "UNKNOWN_COLUMN", "SELECT NEW.nope"),
  body("unknown table", "UNKNOWN_TABLE", "INSERT INTO nope VALUES (1)"),
  body("a text in double quotes", "UNKNOWN_COLUMN", 'UPDATE u SET b = "text"'),
  body("OLD in an INSERT", "UNKNOWN_COLUMN", "SELECT OLD.a"),
  {
    name: "a second statement behind END",
    file: "triggers",
    sql: "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END; DROP TABLE t",
    code: "STATEMENT",
  },
  {
    name: "a second statement, no semicolon",
    file: "triggers",
    sql: "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END ATTACH 'x' AS y",
    code: "STATEMENT",
  },
  { name: "a body without END", file: "triggers", sql: "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1 END;", code: "TRIGGER_END" },
  { name: "an empty body", file: "triggers", sql: "CREATE TRIGGER x AFTER INSERT ON t BEGIN END;", code: "TRIGGER_BODY" },
  { name: "INSTEAD OF", file: "triggers", sql: "CREATE TRIGGER x INSTEAD OF INSERT ON t BEGIN SELECT 1; END;", code: "TRIGGER_HEAD" },
  {
    name: "a trigger on a table of SQLite",
    file: "triggers",
    sql: "CREATE TRIGGER x AFTER INSERT ON sqlite_schema BEGIN SELECT 1; END;",
    code: "RESERVED_NAME",
  },
  {
    name: "a trigger on a qualified table",
    file: "triggers",
    sql: "CREATE TRIGGER x AFTER INSERT ON main.t BEGIN SELECT 1; END;",
    code: "QUALIFIED_NAME",
  },
  {
    name: "a trigger on no table",
    file: "triggers",
    sql: "CREATE TRIGGER x AFTER INSERT ON nope BEGIN SELECT 1; END;",
    code: "UNKNOWN_TABLE",
  },
  {
    name: "chance in a WHEN",
    file: "triggers",
    sql: "CREATE TRIGGER x AFTER INSERT ON t WHEN random() > 0 BEGIN SELECT 1; END;",
    code: "FUNCTION",
  },
  {
    name: "RAISE in a WHEN",
    file: "triggers",
    sql: "CREATE TRIGGER x AFTER INSERT ON t WHEN RAISE(ABORT, 'x') BEGIN SELECT 1; END;",
    code: "RAISE",
  },
  {
    name: "UPDATE OF an unknown column",
    file: "triggers",
    sql: "CREATE TRIGGER x AFTER UPDATE OF statsu ON t BEGIN SELECT 1; END;",
    code: "UPDATE_OF",
  },
  {
    name: "UPDATE OF a known and an unknown column",
    file: "triggers",
    sql: "CREATE TRIGGER x AFTER UPDATE OF b, statsu ON t BEGIN SELECT 1; END;",
    code: "UPDATE_OF",
  },
  {
    name: "WHEN x = NULL",
    file: "triggers",
    sql: "CREATE TRIGGER x AFTER UPDATE ON t WHEN NEW.b = NULL AND NEW.a > 1 BEGIN SELECT 1; END;",
    code: "NEVER_FIRES",
  },
  { name: "WHEN 0", file: "triggers", sql: "CREATE TRIGGER x AFTER UPDATE ON t WHEN (1 = 0) BEGIN SELECT 1; END;", code: "NEVER_FIRES" },
  {
    name: "one comment",
    file: "triggers",
    sql: "-- Trigger: x CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END;",
    code: "COMMENT_ONLY",
  },
  {
    name: "one block comment",
    file: "triggers",
    sql: "/* CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END; */",
    code: "COMMENT_ONLY",
  },
  {
    name: "a fan of triggers",
    file: "triggers",
    sql: ["t", "u"]
      .map(
        (table, i) =>
          `CREATE TRIGGER x${i} AFTER INSERT ON ${table} BEGIN ${`INSERT INTO ${i === 0 ? "u (a)" : "w (a)"} VALUES (1);`.repeat(15)} END;`,
      )
      .join("\n"),
    code: "FAN_OUT",
  },
  {
    name: "a fan of foreign keys",
    file: "triggers",
    sql: [
      "CREATE TABLE x (a INTEGER PRIMARY KEY);",
      ...["y", "z"].map(
        (table) =>
          `CREATE TABLE ${table} (a INTEGER REFERENCES x (a) ON UPDATE CASCADE);\n` +
          `CREATE TRIGGER ${table}u AFTER UPDATE ON ${table} BEGIN ${"INSERT INTO w (a) VALUES (1);".repeat(60)} END;`,
      ),
    ].join("\n"),
    code: "FAN_OUT",
  },
  rows("DELETE in rows", "STATEMENT", "DELETE FROM t"),
  rows("BEGIN in rows", "STATEMENT", "BEGIN TRANSACTION; INSERT INTO u VALUES (1, 2)"),
  rows("CREATE in rows", "STATEMENT", "CREATE TABLE v (a)"),
  rows("a WITH before a DELETE", "STATEMENT", "WITH x AS (SELECT 1) DELETE FROM t"),
  rows("REPLACE in rows", "CONFLICT_REPLACE", "REPLACE INTO t VALUES (1, 2, 3)"),
  rows("chance in rows", "FUNCTION", "INSERT INTO u VALUES (random(), 1)"),
  rows("a clock in rows", "CLOCK", "INSERT INTO u VALUES (1, date('now'))"),
  rows("a table of SQLite", "RESERVED_NAME", "INSERT INTO sqlite_sequence VALUES ('t', 5)"),
  rows("RETURNING", "STATEMENT", "INSERT INTO u VALUES (1, 2) RETURNING a"),
  rows("recursion in rows", "RECURSION", "INSERT INTO u WITH c AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM c) SELECT x, x FROM c"),
  rows("a row of no table", "UNKNOWN_TABLE", "INSERT INTO nope VALUES (1)"),
  rows("a reference to no row", "FOREIGN_KEY", "INSERT INTO p VALUES (NULL), (9)"),
  rows("a constraint", "SQLITE", "INSERT INTO t VALUES (1, 'a', 'x'), (2, 'b', 'x')"),
  rows("one comment", "COMMENT_ONLY", "-- INSERT INTO u VALUES (1, 2);"),
];
