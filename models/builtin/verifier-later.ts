/**
 * Examples of what comes later: the fact that a clause forbids, reached by a write that the clause does not speak of.
 *
 * Around every world that a clause's own examples lead to, whatever may be asked for next is asked for: every recorded value
 * changed by hand, every record taken to every state by its owner and by somebody else, arguments left out, records made that
 * only the system makes; and around every example, one act is done first that gives something up. The Verifier's own reading
 * of the policy says what should come of it; one example is kept of each sort.
 */
import type { CatalogueColumn, CatalogueTable } from "../../environment/core/catalogue.js";
import type { ClauseExample } from "../../environment/proof/clause-example.js";
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import { clausesOfRule } from "../../environment/sheet/rule-clauses.js";
import type { Row, Rows } from "../../environment/core/values.js";
import type { Scalar } from "./reading/lab.js";
import type { Reading } from "./reading/read-policy.js";
import { type Act, creationOf, customerOf, UnknownTerm } from "./reading/terms.js";
import { perform, prepare } from "./scene.js";
import { ActRefused, type Stage } from "./stage.js";
import { attempt, type Call, nowOf, plainRows, scalarOf, withContext } from "./world.js";

/** An example that stands: the world before its call, who makes it, and the world after it where it is accepted. */
export type Stood = {
  readonly clause: string;
  readonly state: Rows;
  readonly actor: string;
  readonly call: Call;
  readonly after: Rows | null;
};

/** What later writes are tried with. */
export type LaterBench = {
  readonly compiled: Compiled;
  readonly reading: Reading;
  readonly stageOf: (state: Rows) => Stage;
};

/** One later write: `sort` tells it from others that would show the same. */
type Later = {
  readonly sort: string;
  readonly clause: string;
  readonly title: string;
  readonly state: Rows;
  readonly actor: string;
  readonly call: Call;
};

/** As many tries of a sort as may be in vain. */
const mostTries = 6;
/** Records of one table that are looked at in one world, the newest. */
const mostRecords = 2;

/** The examples, one of each sort, in the order of the examples that they come from. */
export function laterExamples(bench: LaterBench, stood: readonly Stood[]): readonly ClauseExample[] {
  const examples = new Map<string, ClauseExample>();
  const tries = new Map<string, number>();
  const isOpen = (sort: string): boolean => {
    const count = (tries.get(sort) ?? 0) + 1;
    tries.set(sort, count);
    return count <= mostTries;
  };
  for (const each of stood) {
    const worlds = each.after === null ? [each.state] : [each.after];
    const laters = [
      ...worlds.flatMap((state) => [...changesByHand(bench, { ...each, state }), ...moves(bench, { ...each, state }, isOpen)]),
      ...leftOut(bench, each),
      ...otherParent(bench, each, isOpen),
      ...givenUp(bench, each, isOpen),
    ];
    for (const later of laters) {
      const found = exampleOf(bench, later);
      const key =
        found === null ? "" : [later.sort, found.verdict, found.clause, ...new Set(found.after.map(({ table }) => table))].join(" ");
      if (found !== null && !examples.has(key)) examples.set(key, found);
    }
  }
  return [...examples.values()];
}

/** The later write as an example, with the verdict of the Verifier's own reading; null where a refusal cites nothing. */
function exampleOf({ compiled }: LaterBench, { clause, title, state, actor, call }: Later): ClauseExample | null {
  const before = withContext(compiled, state, { actor });
  const found = attempt(compiled, before, call);
  if (found.kind === "needs_sqlite") return null;
  const [cited] = found.kind === "refused" ? clausesOfRule(compiled.sheet, found.rule) : [clause];
  if (cited === undefined) return null;
  const rows = Object.fromEntries(Object.entries(plainRows(compiled, state)).filter(([, list]) => list.length > 0));
  const after = found.kind === "accepted" ? changedRows(compiled, before, found.state) : [];
  const shown = { title: title.slice(0, 200), rows, now: nowOf(state), actor, first: [] };
  return { ...shown, clause: cited, call: { tool: call.tool, arguments: { ...call.arguments } }, verdict: found.kind, after: [...after] };
}

/** Every row that the write changed: its key, and the columns that are others now. */
function changedRows(compiled: Compiled, before: Rows, after: Rows): ClauseExample["after"] {
  return Object.values(compiled.catalogue.tables).flatMap((table) =>
    (after[table.name] ?? []).flatMap((row) => {
      const key = Object.fromEntries(table.key.map((column) => [column, scalarOf(row[column] ?? null)]));
      const old = before[table.name]?.find((each) => table.key.every((column) => each[column] === row[column]));
      if (old === undefined || old === row) return [];
      const changed = table.columns.filter(
        ({ name, insert }) => insert.kind !== "mark" && insert.kind !== "derived" && old[name] !== row[name],
      );
      const values = Object.fromEntries(changed.map(({ name }) => [name, scalarOf(row[name] ?? null)]));
      return changed.length === 0 ? [] : [{ table: table.name, where: key, values }];
    }),
  );
}

type World = { readonly clause: string; readonly state: Rows; readonly actor: string };

/** Recorded values changed by hand, in each state of a record, and rows inserted that only the system makes. */
function changesByHand(bench: LaterBench, { state, actor, clause }: World): readonly Later[] {
  return recordsOf(bench, state).flatMap(({ table, row }): Later[] => {
    const key = keyArguments(table, row);
    const at = table.states === null ? "" : String(row[table.states.column]);
    const head = { clause, actor };
    const changes = !hasUpdate(table)
      ? []
      : table.columns
          .filter((column) => isKept(table, column))
          .flatMap((column): Later[] => {
            const other = otherValue(bench, { state, actor, column, row });
            if (other === null) return [];
            const call = { tool: `update_${table.name}`, arguments: { ...key, [column.name]: other.value } };
            return [
              { ...head, sort: `change ${table.name}.${column.name}`, title: `${column.label} changed later`, state: other.state, call },
            ];
          });
    const states = table.states === null || !hasUpdate(table) ? [] : statesOf(table).filter((to) => to !== at && !isGranted(table, at, to));
    return [
      ...changes,
      ...states.map((to) => {
        const call = { tool: `update_${table.name}`, arguments: { ...key, [table.states?.column ?? ""]: to } };
        return { ...head, sort: `${table.name} ${at}>${to}`, title: `${table.label} from ${at} to ${to}`, state, call };
      }),
      ...madeByHand(table, row).map((call) => ({
        ...head,
        sort: `insert ${table.name}`,
        title: `${table.label} made by hand`,
        state,
        call,
      })),
    ];
  });
}

/** Acts on a record: by the one who owns it, and by somebody else. */
function moves(bench: LaterBench, { state, actor, clause }: World, isOpen: (sort: string) => boolean): readonly Later[] {
  const people = (state[customerOf(bench.reading.terms).table] ?? []).map((row) => String(row[customerOf(bench.reading.terms).key]));
  return recordsOf(bench, state).flatMap(({ table, row }) =>
    actsOn(bench, table, row).flatMap((act) => {
      const at = table.states === null ? "" : String(row[table.states.column]);
      const sort = `${act.phrase} ${at}`;
      if (!isOpen(`${sort} in ${shapeOf(bench, state)}`)) return [];
      const prepared = tryAct(bench, { state, people: [actor, ...people], act, row: keyOf(table, row) });
      if (prepared === null) return [];
      const granted = table.states?.moves.find((move) => move.from === at && act.moves.some(({ to }) => to === move.to))?.clauses[0];
      const own: Later = { sort, clause: granted ?? clause, title: `${act.phrase}, ${at}`, ...prepared };
      const others = people.filter((person) => person !== prepared.actor).slice(0, 1);
      return [
        own,
        ...others.map((person) => ({ ...own, sort: `${sort} by another`, title: `${act.phrase}, ${at}, by somebody else`, actor: person })),
      ];
    }),
  );
}

/** An insert with one of its arguments left out. */
function leftOut({ compiled }: LaterBench, { clause, state, actor, call, after }: Stood): readonly Later[] {
  const table = /^insert_(.+)$/.exec(call.tool)?.[1];
  if (after === null || table === undefined) return [];
  const required = compiled.catalogue.tables[table]?.columns.filter(({ insertArgument }) => insertArgument === "required") ?? [];
  return required.flatMap(({ name, label }) => {
    const rest = Object.fromEntries(Object.entries(call.arguments).filter(([argument]) => argument !== name));
    return name in call.arguments
      ? [{ sort: `${table} without ${name}`, clause, title: `${label} left out`, state, actor, call: { tool: call.tool, arguments: rest } }]
      : [];
  });
}

/** The same once more, in another record that it belongs to. */
function otherParent(bench: LaterBench, { clause, actor, call, after }: Stood, isOpen: (sort: string) => boolean): readonly Later[] {
  const table = bench.compiled.catalogue.tables[/^insert_(.+)$/.exec(call.tool)?.[1] ?? ""];
  if (after === null || table === undefined) return [];
  return table.columns.flatMap((column): Later[] => {
    const parent = bench.reading.terms.things.find((thing) => thing.table === column.references && thing.layer === "L2");
    const sort = `${table.name} in another ${column.name}`;
    if (parent === undefined || !(column.name in call.arguments) || !isOpen(sort)) return [];
    const made = attemptAct(bench, after, (stage) => perform(stage, actor, creationOf(bench.reading.terms, parent).phrase));
    if (made === null) return [];
    const again = { tool: call.tool, arguments: { ...call.arguments, [column.name]: made.value } };
    return [{ sort, clause, title: `the same in another ${parent.noun}`, state: made.state, actor, call: again }];
  });
}

/** The example's call after one record was given up, by its owner. */
function givenUp(bench: LaterBench, { clause, state, actor, call, after }: Stood, isOpen: (sort: string) => boolean): readonly Later[] {
  const people = (state[customerOf(bench.reading.terms).table] ?? []).map((row) => String(row[customerOf(bench.reading.terms).key]));
  return recordsOf(bench, state).flatMap(({ table, row }) =>
    actsOn(bench, table, row).flatMap((act): Later[] => {
      const sort = `${call.tool} after ${act.phrase}, once ${after === null ? "refused" : "accepted"}`;
      if (!isOpen(`${clause} ${sort}`)) return [];
      const prepared = tryAct(bench, { state, people: [actor, ...people], act, row: keyOf(table, row) });
      if (prepared === null) return [];
      const { compiled } = bench;
      const verdict = attempt(compiled, withContext(compiled, prepared.state, { actor: prepared.actor }), prepared.call);
      if (verdict.kind !== "accepted") return [];
      const again = attempt(compiled, withContext(compiled, verdict.state, { actor }), call);
      // What could be made before can be made still: nothing is shown.
      if (after !== null && again.kind === "accepted" && call.tool.startsWith("insert_")) return [];
      return [{ sort, clause, title: `after: ${act.phrase}`, state: verdict.state, actor, call }];
    }),
  );
}

/** Which records there are, by table and state: worlds of one shape show much the same. */
function shapeOf({ compiled }: LaterBench, state: Rows): string {
  const shapes = Object.values(compiled.catalogue.tables).flatMap(({ name, states }) =>
    states === null ? [] : (state[name] ?? []).map((row) => `${name} ${String(row[states.column])}`),
  );
  return [...new Set(shapes)].sort().join(",");
}

type Kept = { readonly table: CatalogueTable; readonly row: Row };

/** The newest records of each table that is written at all. */
function recordsOf({ compiled }: LaterBench, state: Rows): readonly Kept[] {
  return Object.values(compiled.catalogue.tables)
    .filter(({ layer }) => layer === "L2")
    .flatMap((table) => (state[table.name] ?? []).slice(-mostRecords).map((row) => ({ table, row })));
}

function actsOn({ reading: { terms } }: LaterBench, table: CatalogueTable, row: Row): readonly Act[] {
  const at = table.states === null ? null : String(row[table.states.column]);
  return terms.acts.filter((act) => act.thing.table === table.name && act.moves.some(({ from }) => from === at));
}

type Trying = { readonly state: Rows; readonly people: readonly string[]; readonly act: Act; readonly row: Scalar };

/** The act's call by the first of these people for whom it is accepted, else by the first for whom it can be made up. */
function tryAct(
  bench: LaterBench,
  { state, people, act, row }: Trying,
): { readonly state: Rows; readonly actor: string; readonly call: Call } | null {
  let first: { readonly state: Rows; readonly actor: string; readonly call: Call } | null = null;
  for (const actor of new Set(people)) {
    const made = attemptAct(bench, state, (stage) => prepare(stage, actor, act.phrase, { row }));
    if (made === null) continue;
    const prepared = { state: made.state, actor, call: made.value };
    first ??= prepared;
    if (attempt(bench.compiled, withContext(bench.compiled, made.state, { actor }), made.value).kind === "accepted") return prepared;
  }
  return first;
}

/** What is done on a stage of its own, and the state it leaves; null where it cannot be done. */
function attemptAct<Made>(
  { stageOf }: LaterBench,
  state: Rows,
  act: (stage: Stage) => Made,
): { readonly value: Made; readonly state: Rows } | null {
  const stage = stageOf(state);
  try {
    return { value: act(stage), state: stage.state };
  } catch (error) {
    if (!(error instanceof ActRefused || error instanceof UnknownTerm)) throw error;
    return null;
  }
}

type Changing = { readonly state: Rows; readonly actor: string; readonly column: CatalogueColumn; readonly row: Row };

/** A value that the column might have instead; of a reference, another record, made where there is none. */
function otherValue(bench: LaterBench, { state, actor, column, row }: Changing): { readonly value: Scalar; readonly state: Rows } | null {
  const old = scalarOf(row[column.name] ?? null);
  if (old === null) return null;
  const target = bench.reading.terms.things.find(({ table }) => table === column.references);
  if (target !== undefined) {
    const made = attemptAct(bench, state, (stage) =>
      target.layer === "L2"
        ? perform(stage, actor, creationOf(bench.reading.terms, target).phrase)
        : target.table === customerOf(bench.reading.terms).table
          ? stage.stock.other([String(old)])
          : stage.stock.item(target, {}),
    );
    return made;
  }
  if (typeof old === "number") return { value: old + 1, state };
  const other = column.values?.find((value) => value !== old);
  return other === undefined ? null : { value: other, state };
}

/** Is this column one that the agent may not change by itself? */
function isKept(table: CatalogueTable, column: CatalogueColumn): boolean {
  const isOther =
    table.key.includes(column.name) ||
    table.states?.column === column.name ||
    column.insert.kind === "mark" ||
    column.insert.kind === "derived";
  return !isOther && column.visible && !column.updateArgument;
}

function hasUpdate({ columns }: CatalogueTable): boolean {
  return columns.some(({ updateArgument }) => updateArgument);
}

function isGranted({ states }: CatalogueTable, from: string, to: string): boolean {
  return states?.moves.some((move) => move.by === "agent" && move.from === from && move.to === to) ?? false;
}

function statesOf({ states }: CatalogueTable): readonly string[] {
  return [...new Set([...(states?.start ?? []), ...(states?.moves ?? []).flatMap(({ from, to }) => [from, to])])];
}

/** A copy of a record that only the system makes, with what is not empty and not chosen for it. */
function madeByHand(table: CatalogueTable, row: Row): readonly Call[] {
  if (table.create?.by !== "system") return [];
  const values = table.columns.filter(
    ({ name, insert, nullable }) =>
      !table.key.includes(name) && row[name] !== null && !nullable && !["clock", "start", "mark", "derived"].includes(insert.kind),
  );
  return [{ tool: `insert_${table.name}`, arguments: Object.fromEntries(values.map(({ name }) => [name, scalarOf(row[name] ?? null)])) }];
}

function keyOf(table: CatalogueTable, row: Row): Scalar {
  return scalarOf(row[table.key[0] ?? ""] ?? null);
}

function keyArguments(table: CatalogueTable, row: Row): Record<string, Scalar> {
  return Object.fromEntries(table.key.map((column) => [column, scalarOf(row[column] ?? null)]));
}
