/** Slips in what a sheet declares and lists: each mutant is a sheet of its own, compiled from the start. */
import { lowerSheet } from "../compile/compile-sheet.js";
import { customMutants } from "../sql/mutate-custom.js";
import type { Mutant } from "./mutant.js";
import type { Rule, Sheet, Table } from "../sheet/sheet.js";

/** The mutants of a sheet's declarations and of its rules' lists. */
export function sheetMutants(sheet: Sheet): readonly Mutant[] {
  return [...declarationMutants(sheet), ...ruleMutants(sheet)];
}

function ofSheet(rule: string, operator: string, change: string, sheet: () => Sheet): Mutant {
  return {
    rule,
    operator,
    change,
    pin: null,
    read: () => {
      const lowered = lowerSheet(sheet());
      return lowered.ok ? lowered : null;
    },
  };
}

/** Slips in a rule's lists: an act, a state, a role or a column left out. */
function ruleMutants(sheet: Sheet): readonly Mutant[] {
  return sheet.rules.flatMap((rule, index) => {
    const put = (next: Rule) => (): Sheet => ({ ...sheet, rules: sheet.rules.map((each, place) => (place === index ? next : each)) });
    const lists = Object.entries(rule).flatMap(([key, value]: readonly [string, unknown]) => {
      if (!listKeys.has(key) || !Array.isArray(value) || value.length < 2 || (key === "at" && isEffect(rule))) return [];
      return value.map((item: unknown) =>
        ofSheet(
          rule.id,
          key === "any" ? "role removed" : key === "at" ? "act removed" : key === "columns" ? "column removed" : "state removed",
          `${String(item)} leaves ${key}`,
          put(
            withKey(
              rule,
              key,
              value.filter((each) => each !== item),
            ),
          ),
        ),
      );
    });
    return [...lists, ...counted(sheet, rule, put), ...customSlips(rule, put)];
  });
}

/** The mutants of one custom rule's SQL. */
export function customRuleMutants(sheet: Sheet, id: string): readonly Mutant[] {
  return sheet.rules.flatMap((rule, index) =>
    rule.id === id
      ? customSlips(rule, (next) => () => ({ ...sheet, rules: sheet.rules.map((each, place) => (place === index ? next : each)) }))
      : [],
  );
}

/** The mutants of a custom rule's SQL; those that the gate refuses are no sheet. */
function customSlips(rule: Rule, put: (next: Rule) => () => Sheet): readonly Mutant[] {
  if (rule.kind !== "custom_guard" && rule.kind !== "custom_effect") return [];
  return customMutants(rule.sql).map(({ operator, change, sql }, index) => ({
    ...ofSheet(rule.id, operator, change, put({ ...rule, sql })),
    pin: `${rule.id}|sql|${index}`,
  }));
}

const listKeys: ReadonlySet<string> = new Set(["at", "holds", "any", "in", "states", "columns", "empty", "same"]);

function isEffect({ kind }: Rule): boolean {
  return kind === "counter" || kind === "propagate" || kind === "promote" || kind === "spawn" || kind === "custom_effect";
}

function withKey(rule: Rule, key: string, value: unknown): Rule {
  // A list with one item less is still one that the schema allows.
  return { ...rule, [key]: value };
}

/** Rows that do not count, counted: every state of the table instead of the live ones. */
function counted(sheet: Sheet, rule: Rule, put: (next: Rule) => () => Sheet): readonly Mutant[] {
  if (rule.kind === "quota" || rule.kind === "exclusive" || rule.kind === "overlap") {
    const live = sheet.tables[rule.table]?.live;
    return rule.states === "any" || (rule.states === undefined && live === undefined && rule.holds === undefined)
      ? []
      : [ofSheet(rule.id, "ended rows counted", "rows in any state count", put({ ...rule, states: allStates(sheet.tables[rule.table]) }))];
  }
  if (
    (rule.kind === "counter" || rule.kind === "exists" || rule.kind === "absent" || rule.kind === "propagate") &&
    rule.rows.states !== "any" &&
    sheet.tables[rule.rows.from]?.states !== undefined
  ) {
    return [ofSheet(rule.id, "ended rows counted", "rows in any state count", put({ ...rule, rows: { ...rule.rows, states: "any" } }))];
  }
  return [];
}

function allStates(table: Table | undefined): string[] {
  return [
    ...new Set(
      [
        table?.states?.start ?? [],
        ...(table?.states?.moves.flatMap(({ from, to }) => [from, to]) ?? []),
        ...(table?.states?.end ?? []),
      ].flat(),
    ),
  ];
}

/** Slips in declarations: a move too few or too many, a bound shifted, a value or a unique key gone, a column opened. */
function declarationMutants(sheet: Sheet): readonly Mutant[] {
  return Object.entries(sheet.tables).flatMap(([name, table]) => {
    const put = (next: Table) => (): Sheet => ({ ...sheet, tables: { ...sheet.tables, [name]: next } });
    if (table.layer !== "L2") return [];
    const uniques = table.unique.map((unique, index) =>
      ofSheet(
        `${name}.unique`,
        "unique dropped",
        `${unique.columns.join(", ")} may repeat`,
        put({
          ...table,
          unique: table.unique.filter((_, i) => i !== index),
          duplicates: table.duplicates ?? [sheet.policy[0]?.id ?? "1.1"],
        }),
      ),
    );
    return [
      ...stateMutants(name, table, put),
      ...uniques,
      ...Object.keys(table.columns).flatMap((column) => columnMutants({ sheet, name, table, column }, put)),
    ];
  });
}

function stateMutants(name: string, table: Table, put: (next: Table) => () => Sheet): readonly Mutant[] {
  const { states } = table;
  if (states === undefined) return [];
  const rule = `${name}.${states.column}.move`;
  const granted = new Set(states.moves.map(({ from, to }) => `${from}>${to}`));
  const removed = states.moves.flatMap((move, index) =>
    move.by === "other"
      ? []
      : [
          ofSheet(
            rule,
            "move removed",
            `${move.from}>${move.to} is not granted`,
            put({ ...table, states: { ...states, moves: states.moves.filter((_, i) => i !== index) } }),
          ),
        ],
  );
  const opened = states.moves.flatMap((move, index) =>
    move.by === "agent"
      ? []
      : [
          ofSheet(
            rule,
            "move opened",
            `${move.from}>${move.to} is the agent's`,
            put({
              ...table,
              states: { ...states, moves: states.moves.map((each, i) => (i === index ? { ...each, by: "agent" as const } : each)) },
            }),
          ),
        ],
  );
  const all = allStates(table);
  const added = all.flatMap((from) =>
    all
      .filter((to) => to !== from && !granted.has(`${from}>${to}`))
      .map((to) =>
        ofSheet(
          rule,
          "move added",
          `${from}>${to} is granted`,
          put({
            ...table,
            states: {
              ...states,
              end: states.end.filter((each) => each !== from),
              moves: [...states.moves, { from, to, by: "agent", when: "free", sets: [], clauses: [] }],
            },
          }),
        ),
      ),
  );
  return [...removed, ...opened, ...added];
}

function columnMutants(
  { sheet, name, table, column }: { readonly sheet: Sheet; readonly name: string; readonly table: Table; readonly column: string },
  put: (next: Table) => () => Sheet,
): readonly Mutant[] {
  const declared = table.columns[column];
  if (declared === undefined) return [];
  const change = (operator: string, what: string, next: Partial<typeof declared>): Mutant =>
    ofSheet(`${name}.${column}`, operator, what, put({ ...table, columns: { ...table.columns, [column]: { ...declared, ...next } } }));
  const isGiven =
    !sheet.rules.some((rule) => rule.kind === "counter" && rule.table === name && rule.column === column) && declared.insert !== "system";
  const { min, max } = isGiven ? declared : {};
  const isPlain =
    declared.derived === undefined &&
    declared.stamp === undefined &&
    declared.by === undefined &&
    table.key !== column &&
    table.states?.column !== column;
  return [
    ...(min === undefined
      ? []
      : [
          change("limit shifted", `min ${min} becomes ${min + 1}`, { min: min + 1 }),
          change("limit shifted", `min ${min} becomes ${min - 1}`, { min: min - 1 }),
        ]),
    ...(max === undefined
      ? []
      : [
          change("limit shifted", `max ${max} becomes ${max + 1}`, { max: max + 1 }),
          change("limit shifted", `max ${max} becomes ${max - 1}`, { max: max - 1 }),
        ]),
    ...(declared.values === undefined || declared.values.length < 2
      ? []
      : declared.values.map((value) =>
          change("value removed", `${String(value)} leaves the list`, { values: declared.values?.filter((each) => each !== value) }),
        )),
    ...(isPlain && declared.update !== "agent" ? [change("writability loosened", "the agent may change it", { update: "agent" })] : []),
    ...(isPlain && declared.insert === "system" ? [change("writability loosened", "the agent may give it", { insert: "agent" })] : []),
  ];
}
