/** Random rules about one row and those it refers to: values, roles, owners, places in a tree. */
import { keyOf, statesOf } from "../../environment/sheet/resolve-catalogue.js";
import { type Reach, drawCondition, drawNumber, onlyKey, pathsOf, sortOf } from "./random-expressions.js";
import { type DrawnRule, type Setting, childLinks, drawBound, judged, reachOf, writtenTables } from "./random-setting.js";

/** Columns that must be filled, or must be empty. */
export function drawRequired(setting: Setting): DrawnRule | null {
  const { draw } = setting;
  return judged(setting, (_reach, table) => {
    const nullable = Object.entries(setting.sheet.tables[table]!.columns).filter(
      ([, column]) => column.null !== undefined && column.derived === undefined,
    );
    const names = nullable.map(([name]) => name);
    if (names.length === 0) return null;
    const columns = draw.some(names, draw.chance(0.3) ? 0 : 1, 2);
    return {
      columns,
      empty: draw.some(
        names.filter((name) => !columns.includes(name)),
        columns.length === 0 ? 1 : 0,
        1,
      ),
    };
  });
}

/** Two columns in reach that must be equal. */
export function drawSame(setting: Setting): DrawnRule | null {
  const { draw } = setting;
  return judged(setting, (reach) => {
    const paths = pathsOf(reach, () => true);
    const a = draw.pick(paths);
    const others = paths.filter(({ sort, text }) => sort === a.sort && text !== a.text);
    return others.length === 0 ? null : { a: a.text, b: draw.pick(others).text };
  });
}

/** A row referred to that must be in a state, or hold a listed value. */
export function drawPrerequisite(setting: Setting): DrawnRule | null {
  const { draw } = setting;
  return judged(setting, (reach) => {
    const rows = pathsOf(reach, ({ sort }) => sort.startsWith("key"));
    const row = draw.pick(rows);
    const target = setting.sheet.tables[row.sort.slice("key ".length)]!;
    const listed = Object.entries(target.columns).filter(
      ([, { type, values }]) => type === "text" && values?.every((value) => /^[A-Z]/.test(String(value))) === true,
    );
    if (target.states !== undefined && (listed.length === 0 || draw.chance(0.7)))
      return { row: row.text, in: draw.some(statesOf(target), 1, 2) };
    if (listed.length === 0) return null;
    const [column, { values = [] }] = draw.pick(listed);
    return { row: row.text, in: draw.some(values.map(String), 1, 2), column };
  });
}

/** Two steps that lie within bounds of each other. */
export function drawWindow(setting: Setting): DrawnRule | null {
  const { draw } = setting;
  return judged(setting, (reach) => {
    const steps = pathsOf(reach, ({ sort }) => sort === "step").map(({ text }) => text);
    if (steps.length === 0) return null;
    const to = draw.pick(steps);
    const from = draw.pick(["now", ...steps.filter((step) => step !== to)]);
    const which = draw.int(0, 2);
    return {
      from,
      to,
      ...(which === 1 ? {} : { at_least: drawBound(draw, reach, -4, 2) }),
      ...(which === 0 ? {} : { at_most: drawBound(draw, reach, 0, 6) }),
    };
  });
}

/** Ownership and conflict: in a session against the user, else against another column. */
export function drawWho(setting: Setting, field: "is" | "not"): DrawnRule | null {
  const { draw, sheet } = setting;
  const table =
    sheet.actor.mode === "session"
      ? sheet.actor.table
      : draw.pick(Object.keys(sheet.tables).filter((name) => onlyKey(sheet.tables, name) !== null));
  return judged(setting, (reach) => {
    const { actor: _actor, ...roots } = reach.roots;
    const keys = pathsOf({ ...reach, roots }, ({ sort }) => sort === `key ${table}`).map(({ text }) => text);
    if (keys.length === 0) return null;
    const sure = pathsOf({ ...reach, roots }, ({ sort, nullable }) => sort === `key ${table}` && !nullable).map(({ text }) => text);
    const mine = draw.pick(sure.length > 0 && draw.chance(0.6) ? sure : keys);
    const others = keys.filter((key) => key !== mine);
    if (sheet.actor.mode === "session" && draw.chance(0.8)) return { [field]: mine };
    return others.length === 0 ? null : { [field]: mine, actor: draw.pick(others) };
  });
}

/** A rank that must be one of these, or at least this one. */
export function drawRole(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  const [ladder, ranks = []] = Object.entries(sheet.ladders)[0] ?? [];
  return judged(setting, (reach) => {
    const paths = pathsOf(reach, ({ values }) => values !== null && values.every((value) => ranks.includes(value)));
    if (paths.length === 0) return null;
    const of = draw.pick(paths).text;
    return draw.chance(0.5) ? { of, any: draw.some(ranks, 1, 2) } : { of, ladder, at_least: draw.pick(ranks.slice(1)) };
  });
}

/** Columns of a table that whoever creates its rows gives. */
function givenColumns({ sheet: { tables } }: Setting, table: string): readonly string[] {
  const { columns, create, states } = tables[table]!;
  if (create?.by !== "agent") return [];
  return Object.keys(columns).filter((name) => {
    const column = columns[name]!;
    const isFilled = column.stamp !== undefined || column.by !== undefined || column.derived !== undefined || column.insert === "system";
    return !isFilled && states?.column !== name && column.references === undefined && !keyOf(tables[table]).includes(name);
  });
}

/** A given number that must equal what is computed. */
export function drawCalculation(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  return judged(
    setting,
    (reach, table) => {
      const columns = givenColumns(setting, table).filter((name) => sheet.tables[table]!.columns[name]!.type === "integer");
      if (columns.length === 0) return null;
      const column = draw.pick(columns);
      const sort = sortOf(sheet.tables, table, column);
      const unit = sort === "money" || sort === "step" ? sort : "number";
      const value = () => drawNumber(draw, reach, unit);
      return { column, is: draw.chance(0.6) ? value() : { cases: [{ when: drawCondition(draw, reach), is: value() }], else: value() } };
    },
    "any",
    writtenTables(setting).filter((name) => sheet.tables[name]?.create?.by === "agent"),
  );
}

/** A listed value that follows from conditions. */
export function drawDecide(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  return judged(setting, (reach, table) => {
    const { columns, states } = sheet.tables[table]!;
    const listed = Object.keys(columns).filter((name) => columns[name]!.values !== undefined || states?.column === name);
    if (listed.length === 0) return null;
    const column = draw.pick(listed);
    const values = columns[column]!.values?.map(String) ?? [states?.start ?? [], "HELD"].flat();
    const choice = () => draw.pick(values);
    const cases = Array.from({ length: draw.int(1, 2) }, () => ({ when: drawCondition(draw, reach), is: choice() }));
    return { column, cases, else: choice() };
  });
}

/** Rows below a row are written only in some of its states. */
export function drawParent(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  const parents = Object.keys(sheet.tables).filter(
    (name) => sheet.tables[name]?.states !== undefined && childLinks(setting, name).length > 0,
  );
  if (parents.length === 0) return null;
  const table = draw.pick(parents);
  const { from, column } = draw.pick(childLinks(setting, table));
  const states = statesOf(sheet.tables[table]!);
  return { table, rule: { at: "write", below: { [from]: column }, in: draw.some(states, 1, states.length - 1) } };
}

/** A rank that must be the higher the larger an amount. */
export function drawApproval(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  const [ladder = "", ranks = []] = Object.entries(sheet.ladders)[0] ?? [];
  return judged(setting, (reach) => {
    const paths = pathsOf(reach, ({ values }) => values !== null && values.every((value) => ranks.includes(value)));
    if (paths.length === 0) return null;
    const above = draw.int(1, 5);
    const steps = [
      { above: above + 3, at_least: ranks[2] },
      { above, at_least: ranks[1] },
    ];
    const sort = draw.pick(["number", "money"] as const);
    return {
      of: draw.pick(paths).text,
      ladder,
      amount: drawNumber(draw, { ...reach, depth: 0 }, sort),
      steps: draw.chance(0.5) ? steps : steps.slice(1),
      else: draw.pick(ranks),
    };
  });
}

/** A table of edges between texts, and a column that moves along them. */
export function drawEdges(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  const moving = Object.entries(sheet.tables).flatMap(([name, { columns }]) => (columns["kind"]?.update === "agent" ? [name] : []));
  if (moving.length === 0 || sheet.tables["routes"] === undefined) return null;
  const table = draw.pick(moving);
  const reach: Reach = { ...reachOf(setting, table, "act"), roots: { new: table, row: "routes" }, depth: 0 };
  const where = draw.chance(0.3) ? { where: drawCondition(draw, reach) } : {};
  return {
    table,
    rule: {
      at: { change: ["kind"] },
      column: "kind",
      edge: { from: "routes", match: { from_kind: "old.kind" }, ...where },
      get: "to_kind",
    },
  };
}

/** Where two rows of a tree stand to each other. */
export function drawTree(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  const trees = Object.entries(sheet.tables).flatMap(([name, { columns }]) =>
    Object.entries(columns).flatMap(([column, { references }]) => (references === name ? [{ name, parent: column }] : [])),
  );
  const { name, parent } = draw.pick(trees);
  return judged(setting, (reach, table) => {
    const paths = pathsOf(reach, ({ sort, text }) => sort === `key ${name}` && text.startsWith("new"));
    if (table === name && draw.chance(0.4)) return { parent, relation: "acyclic" };
    if (paths.length < 2) return null;
    const of = draw.pick(paths).text;
    const others = paths.filter(({ text }) => text !== of);
    return { parent, of, relation: draw.pick(["above", "below", "apart"]), is: draw.pick(others).text };
  });
}
