/** Random rules in SQL, each with a twin of the same meaning in the core. */
import { drawCause } from "./random-effects.js";
import { onlyKey, pathsFrom } from "./random-expressions.js";
import { type DrawnRule, type Setting, judged } from "./random-setting.js";

/** SQL and the same in the core, over columns of the written row, of a row it refers to, and of rows that refer to it. */
export function drawCustomGuard(setting: Setting): DrawnRule | null {
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

/** An UPDATE or an INSERT as SQL, and the same as `propagate` or `spawn`. */
export function drawCustomEffect(setting: Setting): DrawnRule | null {
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
