/** Random rules of every kind of the schema, over whatever tables a sheet has. A kind without a draw here does not compile. */
import { keyOf, statesOf } from "../../environment/sheet/resolve-catalogue.js";
import type { Rule, Sheet } from "../../environment/sheet/sheet.js";
import type { Draw } from "./random-draw.js";
import { drawCondition, drawNumber, isChosen, onlyKey, pathsFrom, pathsOf, type Reach, sortOf } from "./random-expressions.js";

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

type DrawRule = (setting: Setting) => DrawnRule | null;

const draws: Readonly<Record<Rule["kind"], DrawRule>> = {
  guard: (setting) => judged(setting, (reach) => ({ must: drawCondition(setting.draw, { ...reach, depth: 2 }) })),
  required: drawRequired,
  compare: (setting) => judged(setting, (reach) => ({ check: drawCondition(setting.draw, { ...reach, depth: 0 }) })),
  same: drawSame,
  prerequisite: drawPrerequisite,
  window: drawWindow,
  ownership: (setting) => drawWho(setting, "is"),
  conflict: (setting) => drawWho(setting, "not"),
  role: drawRole,
  exists: (setting) => judged(setting, (reach, table) => ({ rows: drawRowSet(setting, reach, table) })),
  absent: (setting) => judged(setting, (reach, table) => ({ rows: drawRowSet(setting, reach, table) })),
  exclusive: (setting) =>
    judged(setting, (_reach, table) => ({ same: drawSameColumns(setting, table), ...drawStates(setting, table) }), "holds"),
  overlap: drawOverlap,
  quota: drawQuota,
  limit: drawLimit,
  calculation: drawCalculation,
  decide: drawDecide,
  parent: drawParent,
  approval: drawApproval,
  edges: drawEdges,
  tree: drawTree,
  foreach: drawForeach,
  latest: drawLatest,
  order: drawOrderRule,
  peak: drawPeak,
  children: drawChildren,
  keep: drawKeep,
  ratio: drawRatio,
  custom_guard: drawCustomGuard,
  counter: drawCounter,
  propagate: drawPropagate,
  promote: drawPromote,
  spawn: drawSpawn,
  stamp: drawStamp,
  rollup: drawRollup,
  custom_effect: drawCustomEffect,
};

/** A rule of a kind, or null where these tables have no place for one. The schema and the compiler may still refuse it. */
export function drawRule(setting: Setting, kind: Rule["kind"]): DrawnRule | null {
  return draws[kind](setting);
}

/** The tables that agents write. */
function writtenTables({ sheet: { tables } }: Setting): readonly string[] {
  return Object.keys(tables).filter(
    (name) => tables[name]?.layer === "L2" && (tables[name].create?.by === "agent" || hasAgentUpdates(tables, name)),
  );
}

function hasAgentUpdates(tables: Sheet["tables"], name: string): boolean {
  return Object.values(tables[name]?.columns ?? {}).some(({ update }) => update === "agent");
}

function reachOf({ sheet }: Setting, table: string, act: "act" | "state"): Reach {
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
function judged(
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

/** Tables that only effects change: a rule about them refuses a call because of an effect. */
function changingTables({ sheet: { tables } }: Setting): readonly string[] {
  return Object.keys(tables).filter((name) => tables[name]?.layer !== "L0");
}

/** One act, or null for a rule that holds. */
function drawAct(setting: Setting, table: string): unknown {
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

function drawRequired(setting: Setting): DrawnRule | null {
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

function drawSame(setting: Setting): DrawnRule | null {
  const { draw } = setting;
  return judged(setting, (reach) => {
    const paths = pathsOf(reach, () => true);
    const a = draw.pick(paths);
    const others = paths.filter(({ sort, text }) => sort === a.sort && text !== a.text);
    return others.length === 0 ? null : { a: a.text, b: draw.pick(others).text };
  });
}

function drawPrerequisite(setting: Setting): DrawnRule | null {
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

function drawBound(draw: Draw, reach: Reach, from: number, to: number): unknown {
  const bound = () => (draw.chance(0.85) ? draw.int(from, to) : drawNumber(draw, { ...reach, depth: 0 }, "number"));
  return draw.chance(0.7) ? bound() : { cases: [{ when: drawCondition(draw, { ...reach, depth: 0 }), is: bound() }], else: bound() };
}

function drawWindow(setting: Setting): DrawnRule | null {
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
function drawWho(setting: Setting, field: "is" | "not"): DrawnRule | null {
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

function drawRole(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  const [ladder, ranks = []] = Object.entries(sheet.ladders)[0] ?? [];
  return judged(setting, (reach) => {
    const paths = pathsOf(reach, ({ values }) => values !== null && values.every((value) => ranks.includes(value)));
    if (paths.length === 0) return null;
    const of = draw.pick(paths).text;
    return draw.chance(0.5) ? { of, any: draw.some(ranks, 1, 2) } : { of, ladder, at_least: draw.pick(ranks.slice(1)) };
  });
}

/** A row set of the sheet: matched by a key or an equal value, in states, under a condition. */
function drawRowSet(setting: Setting, reach: Reach, own: string | null, root = "new"): Readonly<Record<string, unknown>> {
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
function drawMatch({ draw, sheet }: Setting, reach: Reach, from: string, root: string): Readonly<Record<string, string>> | null {
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
function drawSameColumns({ draw, sheet }: Setting, table: string): readonly string[] {
  const paths = pathsFrom(sheet.tables, table, "", 1).filter(
    ({ text }) => !keyOf(sheet.tables[table]).includes(text) && text !== sheet.tables[table]?.states?.column,
  );
  return draw.some(
    paths.map(({ text }) => text),
    1,
    2,
  );
}

function drawStates({ draw, sheet }: Setting, table: string): object {
  const states = statesOf(sheet.tables[table]!);
  return states.length === 0 || draw.chance(0.5) ? {} : { states: draw.some(states, 1, states.length) };
}

function drawOverlap(setting: Setting): DrawnRule | null {
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

function drawQuota(setting: Setting): DrawnRule | null {
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

function drawLimit(setting: Setting): DrawnRule | null {
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

function drawCalculation(setting: Setting): DrawnRule | null {
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

function drawDecide(setting: Setting): DrawnRule | null {
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

/** SQL and the same in the core, over columns of the written row, of a row it refers to, and of rows that refer to it. */
function drawCustomGuard(setting: Setting): DrawnRule | null {
  const { draw, sheet } = setting;
  const twins: string[] = [];
  const drawn = judged(setting, (_reach, table) => {
    const numbers = pathsFrom(sheet.tables, table, "", 0).filter(({ sort }) => sort === "number" || sort === "money");
    if (numbers.length === 0) return null;
    const [a, b] = [draw.pick(numbers).text, draw.pick(numbers).text];
    const c = draw.int(0, 8);
    const forms: (readonly [string, string])[] = [
      [`NEW.${a} <= ${c} OR NEW.${b} > ${c}`, `new.${a} <= ${c} or new.${b} > ${c}`],
      [`NEW.${a} IS NULL OR NEW.${a} + 1 >= ${c}`, `new.${a} is null or new.${a} + 1 >= ${c}`],
      [
        `CASE WHEN NEW.${a} > ${c} THEN NEW.${b} < ${c} ELSE NEW.${b} >= 1 END`,
        `(new.${a} > ${c} and new.${b} < ${c}) or ((new.${a} is null or new.${a} <= ${c}) and new.${b} >= 1)`,
      ],
      [`coalesce(NEW.${a}, 0) - abs(NEW.${b}) < ${c}`, `coalesce(new.${a}, 0) - abs(new.${b}) < ${c}`],
    ];
    for (const { text, sort } of pathsFrom(sheet.tables, table, "", 0)) {
      const target = sort.slice("key ".length);
      const key = onlyKey(sheet.tables, target);
      if (!sort.startsWith("key") || key === null || target === table) continue;
      for (const other of pathsFrom(sheet.tables, target, "", 0).filter((path) => path.sort === "number" || path.sort === "money"))
        forms.push([
          `(SELECT t.${other.text} FROM ${target} AS t WHERE t.${key} = NEW.${text}) <= ${c}`,
          `new.${text}.${other.text} <= ${c}`,
        ]);
    }
    const own = onlyKey(sheet.tables, table);
    for (const from of Object.keys(sheet.tables)) {
      const link = Object.entries(sheet.tables[from]!.columns).find(([, { references }]) => references === table)?.[0];
      if (own === null || link === undefined || from === table) continue;
      const most = draw.int(0, 2);
      forms.push([
        `(SELECT count(*) FROM ${from} AS t WHERE t.${link} = NEW.${own}) <= ${most}`,
        `count(t in ${from} where t.${link} = new.${own}) <= ${most}`,
      ]);
    }
    const [sql, must] = draw.pick(forms);
    twins.push(must);
    return { sql };
  });
  // What a condition in SQL reads of other rows is found by other means than what the core reads: both are judged at acts alone.
  if (drawn?.rule["at"] === undefined) return null;
  const { sql: _sql, ...rest } = drawn.rule;
  return { ...drawn, twin: { kind: "guard", ...rest, must: twins[0] } };
}

function drawCounter(setting: Setting): DrawnRule | null {
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
function drawCause(
  setting: Setting,
): { readonly table: string; readonly at: unknown; readonly reach: Reach; readonly when: object } | null {
  const { draw } = setting;
  const hot = setting.written.length > 0 && draw.chance(0.35);
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

function drawPropagate(setting: Setting): DrawnRule | null {
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

function drawPromote(setting: Setting): DrawnRule | null {
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
  const isEligible = draw.chance(0.5);
  const pick = {
    from,
    ...(match === null ? {} : { match }),
    ...set.states,
    order,
    ...(isEligible ? { eligible: true } : { take: draw.int(1, 2) }),
  };
  return { table: cause.table, rule: { at: cause.at, ...cause.when, pick, set: set.set }, writes: from };
}

function drawSpawn(setting: Setting): DrawnRule | null {
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

/** A number to compare: a count or a sum over a row set. */
function drawAmount(setting: Setting, reach: Reach, table: string): Readonly<Record<string, unknown>> {
  const { draw, sheet } = setting;
  const rows = drawRowSet(setting, reach, table);
  const numbers = pathsFrom(sheet.tables, String(rows["from"]), "row", 0).filter(({ sort }) => sort === "number" || sort === "money");
  return numbers.length > 0 && draw.chance(0.4) ? { sum: { of: draw.pick(numbers).text, rows } } : { count: rows };
}

/** Columns by which rows of other tables name rows of this one. */
function childLinks({ sheet: { tables } }: Setting, table: string): readonly { readonly from: string; readonly column: string }[] {
  return Object.entries(tables).flatMap(([from, { columns }]) =>
    Object.entries(columns).flatMap(([column, { references }]) => (references === table && from !== table ? [{ from, column }] : [])),
  );
}

function drawParent(setting: Setting): DrawnRule | null {
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

function drawApproval(setting: Setting): DrawnRule | null {
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
function drawEdges(setting: Setting): DrawnRule | null {
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

function drawTree(setting: Setting): DrawnRule | null {
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

function drawForeach(setting: Setting): DrawnRule | null {
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

function drawLatest(setting: Setting): DrawnRule | null {
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

function drawOrderRule(setting: Setting): DrawnRule | null {
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

function drawPeak(setting: Setting): DrawnRule | null {
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

function drawChildren(setting: Setting): DrawnRule | null {
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

function drawKeep(setting: Setting): DrawnRule | null {
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
      states: draw.some(states, 1, 2),
      min: draw.int(1, 2),
    },
  };
}

function drawRatio(setting: Setting): DrawnRule | null {
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

function drawStamp(setting: Setting): DrawnRule | null {
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

function drawRollup(setting: Setting): DrawnRule | null {
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

/** An UPDATE or an INSERT as SQL, and the same as `propagate` or `spawn`. */
function drawCustomEffect(setting: Setting): DrawnRule | null {
  const cause = drawCause(setting);
  if (cause === null) return null;
  const { draw, sheet } = setting;
  const own = onlyKey(sheet.tables, cause.table);
  const common = { at: cause.at, ...cause.when };
  const spawned = ["slips", "logs"].find((name) => sheet.tables[name] !== undefined && name !== cause.table);
  if (spawned !== undefined && draw.chance(0.3)) {
    const amount = draw.int(1, 4);
    const values = { amount: String(amount) };
    return {
      table: cause.table,
      rule: { ...common, sql: `INSERT INTO ${spawned} (amount, step) VALUES (${amount}, (SELECT now FROM logigen_context))` },
      twin: { kind: "spawn", ...common, into: spawned, values },
      writes: spawned,
    };
  }
  const forms = Object.entries(sheet.tables).flatMap(([target, { columns, layer }]) => {
    if (layer === "L0") return [];
    const key = onlyKey(sheet.tables, target);
    const names = Object.keys(columns).filter((name) => columns[name]!.update === "system" && columns[name]!.type === "integer");
    const up = Object.entries(sheet.tables[cause.table]!.columns).flatMap(([column, { references }]) =>
      references === target && key !== null ? [{ mine: key, theirs: column }] : [],
    );
    const down = Object.entries(columns).flatMap(([column, { references }]) =>
      references === cause.table && own !== null ? [{ mine: column, theirs: own }] : [],
    );
    return [...up, ...down].flatMap((link) => names.map((name) => ({ target, name, ...link })));
  });
  if (forms.length === 0) return null;
  const { target, name, mine, theirs } = draw.pick(forms);
  const add = draw.int(1, 3);
  return {
    table: cause.table,
    rule: { ...common, sql: `UPDATE ${target} SET ${name} = ${name} + ${add} WHERE ${mine} = NEW.${theirs}` },
    twin: {
      kind: "propagate",
      ...common,
      rows: { from: target, match: { [mine]: `new.${theirs}` }, states: "any", not_self: false },
      set: { [name]: `row.${name} + ${add}` },
    },
    writes: target,
  };
}
