/** Which clauses stand behind a refusal: the citations of a sheet's rule, or of the declaration that a structural guard comes from. */
import { writesOf } from "./rule-writes.js";
import type { Rule, Sheet, Table } from "./sheet.js";

/**
 * The clauses cited by the rule or declaration of this id; empty for an id that the sheet does not give rise to.
 *
 * Structural ids are `<table>.<column>.<what>` and `<table>.<what>` (`session.required` and `context.*` cite the actor's
 * clauses). A column's refusal is backed by whatever the sheet says of that column: the column itself, the moves that set
 * it and the effects that write it; where none of these cites a clause, by the table.
 */
export function clausesOfRule(sheet: Sheet, id: string): ReadonlySet<string> {
  const rule = sheet.rules.find((each) => each.id === id);
  if (rule !== undefined) return new Set(rule.clauses);
  const [first = "", second = "", third] = id.split(".");
  if (first === "session" || first === "context") return new Set(sheet.actor.mode === "session" ? sheet.actor.clauses : []);
  const table = sheet.tables[first];
  if (table === undefined) return new Set();
  return new Set(third === undefined ? tableClauses(table, second) : columnClauses(sheet, first, second));
}

/** The clauses behind a column's declaration, as {@link clausesOfRule} finds them for a structural guard of that column. */
export function columnClauses(sheet: Sheet, tableName: string, column: string): readonly string[] {
  const table = sheet.tables[tableName];
  if (table === undefined) return [];
  const own = [
    ...(table.columns[column]?.clauses ?? []),
    ...stateClauses(table, column),
    ...sheet.rules.flatMap((rule) => (writes(rule, sheet, { table: tableName, column }) ? rule.clauses : [])),
  ];
  return own.length > 0 ? [...own, ...table.clauses] : [...table.clauses, ...(table.create?.clauses ?? [])];
}

function tableClauses(table: Table, what: string): readonly string[] {
  if (what === "unique") return table.unique.flatMap(({ clauses }) => clauses);
  return [...table.clauses, ...(table.create?.clauses ?? [])];
}

function stateClauses({ states }: Table, column: string): readonly string[] {
  if (states === undefined) return [];
  if (states.column === column) return [...states.clauses, ...states.moves.flatMap(({ clauses }) => clauses)];
  return states.moves.flatMap(({ sets, clauses }) => (sets.includes(column) ? clauses : []));
}

/** Whether a rule says what a column holds. */
function writes(rule: Rule, { tables }: Sheet, { table, column }: { readonly table: string; readonly column: string }): boolean {
  if (rule.kind === "calculation" || rule.kind === "decide" || rule.kind === "edges") return rule.table === table && rule.column === column;
  if (rule.kind === "required")
    return rule.table === table && [...rule.columns, ...rule.empty, ...(rule.exactly_one_of ?? [])].includes(column);
  const written = writesOf(rule, { tables });
  return written?.table === table && written.columns.includes(column);
}
