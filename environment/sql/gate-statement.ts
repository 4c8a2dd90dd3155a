/** The lexical fence before untrusted SQL: which statements may reach SQLite at all. */
import { gateDefinitions } from "./gate-table.js";
import { type GatedTrigger, gateTrigger } from "./gate-trigger.js";
import { readWrites } from "./read-write.js";
import { scanTokens } from "./scan-tokens.js";
import type { SqlStatement } from "./split-script.js";
import { closeOf, nameOf, refuseName, shorten, type SqlRefusal } from "./token-lists.js";
import { keywordOf, type SqlToken } from "./tokenize-sql.js";

/** Which file a statement stands in, and the functions that it may call (`pureFunctions` but in a test that plants a hole). */
export interface GateOptions {
  readonly file: "schema" | "triggers" | "rows";
  readonly functions?: ReadonlySet<string>;
}

/** What a statement will do: create the object `name` as written, or insert into the table `name`. Tables of others are folded. */
export type GatedStatement =
  | { readonly kind: "table"; readonly name: string; readonly clockDefaults: readonly string[] }
  | { readonly kind: "index"; readonly name: string; readonly table: string }
  | ({ readonly kind: "trigger"; readonly name: string } & GatedTrigger)
  | { readonly kind: "insert"; readonly name: string };

/** Bytes of UTF-16 text a statement may have. A CREATE is written by hand, an INSERT by a dump with a thousand rows in it. */
export const maxStatementLength = { create: 64 * 1024, insert: 1024 * 1024 } as const;

/**
 * Judges one statement by its words alone, before SQLite sees it: CREATE TABLE, INDEX and TRIGGER in `schema.sql` and
 * `triggers.sql` (either may stand in either), INSERT in `rows.sql`. What passes can still be wrong SQL, but can create nothing
 * but the announced object, and run nothing that leaves the database, its transaction or determinism.
 *
 * Refused: ATTACH, PRAGMA and all else that is no such statement; TEMP, views, virtual tables, CREATE TABLE … AS; names of
 * databases, names that start with sqlite_, logigen_ or pragma_; REPLACE, OR REPLACE, ROLLBACK and FAIL; RAISE(ROLLBACK | FAIL)
 * and messages that are no literal; recursion; functions off the list, chance, clocks (a DEFAULT may read one, a date function may
 * be given stored values); ORDER BY inside an aggregate (SQLite 3.40 cannot open such a file); depth, size and expansion out of
 * bounds.
 */
export function gateStatement(statement: SqlStatement, options: GateOptions): GatedStatement | ({ readonly kind: "refused" } & SqlRefusal) {
  const { fault, text, tokens } = statement;
  if (fault !== null) return { kind: "refused", code: fault.code, message: `line ${fault.line}: ${fault.message}` };
  const limit = options.file === "rows" ? maxStatementLength.insert : maxStatementLength.create;
  if (text.length > limit)
    return { kind: "refused", code: "SIZE", message: `the statement has ${text.length} characters, at most ${limit} are read; split it` };
  const { object, refusals } = options.file === "rows" ? gateInsert(tokens, options) : gateCreate(tokens, options);
  const [first] = refusals;
  if (first !== undefined) return { kind: "refused", ...first };
  return object ?? { kind: "refused", code: "SYNTAX", message: "the statement cannot be read" };
}

interface Judged {
  readonly object: GatedStatement | null;
  readonly refusals: readonly SqlRefusal[];
}

function refused(code: string, message: string): Judged {
  return { object: null, refusals: [{ code, message }] };
}

function gateInsert(tokens: readonly SqlToken[], { functions }: GateOptions): Judged {
  const start = keywordOf(tokens[0]);
  if (start === "replace")
    return refused("CONFLICT_REPLACE", "REPLACE INTO deletes rows; the tables are empty when rows.sql is loaded, so write INSERT INTO");
  if (/^(begin|commit|end|savepoint|release|rollback|pragma)$/.test(start))
    return refused("STATEMENT", `rows.sql is loaded in one transaction and checked afterwards; leave ${start.toUpperCase()} out`);
  const [write] = readWrites(tokens);
  if ((start !== "insert" && start !== "with") || write?.verb !== "insert")
    return refused("STATEMENT", `rows.sql holds INSERT INTO … VALUES or SELECT only, got "${shorten(tokens[0]?.value ?? "")}"`);
  const place = { clock: "stored", raise: "refused", key: "none", ...(functions === undefined ? {} : { functions }) } as const;
  return { object: { kind: "insert", name: write.table }, refusals: scanTokens(tokens, place).refusals };
}

const kinds = new Set(["table", "index", "trigger"]);

function gateCreate(tokens: readonly SqlToken[], { functions }: GateOptions): Judged {
  const head = readHead(tokens);
  if ("code" in head) return { object: null, refusals: [head] };
  const { kind, name, rest } = head;
  if (kind === "trigger") {
    const { trigger, refusals } = gateTrigger(rest, functions);
    return { object: trigger === null ? null : { kind, name, ...trigger }, refusals };
  }
  if (kind === "index") return gateIndex(name, rest, functions);
  if (keywordOf(rest[0]) === "as")
    return refused(
      "TABLE_AS",
      "CREATE TABLE … AS SELECT leaves out types and constraints; list the columns, and fill the table in rows.sql",
    );
  if (keywordOf(rest[0]) !== "(") return refused("SYNTAX", `expected the columns of table "${shorten(name)}" in brackets`);
  const { refusals, clockDefaults } = gateDefinitions(rest, functions);
  return { object: { kind, name, clockDefaults }, refusals };
}

interface Head {
  readonly kind: "table" | "index" | "trigger";
  /** As meant, in the case it is written in. */
  readonly name: string;
  readonly rest: readonly SqlToken[];
}

function readHead(tokens: readonly SqlToken[]): Head | SqlRefusal {
  const start = keywordOf(tokens[0]);
  if (start !== "create")
    return {
      code: "STATEMENT",
      message: `only CREATE TABLE, CREATE INDEX and CREATE TRIGGER are allowed, got "${shorten(tokens[0]?.value ?? "")}"${hintFor(start)}`,
    };
  let at = 1;
  if (/^temp(orary)?$/.test(keywordOf(tokens[at])))
    return { code: "TEMP", message: "a TEMP object is gone when the file is closed; leave TEMP out" };
  if (keywordOf(tokens[at]) === "unique") at += 1;
  const kind = keywordOf(tokens[at]);
  if ((kind !== "table" && kind !== "index" && kind !== "trigger") || (at === 2 && kind !== "index"))
    return {
      code: "CREATE_KIND",
      message: `CREATE ${shorten(tokens[at]?.value ?? "").toUpperCase()} is refused; only ${[...kinds].join(", ")} may be created`,
    };
  at += 1;
  if (["if", "not", "exists"].every((word, ahead) => keywordOf(tokens[at + ahead]) === word)) at += 3;
  const folded = nameOf(tokens[at]);
  if (folded === null) return { code: "NAME", message: `CREATE ${kind.toUpperCase()} needs a name` };
  if (keywordOf(tokens[at + 1]) === ".")
    return { code: "QUALIFIED_NAME", message: `"${shorten(folded)}.…" names a database; write the ${kind}'s name alone` };
  return refuseName(folded) ?? { kind, name: tokens[at]?.value ?? "", rest: tokens.slice(at + 1) };
}

function hintFor(start: string): string {
  if (start === "insert" || start === "replace") return "; rows belong in rows.sql";
  if (start === "end") return "; an END too many, or a semicolon missing before it";
  return /^(begin|commit|pragma|drop|alter)$/.test(start) ? "; leave it out, every file is loaded into an empty database in one piece" : "";
}

function gateIndex(name: string, rest: readonly SqlToken[], functions: ReadonlySet<string> | undefined): Judged {
  const table = nameOf(rest[1]);
  if (keywordOf(rest[0]) !== "on" || table === null || keywordOf(rest[2]) !== "(")
    return refused("SYNTAX", `expected ON, a table and its columns after the name of index "${shorten(name)}"`);
  const close = closeOf(rest, 2);
  const place = { clock: "stored", raise: "refused", key: "none", ...(functions === undefined ? {} : { functions }) } as const;
  const columns = scanTokens(rest.slice(3, close), place);
  const condition = scanTokens(rest.slice(close + 1), place);
  const reserved = refuseName(table);
  const bounds = close === rest.length ? [{ code: "BRACKETS", message: "a bracket ( is never closed; close it" }] : [];
  return {
    object: { kind: "index", name, table },
    refusals: [...(reserved === null ? [] : [reserved]), ...bounds, ...columns.refusals, ...condition.refusals],
  };
}
