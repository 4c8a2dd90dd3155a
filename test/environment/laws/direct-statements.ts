/**
 * Random statements of a plain client on exported environments: whatever they are, the engine's invariants hold after each
 * that is accepted, and what nobody may write is as it was.
 */
import { readFileSync } from "node:fs";
import type Database from "better-sqlite3";
import { parse } from "yaml";
import { readRows } from "../../../cli/read-rows.js";
import type { Compiled } from "../../../environment/compile/compile-sheet.js";
import type { CatalogueTable } from "../../../environment/core/catalogue.js";
import { quoteIdentifier as quote } from "../../../environment/core/identifier.js";
import { brokenInvariants } from "../../../environment/engine/invariants.js";
import { layRows } from "../../../environment/engine/lay-rows.js";
import { openSnapshot, writeSnapshot } from "../../../environment/engine/snapshot.js";
import type { Rows, Value } from "../../../environment/core/values.js";
import { compiledOf, openDesk } from "../../doubles/lending-desk.js";
import { type Draw, drawFrom, seeded } from "../../doubles/random-draw.js";
import { drawStatement, effectStatements, pragmas, readAll, type Reading } from "../../doubles/random-statements.js";
import { courses, projects } from "../sheets.js";

/** An exported environment: what it was compiled from, and the file, with somebody authenticated where it has sessions. */
export interface Exported {
  readonly name: string;
  readonly compiled: Compiled;
  readonly origin: Buffer;
}

/** The example with the most rules, the lending desk and the two sheets made for the compiler's tests. */
export function exportedEnvironments(): readonly Exported[] {
  const travel = compiledOf(parse(readFileSync("examples/corporate-travel/sheet.yaml", "utf8")));
  const rows = readRows(readFileSync("examples/corporate-travel/rows.json", "utf8"));
  const desk = openDesk();
  return [
    exportOf("corporate-travel", travel, rows.ok ? rows.value : {}),
    {
      name: "lending-desk",
      compiled: desk.compiled,
      origin: authenticated(desk.origin, "UPDATE logigen_context SET actor = 'm1', evidence_pin = '1111'"),
    },
    exportOf("courses", compiledOf(courses), courseRows, "UPDATE logigen_context SET actor = 'ann', evidence_pin = '1'"),
    exportOf("projects", compiledOf(projects), projectRows),
  ];
}

function exportOf(name: string, compiled: Compiled, rows: Rows, login?: string): Exported {
  const db = layRows(compiled, rows, { now: 10n });
  const origin = writeSnapshot(db);
  db.close();
  return { name, compiled, origin: login === undefined ? origin : authenticated(origin, login) };
}

function authenticated(origin: Buffer, login: string): Buffer {
  const db = openSnapshot(origin);
  db.exec(login);
  const bytes = writeSnapshot(db);
  db.close();
  return bytes;
}

const member = (id: string, pin: string, grade: string, mentor: string | null) => ({ id, pin, active: 1n, grade, mentor_id: mentor });
const courseRows: Rows = {
  members: [member("ann", "1", "PATRON", null), member("bob", "2", "REGULAR", "ann"), member("cid", "3", "GUEST", null)],
  courses: [1n, 2n, 3n, 4n].map((id) => ({ id, level: id % 3n, capacity: id, price: 10n * id, status: "OPEN" })),
};
const projectRows: Rows = {
  people: [
    { code: "a", boss: null, rank: "HIGH", left_step: null },
    { code: "b", boss: "a", rank: "LOW", left_step: null },
    { code: "c", boss: "a", rank: "HIGH", left_step: 12n },
  ],
  projects: [{ id: 1n, parent_id: null, lead: "a", status: "OPEN", closed_step: null }],
  tasks: [{ id: 1n, project_id: 1n, person: "a", size: 3n, status: "TODO" }],
};

/** What came of the statements, and everything that must not have been. */
export interface StatementCounts {
  statements: number;
  /** Accepted, and something changed. */
  changed: number;
  /** Accepted, and nothing did: no row was meant. */
  idle: number;
  /** Refused by a rule, by its name. */
  refused: number;
  /** Refused by SQLite before any trigger: a value of the wrong type, a generated column, an upsert's target that is no key. */
  malformed: number;
  readonly byRule: Map<string, number>;
  readonly broken: string[];
}

const perOrigin = 1000;
/** A file in which a table has so many rows more than at first is left for a new one: the invariants read all rows after each statement. */
const mostGrowth = 60;
const perPragma = 500;
/** So many statements are prepared on an opened file; each is run some times, with other values. */
const shapes = 60;

/** Types so many statements into the environments, each opened anew now and then, pragmas turned on and off; ends at the first that breaks something. */
export function tryDirectStatements(
  exported: readonly Exported[],
  { seed, statements, triggerSql }: { readonly seed: number; readonly statements: number; readonly triggerSql?: readonly string[] },
): StatementCounts {
  const counts: StatementCounts = { statements: 0, changed: 0, idle: 0, refused: 0, malformed: 0, byRule: new Map(), broken: [] };
  for (const environment of exported) {
    const last = counts.statements + statements / exported.length;
    for (let file = 0; counts.statements < last && counts.broken.length === 0; file += 1)
      typeStatements(environment, {
        draw: drawFrom(seeded(seed * 7919 + file * 1009 + environment.name.length * 104_729)),
        counts,
        last,
        ...(triggerSql && { triggerSql }),
      });
  }
  return counts;
}

interface Typing {
  readonly draw: Draw;
  readonly counts: StatementCounts;
  /** No more are typed once so many are counted. */
  readonly last: number;
  readonly triggerSql?: readonly string[];
}

/** Types statements into one file until one breaks something, or there are enough of them or of rows. */
function typeStatements({ name, compiled, origin }: Exported, { draw, counts, last, triggerSql }: Typing): void {
  const db = openSnapshot(origin);
  if (triggerSql !== undefined) exchangeTriggers(db, triggerSql);
  const prepare = rememberStatements(db);
  const effects = effectStatements(compiled);
  const fixed = untouchables(compiled);
  let reading: Reading = readAll(db, compiled, prepare);
  let before = fixed.map((read) => read(prepare));
  const pool = Array.from({ length: shapes }, () => drawStatement(draw, compiled, effects));
  const first = reading;
  const isFull = () => [...reading].some(([table, rows]) => rows.length > (first.get(table)?.length ?? 0) + mostGrowth);
  for (let at = 0; at < perOrigin && counts.statements < last && !isFull(); at += 1) {
    if (at % perPragma === 0) {
      // No pragma changes anything within a transaction, nor may one be left open.
      if (db.inTransaction) db.exec(draw.chance(0.5) ? "COMMIT" : "ROLLBACK");
      db.pragma(draw.pick(pragmas));
      if (draw.chance(0.2)) db.exec("BEGIN");
      reading = readAll(db, compiled, prepare);
      before = fixed.map((read) => read(prepare));
    }
    const { sql, bind } = draw.pick(pool);
    const values = bind(reading);
    const outcome = run(prepare, sql, values);
    counts.statements += 1;
    counts[outcome.kind] += 1;
    if (outcome.kind === "refused") counts.byRule.set(outcome.rule, (counts.byRule.get(outcome.rule) ?? 0) + 1);
    const fault =
      outcome.kind === "refused" && !compiled.normal.guards.some(({ id }) => id === outcome.rule)
        ? [`refused by no rule: ${outcome.rule}`]
        : [];
    if (outcome.kind === "changed") {
      reading = readAll(db, compiled, prepare);
      const after = fixed.map((read) => read(prepare));
      const invariants = brokenInvariants(db, compiled).map(
        ({ rule, key }) => `${rule} of ${JSON.stringify(key, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value))}`,
      );
      fault.push(...invariants, ...lostOrChanged(before, after));
      before = after;
    }
    if (fault.length > 0) {
      counts.broken.push(`${name}: ${sql} with ${values.map(String).join(", ")}: ${fault.join("; ")}`);
      break;
    }
  }
  db.close();
}

function exchangeTriggers(db: Database.Database, triggerSql: readonly string[]): void {
  for (const sql of triggerSql) {
    const [, name = ""] = /CREATE TRIGGER "([^"]+)"/.exec(sql) ?? [];
    db.exec(`DROP TRIGGER IF EXISTS "${name}"`);
    db.exec(sql);
  }
}

type Outcome = { readonly kind: "changed" | "idle" | "malformed" } | { readonly kind: "refused"; readonly rule: string };

function run(prepare: Prepare, sql: string, values: readonly Value[]): Outcome {
  try {
    const { changes } = prepare(sql).run(...(values as unknown as []));
    return changes === 0 ? { kind: "idle" } : { kind: "changed" };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return malformed.test(message) ? { kind: "malformed" } : { kind: "refused", rule: message };
  }
}

/** What SQLite says before any trigger runs. */
const malformed = /^cannot store \w+ value in|^datatype mismatch$|^ON CONFLICT clause does not match/;

type Prepare = (sql: string) => Database.Statement<[], Readonly<Record<string, Value>>>;

/** Has a database remember the statements it prepared, those of the invariants among them. */
function rememberStatements(db: Database.Database): Prepare {
  const known = new Map<string, Database.Statement>();
  const prepare = db.prepare.bind(db);
  const remembered = (sql: string) => {
    const statement = known.get(sql) ?? prepare(sql);
    if (known.size < 4000) known.set(sql, statement);
    return statement;
  };
  Object.assign(db, { prepare: remembered });
  return remembered as Prepare;
}

/** What a statement of a client may not change: for each kind of it, a reader of its values by row. */
type Untouchable = (prepare: Prepare) => ReadonlyMap<string, string>;

function untouchables({ catalogue }: Compiled): readonly Untouchable[] {
  const context: Untouchable = (prepare) =>
    new Map(
      prepare(
        `SELECT 'context' AS k, quote(id) || quote(now) || quote(sealed) || quote(desk)${catalogue.actor === null ? "" : " || quote(actor)"} AS v FROM logigen_context`,
      )
        .all()
        .map(({ k, v }) => [String(k), String(v)]),
    );
  return [
    context,
    ...Object.values(catalogue.tables).map(
      (table): Untouchable =>
        (prepare) =>
          new Map(
            prepare(fixedSql(table))
              .all()
              .map(({ k, v }) => [`${table.name} ${String(k)}`, String(v)]),
          ),
    ),
  ];
}

/** What a client may not change, as it is now. */
export function untouchablesOf(db: Database.Database, compiled: Compiled): readonly ReadonlyMap<string, string>[] {
  return untouchables(compiled).map((read) => read((sql) => db.prepare(sql)));
}

/** What of it is gone or changed. */
export function lostOrChanged(
  before: readonly ReadonlyMap<string, string>[],
  after: readonly ReadonlyMap<string, string>[],
): readonly string[] {
  return after.flatMap((now, i) => differences(before[i] ?? new Map(), now));
}

/** Each row's key with the columns that nothing may change once the row is there. */
function fixedSql(table: CatalogueTable): string {
  const isFixed = ({ update: { by, moves, effects } }: CatalogueTable["columns"][number]) =>
    ["fixed", "clock", "user", "desk"].includes(by) && moves.length === 0 && effects.length === 0;
  const texts = (names: readonly string[]) => names.map((name) => `quote(${quote(name)})`).join(" || ',' || ");
  const columns = table.columns.filter((column) => table.key.includes(column.name) || isFixed(column)).map(({ name }) => name);
  return `SELECT ${texts(table.key)} AS k, ${texts(columns)} AS v FROM ${quote(table.name)}`;
}

/** Rows that are gone, or changed where nothing may. */
function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  return [...before].flatMap(([key, value]) => (after.get(key) === value ? [] : [`${key} was ${value}, is ${after.get(key) ?? "gone"}`]));
}
