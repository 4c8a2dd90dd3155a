/**
 * Does the description determine the outcome? Each choice is evaluated on the state at its time, where exactly one row must
 * fit; every other argument of a gold write must be learnt from the description, the policy, the context or earlier writes.
 */
import { alteredCall, otherValues } from "./alterations.js";
import { columnOf, CONTEXT_TABLE, findColumn, type CatalogueTable } from "./catalogue.js";
import { type CertifyContext, type Verdict, verdictOf } from "./certificate-point.js";
import { argumentsOf, businessArguments, type GoldArgument, type GoldWrite, keysOf, targetTable } from "./gold.js";
import { quoteIdentifier } from "./identifier.js";
import { mentions } from "./mentions.js";
import { openSnapshot, type Db } from "./snapshot.js";
import type { Choice, ValueSource, Wish } from "./task-description.js";
import { isSameValue, type Row, type Value } from "./values.js";

type Finding = { readonly ok: boolean; readonly line: string };

/** Point 7 of the certificate. */
export function determinedPoint(context: CertifyContext): Verdict {
  const findings = [...identityFindings(context), ...context.gold.flatMap((write, place) => writeFindings(context, write, place)), ...strayFindings(context)];
  const [wrong, right] = [findings.filter((finding) => !finding.ok), findings.filter((finding) => finding.ok)];
  return verdictOf(wrong.map((finding) => finding.line), right.map((finding) => finding.line));
}

/** What `authenticate` is given must be known to the user. */
function identityFindings({ log, description }: CertifyContext): readonly Finding[] {
  const known = [description.user.key, ...Object.values(description.user.profile)].map(String);
  return log.filter((call) => call.tool === "authenticate").flatMap((call) =>
    Object.entries(argumentsOf(call)).map(([name, value]): Finding => {
      const ok = known.includes(String(value));
      return { ok, line: `authenticate.${name}: ${ok ? "the user knows it" : "the user's profile does not hold the value"}` };
    }));
}

/** Choices and values for arguments that no gold write has. */
function strayFindings({ description, gold }: CertifyContext): readonly Finding[] {
  return [...description.choices, ...description.values].flatMap(({ write, argument }): Finding[] => {
    const call = gold[write]?.call;
    return call !== undefined && argument in argumentsOf(call) ? [] : [{ ok: false, line: `write ${write} has no argument "${argument}"` }];
  });
}

function writeFindings(context: CertifyContext, write: GoldWrite, place: number): readonly Finding[] {
  const { description, trial, log } = context;
  return businessArguments(write).map((argument): Finding => {
    const choice = description.choices.find((one) => one.write === place && one.argument === argument.name);
    const source = description.values.find((one) => one.write === place && one.argument === argument.name);
    const name = `${write.call.tool}.${argument.name} (write ${place})`;
    trial.play(log.slice(0, write.index));
    const wrong = choice !== undefined ? choiceFault(context, { choice, write, argument }) : source !== undefined ? sourceFault(context, { source, write, argument }) : "neither a choice nor a source says where its value comes from";
    return wrong === null ? { ok: true, line: `${name}: ${choice !== undefined ? `one row fits ${choice.wishes.length} wishes` : `from ${source?.from ?? ""}`}` } : { ok: false, line: `${name}: ${wrong}` };
  });
}

type Scope = { readonly write: GoldWrite; readonly argument: GoldArgument };

function choiceFault({ compiled, trial }: CertifyContext, { choice, write, argument }: Scope & { readonly choice: Choice }): string | null {
  const table = targetTable(compiled, write, argument);
  if (table?.name !== choice.table) return `it points into ${table?.name ?? "no table"}, not into "${choice.table}"`;
  const hidden = choice.wishes.find((wish) => findColumn(table, wish.column)?.visible !== true);
  if (hidden !== undefined) return `a wish is about "${hidden.column}", which is no column a user may be told`;
  const fits = choice.wishes.reduce<readonly Row[]>((rows, wish) => (isSuperlative(wish) ? rows : rows.filter((row) => fitsWish(table, row, wish))), rowsOf(trial.session.db, table));
  const chosen = choice.wishes.filter(isSuperlative).reduce((rows, wish) => extremes(rows, wish), fits);
  const key = table.key.length === 1 ? table.key[0] : argument.name;
  const [only] = chosen;
  if (chosen.length !== 1 || only === undefined || key === undefined) return `${chosen.length} rows of ${table.name} fit the wishes, not one`;
  return isSameValue(only[key] ?? null, argument.value) ? null : `the row that fits the wishes is ${String(only[key])}, the one taken is ${String(argument.value)}`;
}

function sourceFault(context: CertifyContext, scope: Scope & { readonly source: ValueSource }): string | null {
  switch (scope.source.from) {
    case "description":
      return quoteFault(context, scope);
    case "policy":
      return policyFault(context, scope);
    case "created":
      return createdFault(context, scope);
    case "context":
      return contextFault(context, scope);
  }
}

function quoteFault({ description, trial }: CertifyContext, { source, write, argument }: Scope & { readonly source: ValueSource }): string | null {
  if (source.quote === undefined || source.quote.trim() === "") return "the description is named as its source without a quote";
  if (!description.text.includes(source.quote)) return `the quote ${JSON.stringify(source.quote)} does not stand in the description`;
  const phrase = movePhrase(trial.session.db, { write, argument });
  return mentions(source.quote, argument.value, phrase) ? null : `the quote ${JSON.stringify(source.quote)} does not hold the value ${String(argument.value)}`;
}

/** What a person calls the move that this argument makes: "cancel a booking". */
function movePhrase(db: Db, { write, argument }: Scope): string | null {
  const { table } = write;
  const machine = table?.states;
  if (table === null || machine?.column !== argument.name) return null;
  const row = rowsOf(db, table).find((one) => table.key.every((key) => isSameValue(one[key] ?? null, keyArgument(write, key))));
  return machine.moves.find((move) => move.to === argument.value && (row === undefined || move.from === row[machine.column]))?.phrase ?? null;
}

function keyArgument(write: GoldWrite, key: string): Value {
  return businessArguments(write).find((argument) => argument.name === key)?.value ?? null;
}

/**
 * The policy gives the value when the engine refuses every other one, and not because some other column is computed from it:
 * of two values that pin each other only the computed one follows.
 */
function policyFault({ compiled, trial, log }: CertifyContext, { write, argument }: Scope): string | null {
  const computed = new Map(compiled.sheet.rules.flatMap((rule): [string, string][] => (rule.kind === "calculation" || rule.kind === "decide" ? [[rule.id, rule.column]] : [])));
  for (const other of otherValues(compiled, { write, argument, db: trial.session.db })) {
    const result = trial.play([...log.slice(0, write.index), alteredCall(write.call, argument.name, other)]).at(-1);
    if (result === undefined || result.ok) return `the policy is named as its source, but ${String(other)} is accepted as well`;
    const column = computed.get(result.error.violated_rule ?? "");
    if (column !== undefined && column !== argument.name) return `the policy is named as its source, but ${String(other)} is refused only for what "${column}" is computed from it`;
  }
  return null;
}

function createdFault({ compiled, trial, origin }: CertifyContext, { write, argument }: Scope): string | null {
  const table = targetTable(compiled, write, argument);
  const [key] = table?.key ?? [];
  if (table === null || key === undefined) return "it is said to be a row made before, but refers to no table";
  const start = openSnapshot(origin, { readonly: true });
  try {
    const has = (db: Db) => keysOf(db, table, key).some((value) => isSameValue(value, argument.value));
    return !has(start) && has(trial.session.db) ? null : `row ${String(argument.value)} of ${table.name} was not made by an earlier write`;
  } finally {
    start.close();
  }
}

/** The user, the desk or the clock; where the agent names actors in columns, the user of the description. */
function contextFault({ compiled, trial, description }: CertifyContext, { argument }: Scope): string | null {
  const [context] = rowsOf(trial.session.db, compiled.catalogue.context);
  const known: readonly Value[] = [context?.["actor"] ?? null, context?.["desk"] ?? null, context?.["now"] ?? null];
  const isUser = description.user.key !== null && String(description.user.key) === String(argument.value);
  return isUser || known.some((value) => value !== null && isSameValue(value, argument.value)) ? null : `${String(argument.value)} is neither the user, the desk nor the time of ${CONTEXT_TABLE}`;
}

function rowsOf(db: Db, table: CatalogueTable): readonly Row[] {
  const columns = table.columns.map((column) => quoteIdentifier(column.name)).join(", ");
  return db.prepare<[], Row>(`SELECT ${columns} FROM main.${quoteIdentifier(table.name)}`).safeIntegers(true).all();
}

function isSuperlative(wish: Wish): boolean {
  return wish.comparison === "lowest" || wish.comparison === "highest";
}

function fitsWish(table: CatalogueTable, row: Row, wish: Wish): boolean {
  const value = row[wish.column] ?? null;
  const wished = wish.value;
  if (value === null || wished === undefined) return false;
  if (wish.comparison === "contains") return String(value).toLowerCase().includes(String(wished).toLowerCase());
  const order = columnOf(table, wish.column).type === "text" ? compareText(String(value), String(wished)) : Number(value) - Number(wished);
  switch (wish.comparison) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "lowest":
    case "highest":
      return true;
  }
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The rows with the lowest or highest value; rows without one do not count. */
function extremes(rows: readonly Row[], wish: Wish): readonly Row[] {
  const valued = rows.flatMap((row) => ((row[wish.column] ?? null) === null ? [] : [{ row, value: Number(row[wish.column]) }]));
  const best = valued.reduce<number | null>((so, { value }) => (so === null ? value : wish.comparison === "lowest" ? Math.min(so, value) : Math.max(so, value)), null);
  return valued.filter(({ value }) => value === best).map(({ row }) => row);
}
