/** Random rules about many rows: that there are some, how many, in which order, when and in which share. */
import { keyOf, statesOf } from "../../environment/sheet/resolve-catalogue.js";
import { type Reach, drawCondition, onlyKey, pathsFrom, pathsOf } from "./random-expressions.js";
import {
  type DrawnRule,
  type Setting,
  childLinks,
  drawAct,
  drawBound,
  drawMatch,
  drawRowSet,
  drawSameColumns,
  drawStates,
  judged,
  writtenTables,
} from "./random-setting.js";

/** Spans of rows that share something do not overlap. */
export function drawOverlap(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  const spanned = Object.keys(sheet.tables).filter((name) =>
    ["start_step", "end_step"].every((step) => sheet.tables[name]?.columns[step] !== undefined),
  );
  return judged(
    setting,
    (_reach, table) => ({
      same: drawSameColumns(setting, table),
      span: ["start_step", "end_step"],
      gap: draw.int(0, 2),
      ...drawStates(setting, table),
    }),
    "holds",
    spanned,
  );
}

/** So many rows, or so much of them, for each of what they share. */
export function drawQuota(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  return judged(
    setting,
    (reach, table) => {
      const paths = pathsFrom(sheet.tables, table, "", 1);
      const numbers = paths.filter(
        ({ sort, text }) => (sort === "number" || sort === "money") && !keyOf(sheet.tables[table]).includes(text),
      );
      const stamped = Object.entries(sheet.tables[table]!.columns).filter(([, { stamp }]) => stamp === "create");
      const isSum = numbers.length > 0 && draw.chance(0.4);
      return {
        per: drawSameColumns(setting, table),
        ...(isSum ? { sum: draw.pick(numbers).text } : {}),
        ...drawStates(setting, table),
        ...(stamped.length > 0 && draw.chance(0.25) ? { last: { steps: draw.int(1, 4), of: stamped[0]![0] } } : {}),
        max: isSum ? drawBound(draw, reach, 4, 15) : drawBound(draw, reach, 1, 3),
      };
    },
    "holds",
  );
}

/** A count or a sum within bounds. */
export function drawLimit(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  return judged(setting, (reach, table) => {
    const rows = drawRowSet(setting, reach, table);
    const numbers = pathsFrom(sheet.tables, String(rows["from"]), "row").filter(({ sort }) => sort === "number" || sort === "money");
    const isSum = numbers.length > 0 && draw.chance(0.4);
    const which = draw.int(0, 2);
    return {
      ...(isSum ? { sum: { of: draw.pick(numbers).text, rows } } : { count: rows }),
      ...(which === 0 ? {} : { max: draw.int(isSum ? 3 : 0, isSum ? 12 : 2) }),
      ...(which === 1 ? {} : { min: draw.int(0, isSum ? 4 : 1) }),
    };
  });
}

/** Each row of a set meets a condition, or has a row of another set. */
export function drawForeach(setting: Setting): DrawnRule | null {
  const { draw } = setting;
  return judged(setting, (reach, table) => {
    const each = replaceRow(drawRowSet(setting, reach, table), "each");
    const inner: Reach = { ...reach, roots: { ...reach.roots, each: String(each["from"]) }, depth: 0 };
    const root = draw.pick(["each", "new"]);
    const wanted = draw.chance(0.5) ? { exists: drawRowSet(setting, inner, null, root) } : { must: drawCondition(draw, inner) };
    return { each, ...wanted, empty: draw.pick(["refuse", "accept"]) };
  });
}

/** The same row set, whose texts read another variable. */
function replaceRow(rows: Readonly<Record<string, unknown>>, variable: string): Readonly<Record<string, unknown>> {
  const { where } = rows;
  return typeof where === "string" ? { ...rows, where: where.replaceAll(/\brow\b/g, variable) } : rows;
}

/** Tables with a number of their own that has no ties. */
function numberedTables({ sheet: { tables } }: Setting): readonly { readonly name: string; readonly by: string }[] {
  return Object.keys(tables).flatMap((name) => {
    const own = tables[name]!.unique.find(({ columns }) => columns.length === 1)?.columns[0];
    return own === undefined ? [] : [{ name, by: own }];
  });
}

/** The last row of a line meets a condition, or comes after others. */
export function drawLatest(setting: Setting): DrawnRule | null {
  const { draw } = setting;
  const numbered = numberedTables(setting);
  if (numbered.length === 0) return null;
  const { name, by } = draw.pick(numbered);
  return judged(setting, (reach, table) => {
    const rows = { ...drawRowSet({ ...setting, written: [] }, reach, table), from: name };
    const match = drawMatch(setting, reach, name, "new");
    const own = { from: rows.from, ...(match === null ? {} : { match }) };
    const inner: Reach = { ...reach, roots: { ...reach.roots, latest: name }, depth: 0 };
    const check = draw.chance(0.8)
      ? { check: drawCondition(draw, inner) }
      : { after: { from: name, where: drawCondition(draw, { ...reach, roots: { ...reach.roots, other: name }, depth: 0 }) } };
    return { rows: own, by, ...check, empty: draw.pick(["refuse", "accept"]) };
  });
}

/** Nothing in line comes before the written row. */
export function drawOrderRule(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  return judged(setting, (reach, table) => {
    const rows = { ...drawRowSet(setting, reach, table) };
    const by = pathsFrom(sheet.tables, String(rows["from"]), "row", 0).filter(({ sort }) => ["number", "money", "step"].includes(sort));
    if (by.length === 0) return null;
    const chosen = draw.pick(by);
    const is = pathsOf(reach, ({ sort, text }) => sort === chosen.sort && text.startsWith("new."));
    return is.length === 0 ? null : { rows, by: chosen.text, is: draw.pick(is).text, pick: draw.pick(["lowest", "highest"]) };
  });
}

/** At no step are there more of a kind, or more of it, at once. */
export function drawPeak(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  const spanned = Object.keys(sheet.tables).filter((name) =>
    ["start_step", "end_step"].every((step) => sheet.tables[name]?.columns[step] !== undefined),
  );
  return judged(
    setting,
    (reach, table) => {
      const numbers = pathsFrom(sheet.tables, table, "", 0).filter(({ text }) => text === "size" || text === "price" || text === "cost");
      const isSum = numbers.length > 0 && draw.chance(0.3);
      return {
        per: drawSameColumns(setting, table),
        span: ["start_step", "end_step"],
        ...(isSum ? { sum: draw.pick(numbers).text } : {}),
        ...drawStates(setting, table),
        max: isSum ? drawBound(draw, reach, 4, 15) : drawBound(draw, reach, 1, 2),
      };
    },
    "holds",
    spanned,
  );
}

/** What the rows below a row must be, together or each. */
export function drawChildren(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  return judged(setting, (reach, table) => {
    const links = childLinks(setting, table);
    const key = onlyKey(sheet.tables, table);
    if (links.length === 0 || key === null) return null;
    const { from, column } = draw.pick(links);
    const states = statesOf(sheet.tables[from]!);
    const rows = {
      from,
      match: { [column]: `new.${key}` },
      ...(states.length === 0 || draw.chance(0.5) ? {} : { states: draw.some(states, 1, 2) }),
    };
    const inner: Reach = { ...reach, roots: { ...reach.roots, row: from }, depth: 0 };
    const numbers = pathsFrom(sheet.tables, from, "row", 0)
      .filter(({ sort }) => sort === "number" || sort === "money")
      .map(({ text }) => text);
    const form = draw.int(0, 5);
    const empty = { empty: draw.pick(["refuse", "accept"]) };
    const bound = (low: number, high: number) =>
      draw.pick([{ min: draw.int(low, high) }, { max: draw.int(low, high) }, { max: high, min: low }, { equals: draw.int(low, high) }]);
    if (form === 0) return { rows, all: drawCondition(draw, inner), ...empty };
    if (form === 1) return { rows, none: drawCondition(draw, inner), ...empty };
    if (form === 2 && numbers.length > 0) return { rows, sum: draw.pick(numbers), ...bound(2, 9) };
    if (form === 3 && numbers.length > 0) return { rows, avg: draw.pick(numbers), ...bound(2, 5), ...empty };
    if (form === 4 && numbers.length > 0) return { rows, distinct: draw.pick(numbers), ...bound(0, 2) };
    return { rows, ...bound(0, 2) };
  });
}

/** So many rows stay behind in a group. */
export function drawKeep(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  const tables = writtenTables(setting).filter((name) => sheet.tables[name]?.states !== undefined);
  if (tables.length === 0) return null;
  const table = draw.pick(tables);
  const per = pathsFrom(sheet.tables, table, "", 0)
    .map(({ text }) => text)
    .filter((name) => name !== sheet.tables[table]!.states?.column && !keyOf(sheet.tables[table]).includes(name));
  const states = statesOf(sheet.tables[table]!);
  return {
    table,
    rule: {
      at: draw.chance(0.5) ? "write" : (drawAct(setting, table) ?? "write"),
      per: draw.some(per, 1, 1),
      states: draw.some(states, 2, states.length),
      min: draw.chance(0.8) ? 1 : 2,
    },
  };
}

/** A number to compare: a count or a sum over a row set. */
function drawAmount(setting: Setting, reach: Reach, table: string): Readonly<Record<string, unknown>> {
  const { draw, sheet } = setting;
  const rows = drawRowSet(setting, reach, table);
  const numbers = pathsFrom(sheet.tables, String(rows["from"]), "row", 0).filter(({ sort }) => sort === "number" || sort === "money");
  return numbers.length > 0 && draw.chance(0.4) ? { sum: { of: draw.pick(numbers).text, rows } } : { count: rows };
}

/** A count or a sum as a share of another. */
export function drawRatio(setting: Setting): DrawnRule | null {
  const { draw } = setting;
  return judged(setting, (reach, table) => {
    const share = [draw.int(0, 3), draw.int(1, 3)];
    const bound = draw.pick([{ at_least: share }, { at_most: share }, { above: share }]);
    return {
      part: drawAmount(setting, reach, table),
      of: drawAmount(setting, reach, table),
      ...bound,
      empty: draw.pick(["refuse", "accept"]),
    };
  });
}
