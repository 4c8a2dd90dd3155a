import { foldName, keywordOf, type SqlToken } from "../../sql/tokenize-sql.js";
import type { SqlTable } from "../../engine/sql-tables.js";
import { type Finding, type ImportFacts, tableNamed } from "../facts.js";
import type { TriggerShape } from "../trigger-shape.js";
import { isDeletedFrom } from "./never-fires.js";

/** Columns that triggers recount from rows of another table, but not after every write that changes the count. */
export function partlyMaintained(facts: ImportFacts): readonly Finding[] {
  return [...countsOf(facts).values()].flatMap((count) => {
    const missing = missingEvents(facts, count);
    const message = `it is recounted from "${count.source.name}", but not after ${missing.join(", nor after ")} there`;
    return missing.length === 0 ? [] : [{ kind: "partly-maintained", object: count.object, message }];
  });
}

type Count = {
  readonly object: string;
  readonly source: SqlTable;
  readonly read: ReadonlySet<string>;
  readonly triggers: readonly TriggerShape[];
};

function countsOf(facts: ImportFacts): ReadonlyMap<string, Count> {
  const counts = new Map<string, Count>();
  for (const trigger of facts.triggers)
    for (const { kind, table, set } of trigger.writes)
      for (const [column, tokens] of kind === "update" ? set : []) {
        const source = countedTable(facts, tokens);
        if (source === undefined || isCarriedOn(column, tokens)) continue;
        const target = tableNamed(facts, table);
        const object = `${target?.name ?? table}.${target?.columns.find(({ name }) => foldName(name) === column)?.name ?? column}`;
        const key = `${object}|${source.name}`;
        const known = counts.get(key);
        const read = new Set([...(known?.read ?? []), ...readColumns(source, tokens)]);
        counts.set(key, { object, source, read, triggers: [...(known?.triggers ?? []), trigger] });
      }
  return counts;
}

const aggregates: ReadonlySet<string> = new Set(["count", "sum", "total", "avg", "min", "max", "group_concat"]);

function countedTable(facts: ImportFacts, tokens: readonly SqlToken[]): SqlTable | undefined {
  const words = tokens.map(keywordOf);
  const isCounted = words.some((word, i) => aggregates.has(word) && words[i + 1] === "(");
  const from = words.indexOf("from");
  return isCounted && from !== -1 ? tableNamed(facts, foldName(tokens[from + 1]?.value ?? "")) : undefined;
}

/** `stock = stock - (SELECT …)` goes on from the value before, and is no count of rows. */
function isCarriedOn(column: string, tokens: readonly SqlToken[]): boolean {
  let depth = 0;
  return tokens.some((token) => {
    const mark = keywordOf(token);
    depth += mark === "(" ? 1 : mark === ")" ? -1 : 0;
    return depth === 0 && (token.kind === "word" || token.kind === "quoted") && foldName(token.value) === column;
  });
}

function readColumns(source: SqlTable, tokens: readonly SqlToken[]): readonly string[] {
  const names = new Set(source.columns.map(({ name }) => foldName(name)));
  return tokens.flatMap((token, i) => {
    const isOther = keywordOf(tokens[i - 1]) === "." && ["new", "old"].includes(keywordOf(tokens[i - 2]));
    const name = foldName(token.value);
    return (token.kind === "word" || token.kind === "quoted") && !isOther && names.has(name) ? [name] : [];
  });
}

function missingEvents(facts: ImportFacts, { source, read, triggers }: Count): readonly string[] {
  const table = foldName(source.name);
  const on = (event: TriggerShape["event"]) => triggers.filter((trigger) => trigger.table === table && trigger.event === event);
  const updates = on("update");
  const unwatched = [...read].filter((column) => !updates.some(({ columns }) => columns.length === 0 || columns.includes(column)));
  return [
    ...(on("insert").length === 0 ? ["INSERT"] : []),
    ...(unwatched.length === 0 ? [] : [`UPDATE of ${unwatched.map((column) => `"${column}"`).join(", ")}`]),
    ...(on("delete").length === 0 && isDeletedFrom(facts, table) ? ["DELETE"] : []),
  ];
}
