/** Random rules that write: a cause, the rows that it reaches, and what is set there. */
import { keyOf, statesOf } from "../../environment/sheet/resolve-catalogue.js";
import { type Reach, drawCondition, drawNumber, isChosen, pathsFrom, pathsOf, sortOf } from "./random-expressions.js";
import { type DrawnRule, type Setting, changingTables, drawAct, drawMatch, drawRowSet, reachOf, writtenTables } from "./random-setting.js";

/** A count or a sum over rows that match the owner, in a column of its own. */
export function drawCounter(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  const owners = Object.keys(sheet.tables).filter((name) => sheet.tables[name]?.layer !== "L0");
  const table = draw.pick(owners);
  const reach: Reach = { tables: sheet.tables, ladders: sheet.ladders, roots: { owner: table }, clock: "none", depth: 0 };
  const rows = drawRowSet(setting, reach, null, "owner");
  const from = String(rows["from"]);
  const numbers = pathsFrom(sheet.tables, from, "row").filter(
    ({ sort, text }) => (sort === "number" || sort === "money") && !keyOf(sheet.tables[from]).includes(text.slice(4)),
  );
  const summed = numbers.length > 0 && draw.chance(0.4) ? draw.pick(numbers) : null;
  const sum = summed === null ? {} : { sum: draw.chance(0.7) ? summed.text : `${summed.text} * 2` };
  const column = setting.addColumn(table, {
    type: "integer",
    visible: true,
    clauses: [],
    ...(summed?.sort === "money" ? { unit: "money" as const } : {}),
  });
  return { table, rule: { column, rows, ...sum }, writes: table };
}

/** An act that sets an effect off, and what the effect's texts may read. */
export function drawCause(
  setting: Setting,
): { readonly table: string; readonly at: unknown; readonly reach: Reach; readonly when: object } | null {
  const { draw } = setting;
  const hot = setting.written.length > 0 && draw.chance(0.55);
  const table = draw.pick(hot ? setting.written : [...writtenTables(setting), ...writtenTables(setting), ...changingTables(setting)]);
  const at = drawAct(setting, table);
  if (at === null) return null;
  const reach = reachOf(setting, table, "state");
  return { table, at, reach, when: draw.chance(0.3) ? { when: drawCondition(draw, { ...reach, depth: draw.int(0, 1) }) } : {} };
}

/** What an effect may set in rows of a table: a move of its own, a column of the system's, or one of the agent's. */
function drawSet({ draw, sheet }: Setting, target: string, reach: Reach): { readonly set: object; readonly states: object } | null {
  const { columns, states, layer } = sheet.tables[target]!;
  const moves = (states?.moves ?? []).filter(({ by }) => by === "system");
  const inner: Reach = { ...reach, roots: { ...reach.roots, row: target }, depth: 0 };
  if (moves.length > 0 && draw.chance(0.65)) {
    const move = draw.pick(moves);
    return { set: { [states?.column ?? ""]: `'${move.to}'` }, states: { states: [move.from] } };
  }
  const system = Object.keys(columns).filter((name) => columns[name]!.update === "system" && columns[name]!.type === "integer");
  const agents = Object.keys(columns).filter(
    (name) =>
      layer === "L2" && columns[name]!.update === "agent" && columns[name]!.type === "integer" && columns[name]!.references === undefined,
  );
  const name =
    system.length > 0 && (agents.length === 0 || draw.chance(0.6)) ? draw.pick(system) : agents.length > 0 ? draw.pick(agents) : null;
  if (name === null) return null;
  const sort = sortOf(sheet.tables, target, name);
  const unit = sort === "money" || sort === "step" ? sort : "number";
  return { set: { [name]: draw.chance(0.5) ? `row.${name} + 1` : drawNumber(draw, inner, unit) }, states: {} };
}

/** Rows that match the written one are set. */
export function drawPropagate(setting: Setting): DrawnRule | null {
  const cause = drawCause(setting);
  if (cause === null) return null;
  const { draw, sheet } = setting;
  const target = draw.pick(Object.keys(sheet.tables).filter((name) => sheet.tables[name]?.layer !== "L0"));
  const match = drawMatch(setting, cause.reach, target, "new");
  const set = drawSet(setting, target, cause.reach);
  if (match === null || set === null) return null;
  const where = draw.chance(0.2)
    ? { where: drawCondition(draw, { ...cause.reach, roots: { ...cause.reach.roots, row: target }, depth: 0 }) }
    : {};
  return {
    table: cause.table,
    rule: { at: cause.at, ...cause.when, rows: { from: target, match, ...set.states, ...where }, set: set.set },
    writes: target,
  };
}

/** The first rows of a queue move on, or change. */
export function drawPromote(setting: Setting): DrawnRule | null {
  const cause = drawCause(setting);
  if (cause === null) return null;
  const { draw, sheet } = setting;
  const queues = Object.keys(sheet.tables).flatMap((name) => {
    const { columns = [] } = sheet.tables[name]!.unique.find((unique) => unique.columns.length === 1) ?? {};
    return sheet.tables[name]!.states?.moves.some(({ by }) => by === "system") === true && columns.length > 0
      ? [{ name, order: columns }]
      : [];
  });
  if (queues.length === 0) return null;
  const { name: from, order } = draw.pick(queues);
  const set = drawSet(setting, from, cause.reach);
  if (set === null) return null;
  const match = drawMatch(setting, cause.reach, from, "new");
  const isEligible = draw.chance(0.35);
  const pick = {
    from,
    ...(match === null ? {} : { match }),
    ...set.states,
    order,
    ...(isEligible ? { eligible: true } : { take: draw.int(1, 2) }),
  };
  return { table: cause.table, rule: { at: cause.at, ...cause.when, pick, set: set.set }, writes: from };
}

/** A row is created, or one for each row of a set. */
export function drawSpawn(setting: Setting): DrawnRule | null {
  const cause = drawCause(setting);
  if (cause === null) return null;
  const { draw, sheet } = setting;
  const into = draw.pick(Object.keys(sheet.tables).filter((name) => sheet.tables[name]?.create !== undefined && name !== cause.table));
  const each = draw.chance(0.35) ? drawRowSet(setting, cause.reach, null) : null;
  const reach = each === null ? cause.reach : { ...cause.reach, roots: { ...cause.reach.roots, row: String(each["from"]) } };
  const values: Record<string, string> = {};
  for (const [name, column] of Object.entries(sheet.tables[into]!.columns)) {
    const isFilled =
      column.stamp !== undefined || column.by !== undefined || column.derived !== undefined || sheet.tables[into]!.states?.column === name;
    if (
      isFilled ||
      (isChosen(sheet.tables, into) && keyOf(sheet.tables[into]).includes(name)) ||
      (column.default !== undefined && draw.chance(0.8))
    )
      continue;
    const value = drawSpawned(setting, { into, name }, reach);
    if (value === null) return null;
    values[name] = value;
  }
  return { table: cause.table, rule: { at: cause.at, ...cause.when, into, values, ...(each === null ? {} : { each }) }, writes: into };
}

function drawSpawned({ draw, sheet }: Setting, { into, name }: { into: string; name: string }, reach: Reach): string | null {
  const column = sheet.tables[into]!.columns[name]!;
  const sort = sortOf(sheet.tables, into, name);
  if (sheet.tables[into]!.unique.some(({ columns }) => columns.includes(name)) && sort === "number")
    return `coalesce(max(u.${name} for u in ${into}), 0) + 1`;
  if (sort.startsWith("key")) {
    const keys = pathsOf(reach, (path) => path.sort === sort && (column.null !== undefined || !path.nullable));
    const bare = Object.entries(reach.roots).flatMap(([root, table]) => (sort === `key ${table}` ? [root] : []));
    const all = [...keys.map(({ text }) => text), ...bare];
    return all.length === 0 ? (column.null === undefined ? null : "null") : draw.pick(all);
  }
  if (column.values !== undefined) return `'${draw.pick(column.values)}'`;
  if (sort === "text") return column.null === undefined ? "'a'" : draw.pick(["'a'", "null"]);
  const unit = sort === "money" || sort === "step" ? sort : "number";
  const value = drawNumber(draw, { ...reach, depth: 0 }, unit);
  return column.null === undefined ? `coalesce(${value}, ${unit === "step" ? "now" : 1})` : value;
}

/** The engine sets a number of the written row. */
export function drawStamp(setting: Setting): DrawnRule | null {
  const cause = drawCause(setting);
  if (cause === null) return null;
  const { draw, sheet } = setting;
  const { columns } = sheet.tables[cause.table]!;
  const names = Object.keys(columns).filter((name) => columns[name]!.update === "system" && columns[name]!.type === "integer");
  if (names.length === 0) return null;
  const name = draw.pick(names);
  const value = draw.chance(0.4)
    ? `new.${name} + 1`
    : drawNumber(draw, { ...cause.reach, depth: 0 }, sortOf(sheet.tables, cause.table, name) === "money" ? "money" : "number");
  return { table: cause.table, rule: { at: cause.at, ...cause.when, set: { [name]: `coalesce(${value}, 0)` } }, writes: cause.table };
}

/** A row changes once its own rows, or enough of them, meet a condition. */
export function drawRollup(setting: Setting): DrawnRule | null {
  const cause = drawCause(setting);
  if (cause === null) return null;
  const { draw, sheet } = setting;
  const owners = Object.entries(sheet.tables[cause.table]!.columns).flatMap(([column, { references }]) =>
    references !== undefined && references !== cause.table && sheet.tables[references]?.layer !== "L0"
      ? [{ column, owner: references }]
      : [],
  );
  if (owners.length === 0) return null;
  const { column, owner } = draw.pick(owners);
  const set = drawSet(setting, owner, cause.reach);
  if (set === null) return null;
  const states = statesOf(sheet.tables[cause.table]!);
  const inner: Reach = { ...cause.reach, roots: { ...cause.reach.roots, row: cause.table }, depth: 0 };
  const among = states.length === 0 || draw.chance(0.5) ? {} : { among: { states: draw.some(states, 1, 2) } };
  const wanted = draw.chance(0.5) ? { all: drawCondition(draw, inner) } : { at_least: draw.int(1, 2) };
  const from = "states" in set.states ? { in: set.states.states } : {};
  return {
    table: cause.table,
    rule: { at: cause.at, ...cause.when, owner: column, ...among, ...wanted, ...from, set: set.set },
    writes: owner,
  };
}
