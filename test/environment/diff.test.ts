import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { canonicalDigest } from "../../environment/compare/canonical-form.js";
import { diffStates, factsOfState } from "../../environment/compare/diff.js";
import { type ColumnClasses, viewOf } from "../../environment/compare/state-view.js";
import { bruteForce, nudged, originPlan, randomPlan, seeded, shuffled, stateOf, tripClasses } from "../doubles/random-states.js";

const orders = [
  "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer TEXT NOT NULL, note TEXT, stamp INTEGER)",
  "CREATE TABLE line(id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES Orders, item TEXT, cost REAL)",
];

function state(schema: readonly string[], ...statements: readonly string[]): Database.Database {
  const db = new Database(":memory:");
  db.defaultSafeIntegers(true);
  db.pragma("foreign_keys = OFF");
  for (const sql of [...schema, ...statements]) db.exec(sql);
  return db;
}

function compare(
  schema: readonly string[],
  sides: { origin?: readonly string[]; wanted: readonly string[]; found: readonly string[]; classes?: ColumnClasses },
) {
  const origin = state(schema, ...(sides.origin ?? []));
  const view = viewOf(origin, sides.classes ?? {});
  const wanted = state(schema, ...(sides.origin ?? []), ...sides.wanted);
  const found = state(schema, ...(sides.origin ?? []), ...sides.found);
  return {
    ...diffStates({ view, origin, wanted, found }),
    digests: [wanted, found].map((side) => canonicalDigest(factsOfState(view, { origin, state: side }))),
  };
}

const equal = { kind: "decided", equal: true, missing: 0, collateral: 0, rows: [] };

describe("diffStates()", () => {
  test("finds independent bookings made in either order equal", () => {
    const result = compare(orders, {
      wanted: ["INSERT INTO orders VALUES(1,'ann',NULL,1),(2,'bob',NULL,1)", "INSERT INTO line VALUES(1,1,'pen',1.0),(2,2,'ink',2.0)"],
      found: ["INSERT INTO orders VALUES(7,'bob',NULL,1),(9,'ann',NULL,1)", "INSERT INTO line VALUES(3,7,'ink',2.0),(4,9,'pen',1.0)"],
    });
    expect(result).toMatchObject(equal);
    expect(result.digests[0]).toBe(result.digests[1]);
  });

  test("tells twin parents with children {a,b},{c,d} from {a,c},{b,d}", () => {
    const parents = "INSERT INTO orders VALUES(1,'ann',NULL,1),(2,'ann',NULL,1)";
    const result = compare(orders, {
      wanted: [parents, "INSERT INTO line VALUES(1,1,'a',1),(2,1,'b',1),(3,2,'c',1),(4,2,'d',1)"],
      found: [parents, "INSERT INTO line VALUES(1,1,'a',1),(2,1,'c',1),(3,2,'b',1),(4,2,'d',1)"],
    });
    expect(result).toMatchObject({ equal: false, missing: 2, collateral: 2, exact: true });
    expect(result.digests[0]).not.toBe(result.digests[1]);
  });

  test("counts a double booking", () => {
    const result = compare(orders, {
      wanted: ["INSERT INTO orders VALUES(1,'ann',NULL,1)"],
      found: ["INSERT INTO orders VALUES(1,'ann',NULL,1),(2,'ann',NULL,1)"],
    });
    expect(result).toMatchObject({ equal: false, missing: 0, collateral: 1 });
  });

  test("explains a changed cell with both values, a missing and an added row whole", () => {
    const result = compare(orders, {
      origin: ["INSERT INTO orders VALUES(1,'ann',NULL,1)"],
      wanted: ["UPDATE orders SET customer = 'eve'", "INSERT INTO line VALUES(1,1,'pen',1)"],
      found: ["UPDATE orders SET customer = 'joe'", "INSERT INTO line VALUES(5,1,'ink',1)"],
    });
    expect(result).toMatchObject({
      missing: 2,
      collateral: 2,
      rows: [
        { table: "line", key: { id: 1n }, column: null, wanted: { item: "pen", order_id: 1n }, found: null },
        { table: "orders", key: { id: 1n }, column: "customer", wanted: "eve", found: "joe" },
        { table: "line", key: { id: 5n }, column: null, wanted: null, found: { item: "ink" } },
      ],
    });
  });

  test("compares text as empty or not, and ignores technical and provenance columns", () => {
    const result = compare(orders, {
      classes: { "orders.note": "text", "orders.stamp": "provenance", "line.cost": "technical" },
      wanted: ["INSERT INTO orders VALUES(1,'ann','please',1),(2,'bob','',NULL)", "INSERT INTO line VALUES(1,1,'pen',NULL)"],
      found: ["INSERT INTO orders VALUES(1,'ann','thanks',9),(2,'bob',NULL,4)", "INSERT INTO line VALUES(1,1,'pen',3)"],
    });
    expect(result).toMatchObject(equal);
  });

  test.each([
    ["−0.0 is 0.0", "CREATE TABLE t(k TEXT PRIMARY KEY, v)", "INSERT INTO t VALUES('a', 0.0)", "INSERT INTO t VALUES('a', -0.0)", true],
    ["1 is not 1.0", "CREATE TABLE t(k TEXT PRIMARY KEY, v)", "INSERT INTO t VALUES('a', 1)", "INSERT INTO t VALUES('a', 1.0)", false],
    [
      "no collation is applied",
      "CREATE TABLE t(k TEXT PRIMARY KEY, v TEXT COLLATE NOCASE)",
      "INSERT INTO t VALUES('a', 'X')",
      "INSERT INTO t VALUES('a', 'x')",
      false,
    ],
    [
      "integers are exact",
      "CREATE TABLE t(k TEXT PRIMARY KEY, v)",
      "INSERT INTO t VALUES('a', 9007199254740993)",
      "INSERT INTO t VALUES('a', 9007199254740992)",
      false,
    ],
    [
      "bytes that are no UTF-8 differ",
      "CREATE TABLE t(k TEXT PRIMARY KEY, v TEXT)",
      "INSERT INTO t VALUES('a', CAST(x'ff' AS TEXT))",
      "INSERT INTO t VALUES('a', CAST(x'fe' AS TEXT))",
      false,
    ],
    [
      "bytes that are no UTF-8 are the same as the same",
      "CREATE TABLE t(k TEXT PRIMARY KEY, v) WITHOUT ROWID",
      "INSERT INTO t VALUES(CAST(x'ff' AS TEXT), 1), (CAST(x'fe' AS TEXT), 2), (char(0xfffd), 3)",
      "INSERT INTO t VALUES(char(0xfffd), 3), (CAST(x'fe' AS TEXT), 2), (CAST(x'ff' AS TEXT), 1)",
      true,
    ],
    [
      "INTEGER PRIMARY KEY DESC is no rowid alias, so its key counts",
      "CREATE TABLE t(k INTEGER PRIMARY KEY DESC, v)",
      "INSERT INTO t VALUES(1, 1)",
      "INSERT INTO t VALUES(2, 1)",
      false,
    ],
    ["duplicates count without a key", "CREATE TABLE t(k, v)", "INSERT INTO t VALUES(1, 1), (1, 1)", "INSERT INTO t VALUES(1, 1)", false],
    [
      "row order does not count without a key",
      "CREATE TABLE t(k, v)",
      "INSERT INTO t VALUES(1, 1), (2, 2)",
      "INSERT INTO t VALUES(2, 2), (1, 1)",
      true,
    ],
    [
      "row order does not count where keys hold NULL",
      "CREATE TABLE t(k TEXT PRIMARY KEY, v); INSERT INTO t VALUES(NULL, 1)",
      "INSERT INTO t VALUES(NULL, 0)",
      "DELETE FROM t; INSERT INTO t VALUES(NULL, 0), (NULL, 1)",
      true,
    ],
    [
      "duplicates count where keys hold NULL",
      "CREATE TABLE t(a, b, v, PRIMARY KEY(a, b)); INSERT INTO t VALUES(1, NULL, 1), (1, NULL, 1)",
      "UPDATE t SET v = 2",
      "UPDATE t SET v = 2 WHERE rowid = 2",
      false,
    ],
    [
      "an undeclared id is a value",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, other INTEGER)",
      "INSERT INTO t VALUES(1, 1)",
      "INSERT INTO t VALUES(2, 2)",
      false,
    ],
    [
      "a self-reference is none to a twin",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, other INTEGER REFERENCES t)",
      "INSERT INTO t VALUES(1, 1), (2, 2)",
      "INSERT INTO t VALUES(1, 2), (2, 1)",
      false,
    ],
    [
      "a dangling reference is a value",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, other INTEGER REFERENCES t)",
      "INSERT INTO t VALUES(1, 8)",
      "INSERT INTO t VALUES(1, 9)",
      false,
    ],
    [
      "a foreign key is found in other case",
      "CREATE TABLE t(id INTEGER PRIMARY KEY, other INTEGER REFERENCES T(ID))",
      "INSERT INTO t VALUES(1, NULL), (2, 1)",
      "INSERT INTO t VALUES(5, 9), (9, NULL)",
      true,
    ],
  ])("%s", (...[, schema, wanted, found, same]) => {
    expect(compare([schema], { wanted: [wanted], found: [found] })).toMatchObject({ kind: "decided", equal: same });
  });

  test.each([
    "CREATE TABLE t(k TEXT PRIMARY KEY, v) WITHOUT ROWID",
    "CREATE TABLE t(k TEXT PRIMARY KEY, v, rowid, oid, _rowid_)",
    "CREATE TABLE t(k TEXT, v, rowid, oid, _rowid_)",
  ])("tells keys that are no UTF-8 apart in %s", (sql) => {
    const [wanted, found] = ["ff", "fe"].map((byte) => [`INSERT INTO t(k, v) VALUES(CAST(x'${byte}' AS TEXT), 1)`]);
    expect(compare([sql], { wanted: wanted ?? [], found: found ?? [] })).toMatchObject({ equal: false, missing: 1, collateral: 1 });
    expect(compare([sql], { wanted: wanted ?? [], found: wanted ?? [] })).toMatchObject(equal);
  });

  test("tells keys that are no UTF-8 apart in a long table", () => {
    const long =
      "CREATE TABLE t(k TEXT PRIMARY KEY, v) WITHOUT ROWID; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 21000) " +
      "INSERT INTO t SELECT printf('%09d', i) || iif(i % 7000 = 0, CAST(x'ff' AS TEXT), ''), hex(zeroblob(100)) FROM n";
    const [wanted, found] = ["fd", "fe"].map((byte) => [
      `UPDATE t SET k = '000014000' || CAST(x'${byte}' AS TEXT) WHERE k LIKE '000014000%'`,
    ]);
    expect(compare([long], { wanted: wanted ?? [], found: found ?? [] })).toMatchObject({ equal: false, missing: 1, collateral: 1 });
    expect(compare([long], { wanted: wanted ?? [], found: wanted ?? [] })).toMatchObject(equal);
  });

  const parents = [
    "CREATE TABLE s(id INTEGER PRIMARY KEY, v)",
    "CREATE TABLE p(a INTEGER REFERENCES s, k, PRIMARY KEY(a, k)) WITHOUT ROWID",
    "CREATE TABLE q(a INTEGER REFERENCES s, k TEXT COLLATE NOCASE, PRIMARY KEY(a, k)) WITHOUT ROWID",
    "CREATE TABLE r(a INTEGER REFERENCES s, k ANY, PRIMARY KEY(a, k)) STRICT",
  ];
  test.each([
    ["7 is not '7' in a column without type", "p", "'7'", "7", false],
    ["7.0 is 7 in it", "p", "7", "7.0", true],
    ["7 is not '7' in ANY of a STRICT table", "r", "'7'", "7", false],
    ["7 is '7' in a column of TEXT", "q", "'7'", "7", true],
    ["7.0 is not '7' in it", "q", "'7'", "7.0", false],
    ["0.1 is '0.1' in it", "q", "'0.1'", "0.1", true],
    ["X is x where it folds case", "q", "'x'", "'X'", true],
    ["X is not x where it does not", "p", "'x'", "'X'", false],
    ["a blob is no text", "q", "'7'", "x'37'", false],
  ])("follows a reference as its target compares: %s", (...[, table, key, value, isLive]) => {
    const schema = [...parents, `CREATE TABLE c(id INTEGER PRIMARY KEY, a INTEGER, k, FOREIGN KEY(a, k) REFERENCES ${table})`];
    const rows = (id: number) => [
      `INSERT INTO s VALUES(${id}, 1)`,
      `INSERT INTO ${table} VALUES(${id}, ${key})`,
      `INSERT INTO c VALUES(1, ${id}, ${value})`,
    ];
    expect(state(schema, ...rows(5)).pragma("foreign_key_check")).toHaveLength(isLive ? 0 : 1);
    expect(compare(schema, { wanted: rows(5), found: rows(6) })).toMatchObject({ kind: "decided", equal: isLive });
  });

  test.each([
    ["'5.0'", "'6.0'", true],
    ["' 5'", "' 6'", true],
    ["'5'", "'6.0'", false],
    ["'5x'", "'6x'", false],
    ["5.0", "6.0", true],
  ])("follows a reference to a chosen key as it is written: %s for %s (%s)", (wanted, found, isSame) => {
    const schema = ["CREATE TABLE p(id INTEGER PRIMARY KEY, v)", "CREATE TABLE c(t BLOB REFERENCES p(id), v)"];
    const rows = (id: number, value: string) => [`INSERT INTO p VALUES(${id}, 1)`, `INSERT INTO c VALUES(${value}, 1)`];
    expect(compare(schema, { wanted: rows(5, wanted), found: rows(6, found) })).toMatchObject({ kind: "decided", equal: isSame });
  });

  test("follows composite keys and keys that are themselves references", () => {
    const schema = [
      "CREATE TABLE p(id INTEGER PRIMARY KEY, kind TEXT, UNIQUE(id, kind))",
      "CREATE TABLE c(id INTEGER PRIMARY KEY REFERENCES p(id), v TEXT)",
      "CREATE TABLE g(c_id INTEGER REFERENCES c(id), p_id INTEGER, kind TEXT, FOREIGN KEY(p_id, kind) REFERENCES p(id, kind), PRIMARY KEY(c_id))",
    ];
    const rows = (a: number, b: number, [id, kind]: readonly [number, string]) => [
      `INSERT INTO p VALUES(${a}, 'x'), (${b}, 'y')`,
      `INSERT INTO c VALUES(${a}, 'u'), (${b}, 'v')`,
      `INSERT INTO g VALUES(${a}, ${id}, '${kind}')`,
    ];
    expect(compare(schema, { wanted: rows(1, 2, [1, "x"]), found: rows(12, 11, [12, "x"]) })).toMatchObject(equal);
    expect(compare(schema, { wanted: rows(1, 2, [1, "x"]), found: rows(12, 11, [11, "y"]) })).toMatchObject({
      equal: false,
      missing: 1,
      collateral: 1,
    });
  });

  test("agrees with brute force on random states, digests too", () => {
    let equals = 0;
    for (let seed = 0; seed < 900; seed += 1) {
      const random = seeded(seed);
      const wanted = randomPlan(random);
      const found =
        [() => shuffled(wanted, random), () => shuffled(nudged(wanted, random), random), () => randomPlan(random)][seed % 3]?.() ?? wanted;
      const origin = stateOf(originPlan);
      const view = viewOf(origin, tripClasses);
      const [a, b] = [stateOf(wanted), stateOf(found, seed % 5)];
      const expected = bruteForce(wanted, found);
      const result = diffStates({ view, origin, wanted: a, found: b });
      const same = expected.missing + expected.collateral === 0;
      expect({ seed, ...result }).toMatchObject({ seed, kind: "decided", equal: same, exact: true, ...expected });
      const digests = [a, b].map((side) => canonicalDigest(factsOfState(view, { origin, state: side })));
      expect(digests[0] === digests[1]).toBe(same);
      equals += same ? 1 : 0;
      for (const db of [origin, a, b]) db.close();
    }
    expect(equals).toBeGreaterThan(250);
  }, 60_000);

  test("the comparison with brute force catches a view that forgets a foreign key", () => {
    let disagreements = 0;
    for (let seed = 0; seed < 60; seed += 3) {
      const random = seeded(seed);
      const wanted = randomPlan(random);
      const found = shuffled(wanted, random);
      const origin = stateOf(originPlan);
      const view = viewOf(origin, tripClasses);
      const broken = { tables: view.tables.map((table) => ({ ...table, references: [] })) };
      const result = diffStates({ view: broken, origin, wanted: stateOf(wanted), found: stateOf(found, 1) });
      if (result.kind === "decided" && !result.equal) disagreements += 1;
    }
    expect(disagreements).toBeGreaterThan(5);
  });
});
