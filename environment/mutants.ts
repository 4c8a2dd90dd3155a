/**
 * Mutants: sheets that differ from the original by one small slip. A set of witnesses that lets one pass leaves room for
 * an error of that sort in the sheet itself; the share it notices is the mutation score.
 *
 * Slips in expressions are made in the normal form, slips in declarations and lists in the sheet.
 */
import { type Compiled, compileSheet, emitTriggers } from "./compile-sheet.js";
import type { Expression } from "./expression.js";
import type { Effect, Guard, NormalForm } from "./normal-form.js";
import type { Rule, Sheet, Table } from "./sheet.js";
import { pathsIn } from "./walk-expression.js";
import { variantsOf } from "./witness-nodes.js";

/** One mutant: which rule (or declaration) it changes, how, and what it compiles to; null where it is no sheet any more. */
export interface Mutant {
  readonly rule: string;
  readonly operator: string;
  readonly change: string;
  compile(): Compiled | null;
}

/** Every mutant of a sheet, in the order of its declarations and rules. */
export function mutantsOf(compiled: Compiled): readonly Mutant[] {
  return [...declarationMutants(compiled.sheet), ...ruleMutants(compiled.sheet), ...guardMutants(compiled), ...effectMutants(compiled)];
}

function guardMutants(compiled: Compiled): readonly Mutant[] {
  const { normal, catalogue } = compiled;
  const rules = normal.guards.filter(({ origin }) => origin === "rule");
  return rules.flatMap((guard): readonly Mutant[] => {
    const changed = (next: Guard | null): NormalForm => ({
      ...normal,
      guards: normal.guards.flatMap((each) => (each === guard ? (next === null ? [] : [next]) : [each])),
    });
    const mutant = (operator: string, change: string, next: Guard | null): Mutant => ({
      rule: guard.id,
      operator,
      change,
      compile: () => recompile(compiled, changed(next)),
    });
    const whens =
      guard.when === null
        ? []
        : [
            mutant("condition dropped", "it applies always", { ...guard, when: null }),
            ...variantsOf(guard.when, catalogue).map(({ operator, change, expression }) =>
              mutant(operator, `when: ${change}`, { ...guard, when: expression }),
            ),
          ];
    return [
      mutant("rule dropped", "it is gone", null),
      ...variantsOf(guard.must, catalogue).map(({ operator, change, expression }) =>
        mutant(operator, change, { ...guard, must: expression }),
      ),
      ...whens,
    ];
  });
}

function effectMutants(compiled: Compiled): readonly Mutant[] {
  const { normal, catalogue } = compiled;
  const swapped = normal.effects.flatMap((effect, index): readonly Mutant[] => {
    const next = normal.effects[index + 1];
    if (next === undefined || effect.kind === "counter" || next.kind === "counter" || effect.table !== next.table || commute(effect, next))
      return [];
    const effects = normal.effects.map((each, place) => (place === index ? next : place === index + 1 ? effect : each));
    return [
      {
        rule: effect.id,
        operator: "effects swapped",
        change: `it runs after ${next.id}`,
        compile: () => recompile(compiled, { ...normal, effects }),
      },
    ];
  });
  return [
    ...swapped,
    ...normal.effects.flatMap((effect): readonly Mutant[] => {
      const changed = (next: Effect): NormalForm => ({ ...normal, effects: normal.effects.map((each) => (each === effect ? next : each)) });
      return effectChanges(effect).flatMap(([what, expression, rebuild]) =>
        variantsOf(expression, catalogue).map(
          ({ operator, change, expression: next }): Mutant => ({
            rule: effect.id,
            operator,
            change: `${what}: ${change}`,
            compile: () => recompile(compiled, changed(rebuild(next))),
          }),
        ),
      );
    }),
  ];
}

type Act = Exclude<Effect, { kind: "counter" }>;

type Setter = Extract<Effect, { kind: "propagate" | "promote" }>;

/** Proof that the order of two effects cannot matter: neither writes a column that the other reads or writes. */
function commute(a: Act, b: Act): boolean {
  if (a.kind === "spawn" || b.kind === "spawn") return false;
  return !disturbs(a, b) && !disturbs(b, a);
}

function disturbs(writer: Setter, other: Setter): boolean {
  const isShared = writer.rows.table === other.rows.table && Object.keys(writer.set).some((column) => column in other.set);
  const reads = [other.when, other.rows.where, ...Object.values(other.set)].flatMap((each) => (each === null ? [] : pathsIn(each)));
  const isRead = reads.some(({ root, steps: [first, ...more] }) => {
    const table = root === other.rows.variable ? other.rows.table : root === "new" || root === "old" ? other.table : null;
    return (
      (first !== undefined && first in writer.set && (table === null || table === writer.rows.table)) ||
      more.some((step) => step in writer.set)
    );
  });
  return isShared || isRead;
}

type Part = readonly [what: string, expression: Expression, rebuild: (next: Expression) => Effect];

function effectChanges(effect: Effect): readonly Part[] {
  if (effect.kind === "counter") return [["value", effect.value, (value) => ({ ...effect, value })]];
  const when: readonly Part[] = effect.when === null ? [] : [["when", effect.when, (next) => ({ ...effect, when: next })]];
  if (effect.kind === "spawn")
    return [
      ...when,
      ...Object.entries(effect.values).map(
        ([column, value]): Part => [column, value, (next) => ({ ...effect, values: { ...effect.values, [column]: next } })],
      ),
    ];
  const where: readonly Part[] =
    effect.rows.where === null ? [] : [["rows", effect.rows.where, (next) => ({ ...effect, rows: { ...effect.rows, where: next } })]];
  return [
    ...when,
    ...where,
    ...Object.entries(effect.set).map(
      ([column, value]): Part => [column, value, (next) => ({ ...effect, set: { ...effect.set, [column]: next } })],
    ),
  ];
}

function recompile(compiled: Compiled, normal: NormalForm): Compiled {
  return { ...compiled, normal, triggerSql: emitTriggers(compiled.catalogue, normal) };
}

function ofSheet(rule: string, operator: string, change: string, sheet: () => Sheet): Mutant {
  return {
    rule,
    operator,
    change,
    compile: () => {
      const compilation = compileSheet(sheet());
      return compilation.ok ? compilation.compiled : null;
    },
  };
}

/** Slips in a rule's lists: an act, a state, a role or a column left out; an effect left out altogether. */
function ruleMutants(sheet: Sheet): readonly Mutant[] {
  return sheet.rules.flatMap((rule, index) => {
    const put = (next: Rule | null) => (): Sheet => ({
      ...sheet,
      rules: sheet.rules.flatMap((each, place) => (place === index ? (next === null ? [] : [next]) : [each])),
    });
    const dropped = isEffect(rule) ? [ofSheet(rule.id, "effect dropped", "it is gone", put(null))] : [];
    const lists = Object.entries(rule).flatMap(([key, value]: readonly [string, unknown]) => {
      if (!listKeys.has(key) || !Array.isArray(value) || value.length < 2) return [];
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
    return [...dropped, ...lists, ...counted(sheet, rule, put)];
  });
}

const listKeys: ReadonlySet<string> = new Set(["at", "holds", "any", "in", "states", "columns", "empty", "same"]);

function isEffect({ kind }: Rule): boolean {
  return kind === "counter" || kind === "propagate" || kind === "promote" || kind === "spawn";
}

function withKey(rule: Rule, key: string, value: unknown): Rule {
  // The value stands in the place of another of its own type; `compileSheet` parses the whole sheet again.
  return { ...rule, [key]: value } as Rule;
}

/** Rows that do not count, counted: every state of the table instead of the live ones. */
function counted(sheet: Sheet, rule: Rule, put: (next: Rule) => () => Sheet): readonly Mutant[] {
  if (rule.kind === "quota" || rule.kind === "exclusive" || rule.kind === "overlap") {
    const live = sheet.tables[rule.table]?.live;
    return rule.states === undefined && live === undefined && rule.holds === undefined
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
