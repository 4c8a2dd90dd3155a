/** Loads an environment that is given as raw SQL into a database, through the fences that need no process of their own. */
import type { Database } from "better-sqlite3";
import { quoteIdentifier } from "../core/identifier.js";
import { sameName, type SqlTable, sqlTables } from "../engine/sql-tables.js";
import { type GatedStatement, gateStatement } from "../sql/gate-statement.js";
import { type SqlStatement, splitScript } from "../sql/split-script.js";
import { shorten, type SqlRefusal } from "../sql/token-lists.js";
import { foldName } from "../sql/tokenize-sql.js";
import { auditPrograms, type ProgramFault } from "./audit-programs.js";
import { auditCreate, listObjects } from "./audit-schema.js";
import { explainError, placeOf, type RawRefusal } from "./audit-refusal.js";
import { refuseSilence } from "./audit-triggers.js";
import { type FanTrigger, findFanOut } from "./fan-out.js";
import { loadRows } from "./load-rows.js";

/** The texts of the files; `rows` undefined where there is no `rows.sql`. */
export interface RawFiles {
  readonly schema: string;
  readonly triggers: string;
  readonly rows?: string;
}

/** An object that was created, with the file and line of its statement. */
export type RawObject = Exclude<GatedStatement, { kind: "insert" }> & { readonly file: RawRefusal["file"]; readonly line: number };

/** What was loaded, or every reason why it was not; then the database holds a part and is to be thrown away. */
export type RawLoad =
  | { readonly ok: true; readonly objects: readonly RawObject[] }
  | { readonly ok: false; readonly refused: readonly RawRefusal[] };

/** A statement that passed the gate, and what it announced. */
interface Passed {
  readonly file: RawRefusal["file"];
  readonly statement: SqlStatement;
  readonly gated: GatedStatement;
}

const maxStatements = 2_000;

/**
 * Loads tables and indexes, then rows, then triggers, into an empty database that `guardConnection` has locked down; a trigger
 * may stand in `schema.sql` and a table in `triggers.sql`.
 *
 * Each statement passes the gate, is prepared alone (never `exec`, which would run what stands behind it), and must create
 * exactly the object that it announces. Then SQLite compiles every write to the trigger's table, which finds unknown names and
 * functions off the list; a trigger that can never fire, or that sets off too many writes, is refused. Foreign keys without a
 * target are no reason to refuse: they are findings.
 *
 * Preparing alone can take time and memory beyond what the gate bounds: run it in the child process.
 *
 * @param gate `gateStatement`, but in a test that plants a hole.
 */
export function loadRaw(db: Database, files: RawFiles, gate: typeof gateStatement = gateStatement): RawLoad {
  const refused: RawRefusal[] = [];
  const passed = [
    ...gateFile("schema.sql", files.schema, { gate, refused }),
    ...gateFile("triggers.sql", files.triggers, { gate, refused }),
  ];
  const objects: RawObject[] = [];
  const isForeignKeyed = db.pragma("foreign_keys", { simple: true });
  // The audit compiles every write; with foreign keys on, one without a target would hide what is wrong in the triggers.
  db.pragma("foreign_keys = OFF");
  try {
    for (const each of passed.filter(({ gated }) => gated.kind !== "trigger")) create(db, each, { refused, objects });
    if (files.rows !== undefined) refused.push(...loadRows(db, files.rows, gate));
    for (const each of passed.filter(({ gated }) => gated.kind === "trigger")) create(db, each, { refused, objects });
    refused.push(...auditAll(db, objects));
  } finally {
    db.pragma(`foreign_keys = ${Number(isForeignKeyed)}`);
  }
  return refused.length === 0 ? { ok: true, objects } : { ok: false, refused };
}

function gateFile(
  file: "schema.sql" | "triggers.sql",
  text: string,
  { gate, refused }: { readonly gate: typeof gateStatement; readonly refused: RawRefusal[] },
): readonly Passed[] {
  const script = splitScript(text);
  if (script.kind === "refused") {
    // A policy may be held by constraints alone; a comment that swallowed its triggers may not pass for that.
    if (script.code !== "EMPTY" || file === "schema.sql")
      refused.push({ file, statement: null, code: script.code, message: script.message });
    return [];
  }
  if (script.statements.length > maxStatements) {
    const message = `the file has ${script.statements.length} statements, at most ${maxStatements} are read`;
    refused.push({ file, statement: null, code: "SIZE", message });
    return [];
  }
  return script.statements.flatMap((statement) => {
    const gated = gate(statement, { file: file === "schema.sql" ? "schema" : "triggers" });
    if (gated.kind !== "refused") return [{ file, statement, gated }];
    refused.push({ file, statement: placeOf(statement), code: gated.code, message: gated.message });
    return [];
  });
}

interface Loading {
  readonly refused: RawRefusal[];
  readonly objects: RawObject[];
}

function create(db: Database, { file, statement, gated }: Passed, { refused, objects }: Loading): void {
  const fault = gated.kind === "insert" ? null : createOne(db, statement, gated);
  if (fault === null && gated.kind !== "insert") objects.push({ ...gated, file, line: statement.line });
  else if (fault !== null) refused.push({ file, statement: placeOf(statement), ...fault });
}

function createOne(db: Database, statement: SqlStatement, gated: Exclude<GatedStatement, { kind: "insert" }>): SqlRefusal | null {
  const before = listObjects(db);
  const named = `${gated.kind} "${shorten(gated.name)}"`;
  try {
    db.prepare(statement.text).run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return explainError(`SQLite does not create ${named}`, error.message);
  }
  const table = gated.kind === "table" ? gated.name : gated.table;
  const audit = auditCreate(before, listObjects(db), { kind: gated.kind, name: gated.name, table });
  if (audit.kind === "nothing")
    return { code: "DUPLICATE", message: `${named} exists already, the statement would create nothing; take it out` };
  if (audit.kind === "other")
    return { code: "AUDIT", message: `the statement announces ${named} and does something else: ${shorten(audit.objects.join(", "))}` };
  if (gated.kind !== "trigger") return null;
  const fault = auditTrigger(db, gated);
  // Left in place it would be blamed on every other trigger that writes to its table.
  if (fault !== null) db.prepare(`DROP TRIGGER ${quoteIdentifier(gated.name)}`).run();
  return fault;
}

function auditTrigger(db: Database, trigger: Extract<GatedStatement, { kind: "trigger" }>): SqlRefusal | null {
  const table = sqlTables(db).find(({ name }) => sameName(name, trigger.table));
  if (table === undefined) return { code: "AUDIT", message: `trigger "${shorten(trigger.name)}" is on no table that is declared` };
  const silent = refuseSilence(db, trigger, table);
  if (silent !== null) return silent;
  const columns = table.columns.filter(({ generated, name }) => !generated && (trigger.of?.includes(foldName(name)) ?? true));
  const [fault] = auditPrograms(db, { name: table.name, columns: columns.slice(0, 1) }, [trigger.event]);
  return fault === undefined ? null : describe(fault);
}

/** Every write to every table once more, all triggers in place, and the bound on what one write sets off. */
function auditAll(db: Database, objects: readonly RawObject[]): readonly RawRefusal[] {
  const tables = sqlTables(db);
  const triggers = objects.filter((object) => object.kind === "trigger");
  const known = new Map(objects.map((object) => [`${object.kind} ${foldName(object.name)}`, object]));
  const programs = tables.flatMap((table) => {
    const [fault] = auditPrograms(db, table);
    return fault === undefined ? [] : [{ object: known.get(`table ${foldName(table.name)}`), ...describe(fault) }];
  });
  const fans = findFanOut([...triggers, ...actionsOf(tables)]).map(({ through, message }) => ({
    object: known.get(`trigger ${foldName(through[0] ?? "")}`),
    code: "FAN_OUT",
    message,
  }));
  return [...programs, ...fans].map(({ object, code, message }) => ({
    file: object?.file ?? "triggers.sql",
    statement: object === undefined ? null : `line ${object.line}: CREATE ${object.kind.toUpperCase()} ${shorten(object.name)}`,
    code,
    message,
  }));
}

/** What a delete, or the change of a key, does to the rows that point at it, as if by triggers: SQLite fires those of their tables. */
function actionsOf(tables: readonly SqlTable[]): readonly FanTrigger[] {
  return tables.flatMap(({ name: child, foreignKeys }) =>
    foreignKeys.flatMap(({ target, columns, to, onDelete, onUpdate }): readonly FanTrigger[] => {
      if (target === null) return [];
      const fires = { name: `the foreign key of "${child}"`, table: target };
      const write = (verb: "delete" | "update") => ({ verb, table: foldName(child), columns: columns.map(foldName), rows: null });
      const deleted: FanTrigger = { ...fires, event: "delete", of: null, writes: [write(onDelete === "CASCADE" ? "delete" : "update")] };
      const changed: FanTrigger = { ...fires, event: "update", of: to.map(foldName), writes: [write("update")] };
      return [...(isAction(onDelete) ? [deleted] : []), ...(isAction(onUpdate) ? [changed] : [])];
    }),
  );
}

/** RESTRICT and NO ACTION write nothing. */
function isAction(action: string): boolean {
  return action === "CASCADE" || action.startsWith("SET");
}

function describe({ table, event, kind, detail }: ProgramFault): SqlRefusal {
  const write = `${event.toUpperCase()} on "${shorten(table)}"`;
  if (kind === "function") return { code: "AUDIT", message: `${write} calls function ${shorten(detail)}(), which is not on the list` };
  return explainError(`${write} cannot run`, detail);
}
