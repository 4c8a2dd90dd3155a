import { foldName } from "../../sql/tokenize-sql.js";
import { conditionsOf, type Finding, type ImportFacts, isFiredBy, refusal, sitesOn, tableNamed } from "../facts.js";
import type { Assignment } from "../possible.js";
import { parseSqlExpression } from "../sql-expression.js";
import { columnsIn } from "../walk-sql.js";
import { assignmentsOf, enumOf } from "../value-domains.js";

/** Columns and tables that triggers write and that any agent may write as well: no refusal looks at what is written there. */
export function openColumns(facts: ImportFacts): readonly Finding[] {
  return [...openMaintained(facts), ...openSpawned(facts), ...openStates(facts)];
}

type Maintained = { readonly table: string; readonly column: string; readonly triggers: readonly string[] };

function maintainedColumns({ triggers }: ImportFacts): readonly Maintained[] {
  const found = new Map<string, Maintained>();
  for (const { name, writes } of triggers)
    for (const { kind, table, columns } of writes)
      for (const column of kind === "update" ? columns : []) {
        const key = `${table}.${column}`;
        const known = found.get(key);
        found.set(key, { table, column, triggers: [...new Set([...(known?.triggers ?? []), name])] });
      }
  return [...found.values()];
}

function openMaintained(facts: ImportFacts): readonly Finding[] {
  return maintainedColumns(facts).flatMap(({ table, column, triggers }) => {
    const found = tableNamed(facts, table);
    const real = found?.columns.find(({ name }) => foldName(name) === column);
    if (found === undefined || real === undefined || real.generated) return [];
    const ways = (["insert", "update"] as const).filter(
      (event) => !isJudged(facts, table, { column, event }) && !isSetAgain(facts, { table, column, event }),
    );
    const by = triggers.map((name) => `"${name}"`).join(", ");
    const message = `${by} ${triggers.length === 1 ? "maintains" : "maintain"} it, and any agent may write it by ${ways.map((way) => way.toUpperCase()).join(" and ")}`;
    return ways.length === 0 ? [] : [{ kind: "open-column", object: `${found.name}.${real.name}`, message }];
  });
}

type Way = { readonly column: string; readonly event: "insert" | "update" };

function isJudged(facts: ImportFacts, table: string, { column, event }: Way): boolean {
  return sitesOn(facts, table, event).some(
    (site) =>
      (event === "insert" || isFiredBy(site.trigger, column)) &&
      conditionsOf(site).some((condition) => columnsIn(condition).some(({ row, name }) => row === "new" && name === column)),
  );
}

/** Whether a trigger of the very write sets the column anew, so that what was written does not stay. */
function isSetAgain({ triggers }: ImportFacts, { table, column, event }: Way & { readonly table: string }): boolean {
  return triggers.some(
    (trigger) =>
      trigger.timing === "after" &&
      trigger.when === null &&
      trigger.table === table &&
      trigger.event === event &&
      (event === "insert" || isFiredBy(trigger, column)) &&
      trigger.writes.some((write) => write.kind === "update" && write.table === table && write.columns.includes(column)),
  );
}

function openSpawned(facts: ImportFacts): readonly Finding[] {
  const makers = new Map<string, readonly string[]>();
  for (const { name, writes } of facts.triggers)
    for (const { kind, table } of writes) if (kind === "insert") makers.set(table, [...(makers.get(table) ?? []), name]);
  return [...makers].flatMap(([table, names]) => {
    if (sitesOn(facts, table, "insert").length > 0) return [];
    const message = `${[...new Set(names)].map((name) => `"${name}"`).join(", ")} creates its rows, and any agent may insert them as well`;
    return [{ kind: "open-table", object: tableNamed(facts, table)?.name ?? table, message }];
  });
}

/** States that triggers set, and that an agent may set directly from some other state. */
function openStates(facts: ImportFacts): readonly Finding[] {
  const states = facts.triggers.flatMap(({ name, writes }) =>
    writes.flatMap(({ kind, table, set }) =>
      kind !== "update"
        ? []
        : [...set].flatMap(([column, tokens]) => {
            const value = parseSqlExpression(tokens);
            return value.kind === "literal" && typeof value.value === "string" ? [{ table, column, value: value.value, by: name }] : [];
          }),
    ),
  );
  return states.flatMap(({ table, column, value, by }) => {
    const found = tableNamed(facts, table);
    const real = found?.columns.find(({ name }) => foldName(name) === column);
    if (found === undefined || real === undefined) return [];
    const from = openMoves(facts, { table, column }).filter((move) => move.to === value);
    const message = `"${by}" sets it to '${value}', and any agent may do so from ${from.map((move) => `'${move.from}'`).join(", ")}`;
    return from.length === 0 ? [] : [{ kind: "open-state", object: `${found.name}.${real.name}`, message }];
  });
}

/** The changes of a column's value, between those that its CHECK lists, that no refusal may be about. */
export function openMoves(
  facts: ImportFacts,
  { table, column }: { readonly table: string; readonly column: string },
): readonly { readonly from: string; readonly to: string }[] {
  const found = tableNamed(facts, table);
  const values = found === undefined ? [] : (enumOf(found, column) ?? []).filter((value) => typeof value === "string");
  const sites = sitesOn(facts, table, "update").filter(({ trigger }) => isFiredBy(trigger, column));
  return values.flatMap((from) =>
    values
      .filter((to) => to !== from)
      .filter((to) => {
        const fixed: Assignment = new Map([
          [`old.${column}`, from],
          [`new.${column}`, to],
        ]);
        return sites.every((site) => {
          const conditions = [...conditionsOf(site), ...site.raise.earlier];
          const assignments = found === undefined ? null : assignmentsOf(found, conditions, { timing: "before", fixed });
          return assignments?.every((known) => refusal(site, known) === "never") === true;
        });
      })
      .map((to) => ({ from, to })),
  );
}
