/** Where random rules are drawn: the tables there are, the acts at which a rule is judged, and the row sets, columns and bounds that rules share. */
import { keyOf, statesOf } from "../../environment/sheet/resolve-catalogue.js";
import type { Sheet } from "../../environment/sheet/sheet.js";
import type { Draw } from "./random-draw.js";
import { type Reach, drawCondition, drawNumber, pathsFrom, pathsOf } from "./random-expressions.js";

/** What rules are drawn over. */
export interface Setting {
  readonly draw: Draw;
  readonly sheet: Pick<Sheet, "tables" | "ladders" | "actor">;
  /** Gives a table one more column, for a counter; the column's name. */
  readonly addColumn: (table: string, column: Sheet["tables"][string]["columns"][string]) => string;
  /** Tables that effects drawn before write: more is made to hang on these. */
  readonly written: readonly string[];
}

/** A rule's own keys; `twin` is the same rule without SQL, for the interpreter. */
export interface DrawnRule {
  readonly table: string;
  readonly rule: Readonly<Record<string, unknown>>;
  readonly twin?: Readonly<Record<string, unknown>>;
  /** The table that an effect writes. */
  readonly writes?: string;
}

/** The tables that agents write. */
export function writtenTables({ sheet: { tables } }: Setting): readonly string[] {
  return Object.keys(tables).filter(
    (name) => tables[name]?.layer === "L2" && (tables[name].create?.by === "agent" || hasAgentUpdates(tables, name)),
  );
}

function hasAgentUpdates(tables: Sheet["tables"], name: string): boolean {
  return Object.values(tables[name]?.columns ?? {}).some(({ update }) => update === "agent");
}

/** Tables that only effects change: a rule about them refuses a call because of an effect. */
export function changingTables({ sheet: { tables } }: Setting): readonly string[] {
  return Object.keys(tables).filter((name) => tables[name]?.layer !== "L0");
}

/** What the texts of a rule about a table may read; the row before only where it is about an act. */
export function reachOf({ sheet }: Setting, table: string, act: "act" | "state"): Reach {
  const actor = sheet.actor.mode === "session" ? { actor: sheet.actor.table } : {};
  return {
    tables: sheet.tables,
    ladders: sheet.ladders,
    roots: { new: table, ...(act === "act" ? { old: table } : {}), ...actor },
    clock: "now",
    depth: 1,
  };
}

/** `at` or `holds`, sometimes with `when` and `unless`, and what the kind adds. */
export function judged(
  setting: Setting,
  rest: (reach: Reach, table: string) => Readonly<Record<string, unknown>> | null,
  prefer: "holds" | "any" = "any",
  tables: readonly string[] = [...writtenTables(setting), ...writtenTables(setting), ...changingTables(setting)],
): DrawnRule | null {
  const { draw } = setting;
  if (tables.length === 0) return null;
  const hot = tables.filter((name) => setting.written.includes(name));
  const table = draw.pick(hot.length > 0 && draw.chance(0.25) ? hot : tables);
  const act = prefer === "any" ? drawAct(setting, table) : draw.chance(0.3) ? drawAct(setting, table) : null;
  const states = statesOf(setting.sheet.tables[table]!);
  const holds = states.length > 0 && draw.chance(0.6) ? draw.some(states, 1, states.length) : "always";
  const reach = reachOf(setting, table, act === null ? "state" : "act");
  const quiet = { ...reach, depth: draw.int(0, 1) };
  const added = rest(act !== null && draw.chance(0.7) ? { ...reach, roots: withoutOld(reach.roots) } : reach, table);
  if (added === null) return null;
  return {
    table,
    rule: {
      ...(act === null ? { holds } : { at: act }),
      ...(draw.chance(0.2) ? { when: drawCondition(draw, quiet) } : {}),
      ...(draw.chance(0.15)
        ? { unless: draw.chance(0.3) ? [drawCondition(draw, quiet), drawCondition(draw, quiet)] : drawCondition(draw, quiet) }
        : {}),
      ...added,
    },
  };
}

function withoutOld({ old: _old, ...roots }: Reach["roots"]): Reach["roots"] {
  return roots;
}

/** One act, or null for a rule that holds. */
export function drawAct(setting: Setting, table: string): unknown {
  const { draw } = setting;
  const declared = setting.sheet.tables[table]!;
  const moves = (declared.states?.moves ?? []).filter(({ by }) => by !== "other").map(({ from, to }) => `${from}>${to}`);
  const changing = Object.keys(declared.columns).filter(
    (name) => ["agent", "system"].includes(declared.columns[name]?.update ?? "") || declared.states?.column === name,
  );
  const form = draw.int(0, 9);
  if (form <= 3 && declared.create !== undefined) return "create";
  if (form <= 5 && moves.length > 0)
    return draw.chance(0.5) ? draw.pick(moves) : [...(declared.create === undefined ? [] : ["create"]), ...draw.some(moves, 1, 2)];
  if (form === 6 && changing.length > 0) return { change: draw.some(changing, 1, 3) };
  return null;
}

/** A row set of the sheet: matched by a key or an equal value, in states, under a condition. */
export function drawRowSet(setting: Setting, reach: Reach, own: string | null, root = "new"): Readonly<Record<string, unknown>> {
  const { draw, sheet } = setting;
  const hot = setting.written.length > 0 && draw.chance(root === "owner" ? 0.6 : 0.2);
  const from = draw.pick(hot ? setting.written : Object.keys(sheet.tables));
  const states = statesOf(sheet.tables[from]!);
  const match = drawMatch(setting, reach, from, root);
  const where = { ...reach, roots: { ...reach.roots, row: from }, depth: root === "owner" ? 0 : draw.int(0, 1) };
  return {
    from,
    ...(match === null ? {} : { match }),
    ...(states.length === 0 || draw.chance(0.5) ? {} : { states: draw.chance(0.3) ? "any" : draw.some(states, 1, 2) }),
    ...(match === null || draw.chance(0.4) ? { where: drawCondition(draw, where) } : {}),
    ...(own === from && draw.chance(0.3) ? { not_self: draw.chance(0.5) } : {}),
  };
}

/** Which column of the rows equals what of the row in reach. */
export function drawMatch({ draw, sheet }: Setting, reach: Reach, from: string, root: string): Readonly<Record<string, string>> | null {
  const columns = pathsFrom(sheet.tables, from, "", 0);
  const own: Reach = { ...reach, roots: { [root]: reach.roots[root] ?? "" } };
  const pairs = columns.flatMap(({ text, sort }) =>
    pathsOf(own, (path) => path.sort === sort).map((path) => ({ column: text, value: path.text, isKey: sort.startsWith("key") })),
  );
  const keyed = pairs.filter(({ isKey, value }) => isKey && value.split(".").length === 2);
  const usable = keyed.length > 0 && draw.chance(0.85) ? keyed : pairs;
  if (usable.length === 0) return null;
  const { column, value } = draw.pick(usable);
  return { [column]: value };
}

/** Columns or paths that rows share, written without a root. */
export function drawSameColumns({ draw, sheet }: Setting, table: string): readonly string[] {
  const paths = pathsFrom(sheet.tables, table, "", 1).filter(
    ({ text }) => !keyOf(sheet.tables[table]).includes(text) && text !== sheet.tables[table]?.states?.column,
  );
  return draw.some(
    paths.map(({ text }) => text),
    1,
    2,
  );
}

/** The states in which rows count, or none said. */
export function drawStates({ draw, sheet }: Setting, table: string): object {
  const states = statesOf(sheet.tables[table]!);
  return states.length === 0 || draw.chance(0.5) ? {} : { states: draw.some(states, 1, states.length) };
}

/** A bound: a number, an expression, or one by cases. */
export function drawBound(draw: Draw, reach: Reach, from: number, to: number): unknown {
  const bound = () => (draw.chance(0.85) ? draw.int(from, to) : drawNumber(draw, { ...reach, depth: 0 }, "number"));
  return draw.chance(0.7) ? bound() : { cases: [{ when: drawCondition(draw, { ...reach, depth: 0 }), is: bound() }], else: bound() };
}

/** Columns by which rows of other tables name rows of this one. */
export function childLinks({ sheet: { tables } }: Setting, table: string): readonly { readonly from: string; readonly column: string }[] {
  return Object.entries(tables).flatMap(([from, { columns }]) =>
    Object.entries(columns).flatMap(([column, { references }]) => (references === table && from !== table ? [{ from, column }] : [])),
  );
}
