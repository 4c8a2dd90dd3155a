import { describe, expect, test } from "vitest";
import { findingsIn, importTexts } from "./import-texts.js";

const orders = `
CREATE TABLE customers (id INTEGER PRIMARY KEY, level TEXT, orders INTEGER NOT NULL DEFAULT 0);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  customer INTEGER NOT NULL REFERENCES customers,
  status TEXT NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN', 'PAID', 'GONE')),
  amount INTEGER,
  made_step INTEGER NOT NULL,
  paid_step INTEGER,
  code TEXT GENERATED ALWAYS AS (status || id) VIRTUAL
);
CREATE INDEX by_customer ON orders (customer);`;

const refuse = (name: string, head: string, condition: string, message = name) =>
  `CREATE TRIGGER ${name} ${head} BEGIN SELECT CASE WHEN ${condition} THEN RAISE(ABORT, '${message}') END; END;\n`;

/** The findings of one kind, as object and message, with these triggers on the orders. */
function found(kind: string, triggers: string, texts: { readonly schema?: string; readonly policy?: string } = {}): readonly string[] {
  const findings = findingsIn(importTexts({ schema: orders, policy: "", ...texts, triggers }));
  return findings.filter((finding) => finding.kind === kind).map(({ object, message }) => `${object}: ${message}`);
}

describe("findingsOf()", () => {
  test("counts objects against statements, file by file", () => {
    const rows = "INSERT INTO customers (id) VALUES (1), (2);";
    const findings = findingsIn(importTexts({ schema: orders, rows, policy: "" })).filter(({ kind }) => kind === "objects");
    expect(findings.map(({ object, message }) => `${object}: ${message}`)).toEqual([
      "schema.sql: 3 statements given, 3 objects created",
      "triggers.sql: 0 statements given, 0 objects created",
      "rows.sql: 1 statement given, 2 rows created",
    ]);
  });

  test("finds the columns from which a date function may read the clock", () => {
    const late = refuse("late", "BEFORE UPDATE ON customers", "date(NEW.level) > (SELECT date(o.code) FROM orders AS o)");
    expect(found("clock-column", late)).toEqual([
      expect.stringMatching(/^customers\.level: a date function reads it/),
      expect.stringMatching(/^orders\.code: /),
    ]);
    expect(found("clock-column", "")).toEqual([]);
  });

  describe("never-fires", () => {
    const log = (head: string) => `CREATE TRIGGER t ${head} BEGIN UPDATE customers SET level = 'x' WHERE id = OLD.id; END;`;
    const wall = "CREATE TRIGGER wall BEFORE DELETE ON orders BEGIN SELECT RAISE(ABORT, 'no'); END;";

    test.each([
      ["a deletion that nothing makes", log("AFTER DELETE ON orders"), /no tool that deletes/],
      [
        "a WHEN that contradicts itself",
        log("AFTER UPDATE ON orders WHEN NEW.status = 'PAID' AND NEW.status = 'GONE'"),
        /WHEN is true of no row/,
      ],
      [
        "a WHEN with a value that the CHECK does not list",
        log("AFTER UPDATE ON orders WHEN OLD.status = 'PAYED'"),
        /WHEN is true of no row/,
      ],
      [
        "a write that another trigger refuses whatever it is",
        `${log("AFTER UPDATE ON orders")}${wall.replace("DELETE", "UPDATE")}`,
        /"wall" refuses every UPDATE/,
      ],
    ])("tells %s", (_name, triggers, message) => {
      expect(found("never-fires", triggers)).toEqual([expect.stringMatching(message)]);
    });

    test.each([
      ["a WHEN that some row meets", log("AFTER UPDATE ON orders WHEN OLD.status = 'PAID' AND NEW.status <> 'PAID'")],
      ["a value that a BEFORE trigger may still see", log("BEFORE UPDATE ON orders WHEN NEW.status = 'PAYED'")],
      ["a refusal of deletions", wall],
      [
        "a deletion that a trigger makes",
        `${log("AFTER DELETE ON orders")}CREATE TRIGGER d AFTER UPDATE ON customers BEGIN DELETE FROM orders WHERE customer = NEW.id; END;`,
      ],
      ["a condition that cannot be read", log("AFTER UPDATE ON orders WHEN abs(NEW.amount) = 3 AND (SELECT 1)")],
    ])("is silent of %s", (_name, triggers) => {
      expect(found("never-fires", triggers)).toEqual([]);
    });
  });

  describe("unreachable-message", () => {
    test("tells a branch behind one that is always taken first", () => {
      const body = "SELECT CASE WHEN NEW.amount < 5 THEN RAISE(ABORT, 'small') WHEN NEW.amount < 3 THEN RAISE(ABORT, 'tiny') END;";
      const triggers = `CREATE TRIGGER t BEFORE INSERT ON orders BEGIN ${body} END;`;
      expect(found("unreachable-message", triggers)).toEqual([expect.stringMatching(/^t: no write brings out "tiny"/)]);
      expect(found("unreachable-message", triggers.replace("NEW.amount < 5", "NEW.amount < 2"))).toEqual([]);
    });

    test("tells a message that a trigger created later always forestalls", () => {
      const first = refuse("first", "BEFORE UPDATE OF status ON orders", "OLD.status = 'GONE' AND NEW.status = 'PAID'");
      const later = refuse("later", "BEFORE UPDATE ON orders", "OLD.status = 'GONE'");
      expect(found("unreachable-message", first + later)).toEqual([expect.stringMatching(/^first: .*"later" is asked first/)]);
      expect(found("unreachable-message", later + first)).toEqual([]);
    });

    test("is silent where the later trigger asks for more than is known", () => {
      const first = refuse("first", "BEFORE UPDATE ON orders", "OLD.status = 'GONE'");
      expect(
        found(
          "unreachable-message",
          first + refuse("later", "BEFORE UPDATE ON orders", "OLD.status = 'GONE' AND EXISTS (SELECT 1 FROM customers)"),
        ),
      ).toEqual([]);
    });
  });

  describe("order-dependent", () => {
    const small = refuse("small", "BEFORE INSERT ON orders", "NEW.amount < 5");

    test("tells two triggers that may refuse one write with different words, and which is asked", () => {
      expect(found("order-dependent", small + refuse("poor", "BEFORE INSERT ON orders", "NEW.customer > 7"))).toEqual([
        'small: it and "poor" may both refuse one INSERT of "orders", with "small" and "poor"; SQLite asks the one created last, "poor", first',
      ]);
    });

    test.each([
      ["conditions that exclude each other", refuse("big", "BEFORE INSERT ON orders", "NEW.amount > 10")],
      ["the same words", refuse("big", "BEFORE INSERT ON orders", "NEW.customer > 1", "small")],
      ["another event", refuse("big", "BEFORE UPDATE ON orders", "NEW.customer > 1")],
    ])("is silent of %s", (_name, other) => {
      expect(found("order-dependent", small + other)).toEqual([]);
    });
  });

  describe("foreign keys", () => {
    test("tells those without an index, and those that one begins with not", () => {
      expect(found("foreign-key-unindexed", "", { schema: orders.replace("(customer);", "(status, customer);") })).toEqual([
        expect.stringMatching(/^orders\.customer/),
      ]);
      expect(found("foreign-key-unindexed", "")).toEqual([]);
    });

    test.each([
      ["a table that is not there", "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES gone (id));", /^a\.b: .*"gone"/],
      [
        "columns that are no key",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE a (b TEXT PRIMARY KEY REFERENCES p (n));",
        /^a\.b: .*no key/,
      ],
    ])("tells one that points at %s", (_name, schema, message) => {
      expect(found("foreign-key-target", "", { schema })).toEqual([expect.stringMatching(message)]);
    });

    test("is silent of targets that are keys, unique, or named in another case", () => {
      const schema =
        "CREATE TABLE P (id INTEGER PRIMARY KEY, n TEXT UNIQUE); CREATE TABLE a (b TEXT REFERENCES p (N), c INTEGER REFERENCES P);";
      expect(found("foreign-key-target", "", { schema })).toEqual([]);
    });

    test("tells deferred ones, and not those that only may be", () => {
      const deferred = orders.replace("REFERENCES customers,", "REFERENCES customers DEFERRABLE INITIALLY DEFERRED,");
      expect(found("foreign-key-deferred", "", { schema: deferred })).toEqual([expect.stringMatching(/^orders:/)]);
      for (const words of ["NOT DEFERRABLE INITIALLY DEFERRED", "DEFERRABLE INITIALLY IMMEDIATE", "DEFERRABLE"])
        expect(
          found("foreign-key-deferred", "", { schema: orders.replace("REFERENCES customers,", `REFERENCES customers ${words},`) }),
        ).toEqual([]);
    });
  });

  describe("null-hole", () => {
    const on = (condition: string, more = "") =>
      found(
        "null-hole",
        `CREATE TRIGGER t BEFORE INSERT ON orders BEGIN SELECT CASE ${more} WHEN ${condition} THEN RAISE(ABORT, 'no') END; END;`,
      );

    test.each([
      ["a column compared by order", "NEW.amount > 10", "NEW.amount"],
      ["a column compared by difference", "NEW.amount <> 0", "NEW.amount"],
      ["a negated equality", "NOT (NEW.amount = 0)", "NEW.amount"],
      ["a list that a value must be in", "NEW.amount NOT IN (1, 2)", "NEW.amount"],
      ["a reckoning", "NEW.made_step - NEW.paid_step > 1", "NEW.paid_step"],
      ["a look-up that may find nothing", "(SELECT level FROM customers WHERE id = NEW.customer) <> 'A'", "(SELECT level"],
      ["a look-up by a value that refers to nothing", "(SELECT status FROM orders o WHERE o.id = NEW.amount) <> 'A'", "(SELECT status"],
      ["a look-up by a key that a string spells", "(SELECT orders FROM customers WHERE 'id' = NEW.customer) > 3", "(SELECT orders"],
      [
        "a look-up with a further condition",
        "(SELECT orders FROM customers WHERE id = NEW.customer AND level = 'A') > 3",
        "(SELECT orders",
      ],
      ["a column exempt where it is NULL", "NEW.paid_step IS NOT NULL AND NEW.paid_step = 3", "NEW.paid_step"],
    ])("tells %s", (_name, condition, operand) => {
      expect(on(condition)).toEqual([expect.stringContaining(`t: ${operand}`)]);
    });

    test.each([
      ["columns that are never NULL", "NEW.made_step > 10"],
      ["plain equality", "NEW.amount = 0"],
      ["a NULL that is refused beside it", "NEW.amount IS NULL OR NEW.amount > 10"],
      ["a count", "(SELECT count(*) FROM orders WHERE customer = NEW.customer) >= 3"],
      ["IS NOT", "NEW.amount IS NOT 0"],
      ["a look-up that a foreign key leads to", "(SELECT orders FROM customers WHERE id = NEW.customer) > 3"],
      ["the same under an alias, turned round", '(SELECT c.orders FROM "customers" AS c WHERE NEW.customer = c.ID LIMIT 1) > 3'],
    ])("is silent of %s", (_name, condition) => {
      expect(on(condition)).toEqual([]);
    });

    test("is silent where an earlier branch refuses the NULL", () => {
      expect(on("NEW.amount > 10", "WHEN NEW.amount IS NULL THEN RAISE(ABORT, 'give it')")).toEqual([]);
    });

    test("tells an effect that a NULL keeps from running", () => {
      const effect = (when: string) => `CREATE TRIGGER e AFTER UPDATE ON orders WHEN ${when} BEGIN UPDATE customers SET orders = 1; END;`;
      expect(found("null-hole", effect("NEW.amount <> OLD.amount"))).toEqual([
        expect.stringMatching(/^e: NEW.amount .*does not$/),
        expect.stringMatching(/^e: OLD.amount/),
      ]);
      expect(found("null-hole", effect("NEW.status <> OLD.status"))).toEqual([]);
    });
  });

  describe("open columns, tables and states", () => {
    const count =
      "CREATE TRIGGER count AFTER INSERT ON orders BEGIN UPDATE customers SET orders = orders + 1 WHERE id = NEW.customer; END;";

    test("tells a maintained column that no refusal looks at", () => {
      expect(found("open-column", count)).toEqual([
        'customers.orders: "count" maintains it, and any agent may write it by INSERT and UPDATE',
      ]);
      const guard =
        refuse("g", "BEFORE UPDATE ON customers", "NEW.orders <> OLD.orders") +
        refuse("h", "BEFORE INSERT ON customers", "NEW.orders <> 0");
      expect(found("open-column", count + guard)).toEqual([]);
      expect(found("open-column", count + guard.replace("BEFORE UPDATE", "BEFORE UPDATE OF level"))).toEqual([
        expect.stringMatching(/by UPDATE$/),
      ]);
    });

    test("tells a table whose rows a trigger creates", () => {
      const spawn = "CREATE TRIGGER s AFTER INSERT ON customers BEGIN INSERT INTO orders (customer, made_step) VALUES (NEW.id, 1); END;";
      expect(found("open-table", spawn)).toEqual(['orders: "s" creates its rows, and any agent may insert them as well']);
      expect(found("open-table", spawn + refuse("g", "BEFORE INSERT ON orders", "NEW.made_step < 0"))).toEqual([]);
    });

    test("tells a state that a trigger sets and an agent may set", () => {
      const pay =
        "CREATE TRIGGER pay AFTER UPDATE OF level ON customers BEGIN UPDATE orders SET status = 'PAID' WHERE customer = NEW.id; END;";
      expect(found("open-state", pay)).toEqual([`orders.status: "pay" sets it to 'PAID', and any agent may do so from 'OPEN', 'GONE'`]);
      expect(
        found(
          "open-state",
          pay +
            refuse("g", "BEFORE UPDATE ON orders", "NEW.status = 'PAID' AND OLD.status <> 'PAID' AND NOT EXISTS (SELECT 1 FROM customers)"),
        ),
      ).toEqual([]);
    });

    test("tells the changes of state that nothing refuses", () => {
      const guard = refuse("g", "BEFORE UPDATE OF status ON orders", "OLD.status <> 'OPEN' AND NEW.status <> OLD.status");
      expect(found("open-move", guard)).toEqual(["orders.status: no trigger refuses the change from OPEN to PAID, OPEN to GONE"]);
      expect(found("open-move", refuse("g", "BEFORE UPDATE ON orders", "NEW.status <> OLD.status"))).toEqual([]);
    });

    test("tells the tables that no trigger guards", () => {
      expect(found("unguarded-table", refuse("g", "BEFORE INSERT ON orders", "NEW.amount = 0"))).toEqual([
        "customers: no trigger refuses anything here: any agent may insert rows and change rows",
        "orders: no trigger refuses anything here: any agent may change rows",
      ]);
    });

    test("takes a table for guarded whose writes are skipped, all of them", () => {
      const skip = (head: string) => `CREATE TRIGGER "${head}" ${head} BEGIN SELECT RAISE(IGNORE); END;\n`;
      expect(found("unguarded-table", skip("BEFORE INSERT ON customers") + skip("BEFORE UPDATE OF level ON customers"))).toEqual([
        "customers: no trigger refuses anything here: any agent may change rows",
        "orders: no trigger refuses anything here: any agent may insert rows and change rows",
      ]);
    });
  });

  describe("partly-maintained", () => {
    const recount = (head: string) =>
      `CREATE TRIGGER c${head.length} AFTER ${head} ON orders BEGIN UPDATE customers SET orders = (SELECT count(*) FROM orders WHERE customer = NEW.customer AND status <> 'GONE') WHERE id = NEW.customer; END;\n`;

    test("tells the writes after which a count is not made anew", () => {
      expect(found("partly-maintained", recount("UPDATE OF status"))).toEqual([
        'customers.orders: it is recounted from "orders", but not after INSERT, nor after UPDATE of "customer" there',
      ]);
    });

    test("is silent where every write that counts is followed", () => {
      expect(found("partly-maintained", recount("UPDATE OF status, customer") + recount("INSERT"))).toEqual([]);
    });

    test("is silent where the value before is carried on", () => {
      expect(found("partly-maintained", recount("UPDATE OF status").replace("= (SELECT", "= orders - (SELECT"))).toEqual([]);
    });
  });

  describe("step-unbound", () => {
    test("tells steps that nothing is held against, and those that only reckonings use", () => {
      const amount = refuse("a", "BEFORE UPDATE ON orders", "NEW.paid_step - OLD.made_step > 2 AND NEW.amount <> OLD.id");
      expect(found("step-unbound", amount)).toEqual([
        "orders.made_step: no trigger compares it with anything: it may be backdated",
        "orders.paid_step: triggers reckon with it, but none refuses it for being too early or too late: it may be backdated",
      ]);
    });

    test("is silent where the step alone is refused", () => {
      const early = refuse("e", "BEFORE UPDATE ON orders WHEN NEW.status = 'PAID'", "NEW.paid_step < OLD.made_step");
      const late = refuse("l", "BEFORE INSERT ON orders", "NEW.made_step < (SELECT max(made_step) FROM orders)");
      expect(found("step-unbound", early + late)).toEqual([]);
    });

    test("is silent about what the clock fills, which no tool takes", () => {
      const schema = "CREATE TABLE notes (id INTEGER PRIMARY KEY, made_at TEXT DEFAULT CURRENT_TIMESTAMP, due_at TEXT);";
      const columns = '{"notes.made_at": "technical"}';
      const findings = findingsIn(importTexts({ schema, policy: "", columns })).filter(({ kind }) => kind === "step-unbound");
      expect(findings.map(({ object }) => object)).toEqual(["notes.due_at"]);
    });
  });

  describe("codes and keys", () => {
    test("tells the codes that the policy does not name", () => {
      const triggers =
        refuse("q", "BEFORE INSERT ON orders", "NEW.amount > 3", "[QUOTA] too many") +
        refuse("s", "BEFORE INSERT ON orders", "NEW.amount < 0", "SIGN: below zero");
      expect(found("unexplained-code", triggers, { policy: "At most three [QUOTA]." })).toEqual([
        'SIGN: the policy does not name it; raised by "s"',
      ]);
      expect(found("unexplained-code", triggers, { policy: "QUOTA and SIGN" })).toEqual([]);
    });

    test("tells that there is no policy", () => {
      expect(findingsIn(importTexts({ schema: orders })).map(({ kind }) => kind)).toContain("no-policy");
      expect(found("no-policy", "")).toEqual([]);
    });

    test("tells keys that are given again after a deletion", () => {
      const deletes = "CREATE TRIGGER d AFTER UPDATE ON customers BEGIN DELETE FROM orders WHERE customer = NEW.id; END;";
      expect(found("keys-used-again", deletes)).toEqual([expect.stringMatching(/^orders\.id:/)]);
      const kept = orders.replaceAll("INTEGER PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT");
      expect(found("keys-used-again", deletes, { schema: kept })).toEqual([]);
      expect(found("keys-used-again", "")).toEqual([]);
    });
  });
});
