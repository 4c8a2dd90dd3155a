/**
 * The second proof: clause examples, written from the policy by somebody who never saw the rules, on the compiled engine.
 *
 * Each example has a database and a session of its own: its rows lie there before the triggers, its customer is
 * authenticated, its first calls are made, and then the call that is judged.
 */
import type { ClauseExample } from "./clause-example.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { layRows } from "../engine/lay-rows.js";
import { clausesOfRule, columnClauses } from "../sheet/rule-clauses.js";
import { openSession, type Session, type ToolResult } from "../engine/session.js";
import { isSameValue, type Row, type Rows, type Value } from "../core/values.js";

/**
 * One example with which the engine does not agree.
 *
 * - `verdict`: the judged call, or a first call, had another verdict; `clause`: refused, but by a rule that does not cite
 *   the example's clause; `after`: accepted, and the rows after are others; `example`: it cannot be run at all.
 * - `rule` names the refusing rule, where one refused. `message` can be sent back to the author as it is.
 */
export interface Disagreement {
  readonly example: ClauseExample;
  readonly kind: "verdict" | "clause" | "after" | "example";
  readonly found: "accepted" | "refused" | "not run";
  readonly rule: string | null;
  readonly message: string;
  readonly where: string;
}

/** How many examples were run, and those the engine disagrees with. */
export interface ExamplesReport {
  readonly run: number;
  readonly disagreements: readonly Disagreement[];
  /** Rules that refused a judged call, as its example expected. */
  readonly tripped: ReadonlySet<string>;
}

type Fault = Omit<Disagreement, "example">;
type Call = ClauseExample["call"];

/** Runs each example on the real engine; examples that cannot be run are disagreements of kind `example`, never an exception. */
export function runExamples(compiled: Compiled, examples: readonly ClauseExample[]): ExamplesReport {
  const tripped = new Set<string>();
  const worlds = new Map<string, readonly ClauseExample[]>();
  for (const example of examples) {
    const world = JSON.stringify([example.rows, example.now]);
    worlds.set(world, [...(worlds.get(world) ?? []), example]);
  }
  const faults = new Map<ClauseExample, Fault>();
  for (const group of worlds.values())
    for (const [example, fault] of runGroup(compiled, group, (rule) => tripped.add(rule))) faults.set(example, fault);
  const disagreements = examples.flatMap((example) => {
    const fault = faults.get(example);
    return fault === undefined ? [] : [{ example, ...fault }];
  });
  return { run: examples.length, disagreements, tripped };
}

/** Examples on the same rows at the same step share a session, reset between them. */
function runGroup(
  compiled: Compiled,
  group: readonly ClauseExample[],
  trip: (rule: string) => void,
): readonly (readonly [ClauseExample, Fault])[] {
  const [first] = group;
  if (first === undefined) return [];
  const laid = layExample(compiled, first);
  if ("kind" in laid) return group.map((example) => [example, laid]);
  const session = openSession({ compiled, origin: laid.origin });
  try {
    return group.flatMap((example) => {
      session.reset();
      const fault = authenticate(compiled, example, session) ?? runFirst(example, session) ?? judge(compiled, example, { session, trip });
      return fault === null ? [] : [[example, fault] as const];
    });
  } finally {
    session.close();
  }
}

function layExample(compiled: Compiled, example: ClauseExample): { readonly origin: Buffer } | Fault {
  try {
    const db = layRows(compiled, storedRows(example.rows), { now: BigInt(example.now) });
    try {
      return { origin: db.serialize() };
    } finally {
      db.close();
    }
  } catch (error) {
    return unusable("rows", `its rows cannot be laid: ${error instanceof Error ? error.message : "unknown reason"}`);
  }
}

function storedRows(rows: ClauseExample["rows"]): Rows {
  return Object.fromEntries(Object.entries(rows).map(([table, list]) => [table, list.map(storedRow)]));
}

function storedRow(row: Readonly<Record<string, string | number | null>>): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, stored(value)]));
}

function stored(value: string | number | null): Value {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

function authenticate({ catalogue }: Compiled, example: ClauseExample, session: Session): Fault | null {
  const { actor } = catalogue;
  if (actor === null || example.actor === null) return null;
  const row = example.rows[actor.table]?.find((each) => each[actor.key] === example.actor);
  if (row === undefined) return unusable("actor", `its actor ${JSON.stringify(example.actor)} is no row of "${actor.table}"`);
  const evidence = Object.fromEntries(actor.evidence.map((column) => [column, row[column] ?? null]));
  const result = session.call("authenticate", { [actor.key]: example.actor, ...evidence });
  return result.ok ? null : unusable("actor", `its actor cannot be authenticated: ${result.error.message}`);
}

function runFirst(example: ClauseExample, session: Session): Fault | null {
  for (const [index, call] of example.first.entries()) {
    const result = session.call(call.tool, call.arguments);
    if (result.ok) continue;
    const where = `first call ${index + 1}`;
    if (result.error.code === "UNKNOWN_TOOL") return unusable(where, `${where} uses the unknown tool "${call.tool}"`);
    return {
      kind: "verdict",
      found: "refused",
      rule: result.error.violated_rule ?? null,
      where,
      message: `${opening(example)} expects ${where} (${callText(call)}) to be accepted, but it is refused: ${refusalText(result)}`,
    };
  }
  return null;
}

function judge(
  compiled: Compiled,
  example: ClauseExample,
  { session, trip }: { readonly session: Session; readonly trip: (rule: string) => void },
): Fault | null {
  const result = session.call(example.call.tool, example.call.arguments);
  if (!result.ok && result.error.code === "UNKNOWN_TOOL")
    return isUngranted(compiled, example)
      ? checkClause(compiled, example, result)
      : unusable("call", `its call uses the unknown tool "${example.call.tool}"`);
  if (result.ok) return example.verdict === "accepted" ? checkAfter(example, session) : wrongVerdict(example, "accepted", result);
  if (example.verdict === "refused" && result.error.violated_rule !== null) trip(result.error.violated_rule);
  return example.verdict === "refused" ? checkClause(compiled, example, result) : wrongVerdict(example, "refused", result);
}

/** A write that agents have no tool for, on a table that there is: that is how the environment refuses it. */
function isUngranted({ catalogue }: Compiled, { verdict, call }: ClauseExample): boolean {
  const table = /^(?:insert|update)_(.+)$/.exec(call.tool)?.[1];
  return verdict === "refused" && table !== undefined && catalogue.tables[table] !== undefined;
}

function wrongVerdict(example: ClauseExample, found: "accepted" | "refused", result: ToolResult): Fault {
  const said = result.ok ? "but it is accepted" : `but it is refused: ${refusalText(result)}`;
  return {
    kind: "verdict",
    found,
    rule: ruleOf(result),
    where: "call",
    message: `${opening(example)} expects the call ${callText(example.call)} to be ${example.verdict}, ${said}`,
  };
}

function checkClause({ sheet, catalogue }: Compiled, example: ClauseExample, result: Extract<ToolResult, { ok: false }>): Fault | null {
  const rule = ruleOf(result);
  const table = example.call.tool.replace(/^(insert|update)_/, "");
  // The argument check refuses in the name of the declarations: of the columns that the call names or leaves out.
  const cited =
    rule !== null
      ? clausesOfRule(sheet, rule)
      : new Set([
          ...(catalogue.tables[table]?.columns ?? []).flatMap(({ name }) => columnClauses(sheet, table, name)),
          ...(sheet.tables[table]?.clauses ?? []),
          ...(sheet.tables[table]?.create?.clauses ?? []),
        ]);
  if (cited.has(example.clause)) return null;
  const message = `${opening(example)} expects a refusal by clause ${example.clause}, but the call ${callText(example.call)} is refused by another: ${refusalText(result)}; it cites ${[...cited].join(", ") || "no clause"}`;
  return { kind: "clause", found: "refused", rule, where: "call", message };
}

function checkAfter(example: ClauseExample, session: Session): Fault | null {
  for (const [index, { table, where, values }] of example.after.entries()) {
    const place = `after ${index + 1}`;
    const rows = session.db.prepare(`SELECT name FROM pragma_table_info(?)`).all(table).length === 0 ? null : rowsOf(session, table);
    if (rows === null) return unusable(place, `it looks for rows of "${table}", which is no table`);
    const fitting = rows.filter((row) => fits(row, where));
    const right = fitting.filter((row) => fits(row, values));
    if (fitting.length === 1 && right.length === 1) continue;
    const found = fitting.length === 1 ? `it has ${rowText(pick(fitting[0] ?? {}, Object.keys(values)))}` : `${fitting.length} rows fit`;
    return {
      kind: "after",
      found: "accepted",
      rule: null,
      where: place,
      message: `${opening(example)} expects, after ${callText(example.call)}, exactly one row of "${table}" with ${rowText(where)}, having ${rowText(values)}; ${found}`,
    };
  }
  return null;
}

function rowsOf(session: Session, table: string): readonly Row[] {
  return session.db
    .prepare<[], Row>(`SELECT * FROM main."${table.replaceAll('"', '""')}"`)
    .safeIntegers(true)
    .all();
}

function fits(row: Row, wanted: Readonly<Record<string, string | number | null>>): boolean {
  return Object.entries(wanted).every(([column, value]) => {
    const found = row[column];
    return found !== undefined && isSameValue(found, stored(value));
  });
}

function pick(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
}

function ruleOf(result: ToolResult): string | null {
  return result.ok ? null : (result.error.violated_rule ?? null);
}

function refusalText(result: Extract<ToolResult, { ok: false }>): string {
  const rule = ruleOf(result);
  return `${result.error.message}${rule === null ? ` (${result.error.code})` : ` (rule ${rule})`}`;
}

function opening({ clause, title }: ClauseExample): string {
  return `Example "${title}" of clause ${clause}`;
}

function callText({ tool, arguments: given }: Call): string {
  return `${tool}(${rowText(given)})`;
}

function rowText(row: Readonly<Record<string, Value>>): string {
  return Object.entries(row)
    .map(([column, value]) => `${column} = ${typeof value === "string" ? JSON.stringify(value) : String(value)}`)
    .join(", ");
}

function unusable(where: string, reason: string): Fault {
  return { kind: "example", found: "not run", rule: null, where, message: `The example cannot be run: ${reason}` };
}
