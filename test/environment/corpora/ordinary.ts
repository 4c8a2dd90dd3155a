/** Ordinary SQL in the styles that people and models write; each script must load, and its write must go through. */
export interface OrdinaryScript {
  readonly name: string;
  readonly schema: string;
  readonly triggers?: string;
  readonly rows?: string;
  /** A statement that the loaded database accepts; false where a trigger of the script must refuse it. */
  readonly write: string;
  readonly refusedBy?: string;
}

const orders = `CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, tier TEXT DEFAULT 'basic', active INTEGER DEFAULT 1, born TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), status TEXT DEFAULT 'open', total REAL DEFAULT 0, placed_on TEXT, due_on TEXT, note TEXT, tags TEXT, quantity INTEGER DEFAULT 1);
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER, sku TEXT, price INTEGER);
CREATE TABLE audit (id INTEGER PRIMARY KEY, what TEXT, at_step INTEGER);`;
const people = "INSERT INTO customers (id, name) VALUES (1, 'Ann'), (2, 'Bo');";
const order = "INSERT INTO orders (id, customer_id) VALUES (1, 1);";

function table(name: string, schema: string, write: string): OrdinaryScript {
  return { name, schema, write };
}

function trigger(
  name: string,
  triggers: string,
  write = "INSERT INTO orders (customer_id) VALUES (1)",
  refusedBy?: string,
): OrdinaryScript {
  return { name, schema: orders, triggers, rows: people + order, write, ...(refusedBy === undefined ? {} : { refusedBy }) };
}

function guard(name: string, condition: string): OrdinaryScript {
  return trigger(name, `CREATE TRIGGER g BEFORE INSERT ON orders WHEN ${condition} BEGIN SELECT RAISE(ABORT, 'no'); END;`);
}

export const ordinaryScripts: readonly OrdinaryScript[] = [
  table("plain", "CREATE TABLE t (a INTEGER, b TEXT)", "INSERT INTO t VALUES (1, 'x')"),
  table("no type", "create table t(a,b,c);", "INSERT INTO t VALUES (1, 2, 3)"),
  table("CRLF", "CREATE TABLE t (\r\n  a INTEGER,\r\n  b TEXT\r\n);\r\n", "INSERT INTO t VALUES (1, 'x')"),
  table("byte order mark", "\ufeffCREATE TABLE t (a);", "INSERT INTO t VALUES (1)"),
  table("line comments", "-- first; one\nCREATE TABLE t ( -- it's here\n a INTEGER -- the key\n); -- done", "INSERT INTO t VALUES (1)"),
  table("block comments", "/* head; CREATE VIEW */ CREATE /* x */ TABLE t (a /* ; */ INTEGER);/**/", "INSERT INTO t VALUES (1)"),
  table("IF NOT EXISTS", "CREATE TABLE IF NOT EXISTS t (a);", "INSERT INTO t VALUES (1)"),
  table(
    "quoted names",
    'CREATE TABLE "my table" ("first name" TEXT, [last name] TEXT, `age` INTEGER);',
    `INSERT INTO "my table" VALUES ('a', 'b', 3)`,
  ),
  table("names in single quotes", "CREATE TABLE 'users' ('id' INTEGER PRIMARY KEY, 'x' TEXT);", "INSERT INTO users (x) VALUES ('a')"),
  table("doubled quotes in a name", 'CREATE TABLE "say ""hi""" (a);', 'INSERT INTO "say ""hi""" VALUES (1)'),
  table(
    "reserved names",
    'CREATE TABLE "order" ("select" INTEGER, "group" TEXT, "from" TEXT);',
    `INSERT INTO "order" VALUES (1, 'a', 'b')`,
  ),
  table(
    "bare keywords as names",
    "CREATE TABLE plan (key TEXT, row INTEGER, end INTEGER, begin INTEGER, action TEXT, temp REAL, view TEXT, replace TEXT);",
    "INSERT INTO plan VALUES ('k', 1, 2, 3, 'a', 36.6, 'v', 'r')",
  ),
  table("letters beyond ASCII", "CREATE TABLE größe (naïve TEXT, 名前 TEXT);", "INSERT INTO größe VALUES ('a', 'b')"),
  table(
    "types with lengths",
    "CREATE TABLE t (a VARCHAR(20), b DECIMAL(10,2), c CHARACTER VARYING ( 255 ), d NUMERIC(5, -2), e UNSIGNED BIG INT, f DOUBLE PRECISION);",
    "INSERT INTO t VALUES ('a', 1.5, 'c', 2, 3, 4.0)",
  ),
  table(
    "STRICT and WITHOUT ROWID",
    "CREATE TABLE t (a TEXT PRIMARY KEY, b INT NOT NULL) STRICT, WITHOUT ROWID;",
    "INSERT INTO t VALUES ('a', 1)",
  ),
  table("AUTOINCREMENT", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT);", "INSERT INTO t (a) VALUES ('x')"),
  table(
    "constraints with names",
    "CREATE TABLE t (a INTEGER CONSTRAINT pk PRIMARY KEY, b TEXT CONSTRAINT nn NOT NULL, CONSTRAINT u UNIQUE (b), CONSTRAINT c CHECK (length(b) > 0));",
    "INSERT INTO t (b) VALUES ('x')",
  ),
  table("composite key", "CREATE TABLE t (a INTEGER, b INTEGER, c TEXT, PRIMARY KEY (a, b DESC));", "INSERT INTO t VALUES (1, 2, 'x')"),
  table(
    "composite foreign key",
    "CREATE TABLE p (a, b, PRIMARY KEY (a, b)); CREATE TABLE c (a, b, FOREIGN KEY (a, b) REFERENCES p (a, b) ON DELETE CASCADE ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED);",
    "INSERT INTO p VALUES (1, 2)",
  ),
  table(
    "implicit target and SET NULL",
    "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id INTEGER REFERENCES P ON DELETE SET NULL MATCH SIMPLE);",
    "INSERT INTO p VALUES (1)",
  ),
  table(
    "CHECK with IN",
    "CREATE TABLE t (s TEXT NOT NULL DEFAULT 'open' CHECK (s IN ('open', 'closed', 'void')));",
    "INSERT INTO t VALUES ('void')",
  ),
  table(
    "CHECK with LIKE, GLOB and BETWEEN",
    "CREATE TABLE t (a TEXT CHECK (a LIKE '%@%.%' AND a GLOB '*[a-z]*' AND a NOT LIKE '% %'), n INT CHECK (n BETWEEN 1 AND 5));",
    "INSERT INTO t VALUES ('a@b.c', 5)",
  ),
  table(
    "CHECK of a table, no comma before it",
    "CREATE TABLE t (a INT, b INT, CHECK (a < b) CHECK (b IS NOT NULL OR a IS NULL));",
    "INSERT INTO t VALUES (1, 2)",
  ),
  table("CHECK with CASE", "CREATE TABLE t (a INT, b INT, CHECK (CASE WHEN a > 1 THEN b > 1 ELSE 1 END));", "INSERT INTO t VALUES (1, 0)"),
  table(
    "generated columns",
    "CREATE TABLE t (a INT, b INT, c INT GENERATED ALWAYS AS (a * b) STORED, d TEXT AS (a || '-' || b) VIRTUAL, e AS (abs(a)));",
    "INSERT INTO t (a, b) VALUES (2, 3)",
  ),
  table(
    "defaults",
    "CREATE TABLE t (a INT DEFAULT -1, b REAL DEFAULT +1.5, c TEXT DEFAULT 'it''s', d BLOB DEFAULT x'00ff', e DEFAULT NULL, f DEFAULT TRUE, g DEFAULT (1 + 2), h DEFAULT (lower('X')));",
    "INSERT INTO t DEFAULT VALUES",
  ),
  table(
    "clocks in defaults",
    "CREATE TABLE t (a INT, b TEXT DEFAULT CURRENT_TIMESTAMP, c TEXT DEFAULT (datetime('now')), d INT DEFAULT (strftime('%s', 'now')), e TEXT NOT NULL DEFAULT current_date);",
    "INSERT INTO t (a) VALUES (1)",
  ),
  table("collations", 'CREATE TABLE t (a TEXT COLLATE NOCASE UNIQUE, b TEXT COLLATE "rtrim");', "INSERT INTO t VALUES ('A', 'b')"),
  table("an index", "CREATE TABLE t (a, b); CREATE INDEX i ON t (a);", "INSERT INTO t VALUES (1, 2)"),
  table(
    "a composite unique index",
    "CREATE TABLE t (a, b); CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a ASC, b DESC);",
    "INSERT INTO t VALUES (1, 2)",
  ),
  table(
    "a partial index",
    "CREATE TABLE t (a, s TEXT); CREATE UNIQUE INDEX one_open ON t (a) WHERE s = 'open' AND a IS NOT NULL;",
    "INSERT INTO t VALUES (1, 'open')",
  ),
  table(
    "an index on expressions",
    "CREATE TABLE t (a TEXT, b INT); CREATE INDEX i ON t (lower(a), b % 7, a COLLATE NOCASE);",
    "INSERT INTO t VALUES ('A', 2)",
  ),
  table(
    "integers beyond 2^53",
    "CREATE TABLE t (a INTEGER CHECK (a <= 9223372036854775807) DEFAULT 9007199254740993);",
    "INSERT INTO t DEFAULT VALUES",
  ),
  table(
    "numbers of all sorts",
    "CREATE TABLE t (a DEFAULT 0xFF, b DEFAULT 1e3, c DEFAULT .5, d CHECK (d <> 1.5E-10));",
    "INSERT INTO t (d) VALUES (1)",
  ),
  table(
    "a trigger among the tables",
    "CREATE TABLE t (a);CREATE TRIGGER g BEFORE INSERT ON t WHEN NEW.a < 0 BEGIN SELECT RAISE(ABORT, 'x'); END;CREATE TABLE u (b);",
    "INSERT INTO t VALUES (1)",
  ),
  trigger(
    "CASE with several messages",
    `CREATE TRIGGER v BEFORE INSERT ON orders FOR EACH ROW
BEGIN
  SELECT CASE
    WHEN NEW.total IS NULL THEN RAISE(ABORT, 'total missing')
    WHEN NOT EXISTS (SELECT 1 FROM customers WHERE id = NEW.customer_id AND active = 1) THEN RAISE(ABORT, '[NO_CUSTOMER] it''s not there; really')
  END;
END;`,
  ),
  trigger(
    "no semicolon after END",
    "CREATE TRIGGER a BEFORE INSERT ON orders BEGIN SELECT 1; END\n-- next\nCREATE TRIGGER b AFTER INSERT ON orders BEGIN SELECT 2; END",
  ),
  trigger(
    "lower case, one line",
    "create trigger if not exists g after update of status,total on orders for each row when old.status<>new.status begin insert into audit(what)values('moved');end",
    "UPDATE orders SET status = 'paid'",
  ),
  trigger(
    "a guard that refuses",
    "CREATE TRIGGER g BEFORE UPDATE ON orders WHEN OLD.status = 'open' AND NEW.status = 'gone' BEGIN SELECT RAISE(ABORT, 'never'); END;",
    "UPDATE orders SET status = 'gone'",
    "never",
  ),
  trigger("RAISE(IGNORE)", "CREATE TRIGGER g BEFORE INSERT ON orders WHEN NEW.total < 0 BEGIN SELECT RAISE(IGNORE); END;"),
  trigger(
    "several effects",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN UPDATE customers SET tier = 'gold' WHERE id = NEW.customer_id; INSERT INTO audit (what, at_step) VALUES ('order', NEW.id), ('again', NULL); DELETE FROM lines WHERE order_id = NEW.id; END;",
  ),
  trigger(
    "upsert",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN INSERT INTO audit (id, what) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET what = excluded.what WHERE excluded.what <> 'y'; INSERT INTO audit (id) VALUES (1) ON CONFLICT DO NOTHING; END;",
  ),
  trigger(
    "INSERT OR IGNORE and OR ABORT",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN INSERT OR IGNORE INTO audit (id) VALUES (1); INSERT OR ABORT INTO audit (id) SELECT 2; UPDATE OR IGNORE audit SET what = 'z'; END;",
  ),
  trigger(
    "UPDATE FROM",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN UPDATE orders SET note = c.name FROM customers AS c, (SELECT 1 AS one) WHERE c.id = orders.customer_id AND orders.id = NEW.id; END;",
  ),
  trigger(
    "UPDATE of a row value",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN UPDATE orders SET (note, total) = (SELECT name, 3 FROM customers WHERE id = NEW.customer_id) WHERE id = NEW.id; END;",
  ),
  trigger(
    "INSERT SELECT with WHERE EXISTS",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN INSERT INTO audit (what) SELECT 'big' WHERE EXISTS (SELECT 1 FROM orders o JOIN customers c ON o.customer_id = c.id WHERE o.id = NEW.id); END;",
  ),
  trigger(
    "a WITH in a SELECT",
    "CREATE TRIGGER g BEFORE INSERT ON orders BEGIN WITH mine AS (SELECT count(*) AS n FROM orders WHERE customer_id = NEW.customer_id), limits(top) AS (VALUES (9)) SELECT RAISE(ABORT, 'many') FROM mine, limits WHERE mine.n > limits.top; END;",
  ),
  trigger(
    "a WITH in an INSERT",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN INSERT INTO audit (what) WITH total AS (SELECT sum(total) AS total FROM orders) SELECT total FROM total; END;",
  ),
  trigger(
    "a MATERIALIZED one and a nested one",
    "CREATE TRIGGER g BEFORE INSERT ON orders BEGIN SELECT (WITH a AS MATERIALIZED (SELECT 1 AS x), b AS NOT MATERIALIZED (SELECT x FROM a) SELECT max(x) FROM b); END;",
  ),
  trigger(
    "window functions",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN INSERT INTO audit (what, at_step) SELECT 'rank', r FROM (SELECT id, row_number() OVER (PARTITION BY customer_id ORDER BY total DESC, id) AS r, sum(total) OVER w FROM orders WINDOW w AS (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)) WHERE id = NEW.id; END;",
  ),
  trigger(
    "aggregates with FILTER and HAVING",
    "CREATE TRIGGER g BEFORE INSERT ON orders BEGIN SELECT RAISE(ABORT, 'x') FROM orders GROUP BY customer_id HAVING count(*) FILTER (WHERE status = 'open') > 5 ORDER BY 1 LIMIT 1 OFFSET 0; END;",
  ),
  trigger(
    "JSON functions",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN INSERT INTO audit (what) SELECT json_group_array(value) FROM json_each(coalesce(NEW.tags, '[1, 2]')); UPDATE orders SET tags = json_set('{}', '$.a', json_array(1, 2)), note = json_extract('{\"a\":1}', '$.a') || ('{\"b\":2}' ->> '$.b') WHERE id = NEW.id; END;",
  ),
  trigger(
    "json_each joined",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN INSERT INTO lines (order_id, sku) SELECT NEW.id, j.value FROM orders o, json_each(coalesce(o.tags, '[]')) AS j WHERE o.id = NEW.id; END;",
  ),
  trigger(
    "dates stored",
    "CREATE TRIGGER g BEFORE INSERT ON orders WHEN NEW.due_on IS NOT NULL BEGIN SELECT CASE WHEN julianday(NEW.due_on) - julianday(NEW.placed_on) > 30 THEN RAISE(ABORT, 'late') WHEN date(NEW.due_on, '+' || NEW.quantity || ' days') < date(NEW.placed_on, 'start of month') THEN RAISE(ABORT, 'early') WHEN strftime('%w', NEW.due_on) = '0' THEN RAISE(ABORT, 'sunday') END; END;",
  ),
  ...[
    "iif(NEW.status = 'used', NEW.due_on, NEW.placed_on)",
    "CASE WHEN NEW.status = 'done' THEN NEW.due_on ELSE NEW.placed_on END",
    "CASE NEW.status WHEN 'now' THEN NEW.due_on END",
    "replace(NEW.due_on, '/', '-')",
    "coalesce(NEW.due_on, '2026-01-01')",
    "NEW.due_on || ''",
    "trim(NEW.due_on)",
    "substr(NEW.due_on, 1, 10)",
    "substr(NEW.due_on, 7, 4) || '-' || substr(NEW.due_on, 4, 2) || '-01'",
    "concat_ws('-', NEW.due_on, '01', '01')",
    "json_extract(NEW.tags, '$.due')",
    "NEW.tags ->> '$.due'",
    "strftime('%Y-%m-01', NEW.due_on)",
    "julianday(NEW.due_on) + 3",
    "max(NEW.due_on, NEW.placed_on)",
    "CAST(NEW.due_on AS TEXT)",
    "(SELECT o.due_on FROM orders AS o WHERE o.status = 'used' ORDER BY o.id LIMIT 1)",
  ].map((text) =>
    trigger(
      `a date of ${text}`,
      `CREATE TRIGGER g BEFORE INSERT ON orders WHEN date(${text}) < NEW.placed_on BEGIN SELECT RAISE(ABORT, 'late'); END;`,
    ),
  ),
  trigger(
    "a date of a subquery's column",
    "CREATE TRIGGER g BEFORE INSERT ON orders BEGIN SELECT RAISE(ABORT, 'late') FROM (SELECT id, 'now' AS label, due_on AS d FROM orders WHERE status = 'used') AS o WHERE date(o.d, iif(NEW.quantity > 1, '+1 day', '-1 day')) < NEW.placed_on; END;",
  ),
  trigger(
    "a date of a WITH's column",
    "CREATE TRIGGER g BEFORE INSERT ON orders BEGIN WITH late (d) AS (SELECT max(due_on) FROM orders) SELECT RAISE(ABORT, 'late') FROM late WHERE date(late.d) < NEW.placed_on; END;",
  ),
  trigger(
    "last_insert_rowid behind an INSERT",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN INSERT INTO audit (what) VALUES ('x'); INSERT INTO lines (order_id, price) VALUES (NEW.id, last_insert_rowid()); END;",
  ),
  trigger(
    "quoted NEW and names with blanks",
    `CREATE TRIGGER "my trigger" AFTER INSERT ON "orders" BEGIN UPDATE [customers] SET "tier" = 'x' WHERE \`id\` = NEW."customer_id"; END;`,
  ),
  trigger(
    "a self-updating stamp",
    "CREATE TRIGGER e AFTER UPDATE ON orders BEGIN UPDATE orders SET quantity = quantity + 1 WHERE id = NEW.id; END;",
    "UPDATE orders SET note = 'x'",
  ),
  trigger(
    "EXCEPT, UNION and INTERSECT",
    "CREATE TRIGGER g BEFORE INSERT ON orders BEGIN SELECT RAISE(ABORT, 'x') WHERE EXISTS (SELECT id FROM orders WHERE id < 0 UNION ALL SELECT id FROM lines WHERE id < 0 EXCEPT SELECT 1 INTERSECT SELECT 2); END;",
  ),
  trigger(
    "joins of all sorts",
    "CREATE TRIGGER g BEFORE INSERT ON orders BEGIN SELECT 1 FROM orders o LEFT OUTER JOIN lines l ON l.order_id = o.id CROSS JOIN customers c INNER JOIN audit USING (id) NATURAL JOIN (SELECT 1 AS one); END;",
  ),
  trigger(
    "a table in IN",
    "CREATE TRIGGER g BEFORE INSERT ON orders BEGIN SELECT 1 WHERE (1, 2) IN (SELECT id, 2 FROM orders) OR 1 IN (1, 2, 3) OR NEW.customer_id NOT IN (SELECT id FROM customers); END;",
  ),
  trigger(
    "DELETE trigger",
    "CREATE TRIGGER d BEFORE DELETE ON orders WHEN OLD.status = 'paid' BEGIN SELECT RAISE(ABORT, 'paid orders stay'); END;",
    "DELETE FROM orders",
  ),
  trigger(
    "a comment in every place",
    "CREATE TRIGGER g /* a */ BEFORE -- b\n INSERT ON orders /* END; */ BEGIN -- BEGIN; END;\n SELECT /* ; END */ 1; /* c */ END /* d */;",
  ),
  trigger(
    "a column called replace, a text with banned words",
    "CREATE TRIGGER g BEFORE INSERT ON orders WHEN NEW.note = 'ATTACH; PRAGMA random() -- REPLACE INTO' OR replace(NEW.note, 'a', 'b') = 'c' BEGIN SELECT RAISE(ABORT, 'random() OR REPLACE /* */ --'); END;",
  ),
  trigger(
    "RETURNING and VALUES as plain words",
    "CREATE TRIGGER e AFTER INSERT ON orders BEGIN INSERT INTO audit (what) VALUES ('RETURNING'); SELECT max(v.column1) FROM (VALUES (1), (2)) AS v; END;",
  ),
  guard("IS DISTINCT FROM", "NEW.status IS NOT DISTINCT FROM 'gone'"),
  guard(
    "nested functions and operators",
    "abs(round(coalesce(NEW.total, 0.0), 2)) - max(1, 2) > 10 << 2 OR NEW.quantity & 1 = 2 OR ~NEW.quantity > 5",
  ),
  guard("CAST", "CAST(NEW.total AS INTEGER) > 100 OR CAST(NEW.note AS DECIMAL(10, 2)) > 5 OR CAST(NEW.note AS VARCHAR(3)) = 'abc'"),
  guard(
    "LIKE with ESCAPE, instr, substr",
    "NEW.note LIKE '10\\%%' ESCAPE '\\' OR instr(NEW.note, '@') = 2 OR substr(NEW.note, 1, 3) = 'abc' OR NEW.note NOT GLOB '[0-9]*' AND upper(trim(NEW.note)) = 'X'",
  ),
  guard(
    "iif and typeof",
    "iif(typeof(NEW.total) = 'text', 1, 0) OR nullif(NEW.quantity, 1) IS NULL AND NEW.total > 5 OR likely(NEW.quantity > 9)",
  ),
  guard("CASE with a base", "CASE NEW.status WHEN 'open' THEN 0 WHEN 'gone' THEN 1 ELSE NULL END"),
  guard("a boolean", "NOT (TRUE) AND NEW.total ISNULL OR (NEW.total NOTNULL) = FALSE"),
  guard("blobs and hexadecimal", "hex(x'0aFF') = '0A' OR NEW.quantity = 0x1F"),
  {
    name: "rows in any order",
    schema: orders,
    rows: "INSERT INTO orders (id, customer_id) VALUES (1, 7);\nINSERT INTO customers VALUES (7, 'Zoë', NULL, 1, '1990-01-01');\r\n-- done",
    write: "UPDATE orders SET total = 1",
  },
  {
    name: "rows by SELECT",
    schema: orders,
    rows: `${people}INSERT INTO orders (customer_id, total, note) SELECT id, length(name) * 2.5, upper(name) FROM customers ORDER BY id; WITH x AS (SELECT 5 AS a) INSERT INTO audit (what) SELECT a FROM x`,
    write: "UPDATE orders SET total = 1",
  },
  {
    name: "rows of all values",
    schema: "CREATE TABLE t (a, b, c, d, e);",
    rows: "INSERT INTO t VALUES (NULL, -9223372036854775808, 1.5e300, x'00', 'it''s; -- no comment\n'), (+1, - 1, TRUE, 9007199254740993, '');",
    write: "DELETE FROM t",
  },
  {
    name: "rows with upsert and OR IGNORE",
    schema: "CREATE TABLE t (a INTEGER PRIMARY KEY, b);",
    rows: "INSERT INTO t VALUES (1, 2); INSERT OR IGNORE INTO t VALUES (1, 3); INSERT INTO t VALUES (1, 4) ON CONFLICT (a) DO UPDATE SET b = excluded.b",
    write: "UPDATE t SET b = 5",
  },
  { name: "empty triggers and rows", schema: "CREATE TABLE t (a);", triggers: "\n", rows: "", write: "INSERT INTO t VALUES (1)" },
];
