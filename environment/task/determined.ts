/**
 * Does the description determine the outcome? Each choice is evaluated on the state at its time, where exactly one row must
 * fit; every other argument of a gold write must be learnt from the description, the policy, the context or earlier writes.
 */
import { alteredCall, otherValues } from "./alterations.js";
import { columnOf, CONTEXT_TABLE } from "../core/catalogue.js";
import { type CertifyContext, type Verdict, verdictOf } from "./certificate-point.js";
import { choiceFault } from "./choice.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { argumentsOf, businessArguments, type GoldArgument, type GoldWrite, goldWrites, holdsValue, rowsOf, targetTable } from "./gold.js";
import { mentions } from "./mentions.js";
import { fixingRules } from "./policy-source.js";
import type { Db } from "../engine/snapshot.js";
import type { TaskDescription, ValueSource } from "./task-description.js";
import { isSameValue, type Value } from "../core/values.js";
import { userFaults } from "./user-profile.js";

type Finding = { readonly ok: boolean; readonly line: string };

/** Point 7 of the certificate. */
export function determinedPoint(context: CertifyContext): Verdict {
  const findings = [
    ...identityFindings(context),
    ...context.gold.flatMap((write, place) => writeFindings(context, write, place)),
    ...refusedFindings(context),
    ...strayFindings(context),
  ];
  const [wrong, right] = [findings.filter((finding) => !finding.ok), findings.filter((finding) => finding.ok)];
  return verdictOf(
    wrong.map((finding) => finding.line),
    right.map((finding) => finding.line),
  );
}

/** What `authenticate` is given must be known to the user, and what he knows of himself must be true. */
function identityFindings(context: CertifyContext): readonly Finding[] {
  const { log, description } = context;
  const known = [description.user.key, ...Object.values(description.user.profile)].map(String);
  const untrue = userFaults(context).map((line): Finding => ({ ok: false, line }));
  const given = log
    .filter((call) => call.tool === "authenticate")
    .flatMap((call) =>
      Object.entries(argumentsOf(call)).map(([name, value]): Finding => {
        const ok = known.includes(String(value));
        return { ok, line: `authenticate.${name}: ${ok ? "the user knows it" : "the user's profile does not hold the value"}` };
      }),
    );
  return [...untrue, ...given];
}

/** Choices and values for arguments that no gold write has, nor the refused call. */
function strayFindings(context: CertifyContext): readonly Finding[] {
  const { description, gold } = context;
  const writes = [...gold, ...refusedWrites(context)];
  return [...description.choices, ...description.values].flatMap(({ write, argument }): Finding[] => {
    const call = writes[write]?.call;
    return call !== undefined && argument in argumentsOf(call) ? [] : [{ ok: false, line: `write ${write} has no argument "${argument}"` }];
  });
}

function writeFindings(context: CertifyContext, write: GoldWrite, place: number): readonly Finding[] {
  const { trial, log } = context;
  return businessArguments(write).map((argument): Finding => {
    trial.play(log.slice(0, write.index));
    const found = told(context, { write, argument, place }) ?? { fault: "neither a choice nor a source says where its value comes from" };
    return findingOf(`${write.call.tool}.${argument.name} (write ${place})`, found);
  });
}

/** What the user of a refusal task asks for must be learnt as well; choices and values may tell it, else the text must. */
function refusedFindings(context: CertifyContext): readonly Finding[] {
  const { compiled, trial, log } = context;
  return refusedWrites(context).flatMap((write) =>
    businessArguments(write).map((argument): Finding => {
      trial.play(log);
      const name = `${write.call.tool}.${argument.name} (refused)`;
      return findingOf(
        name,
        told(context, { write, argument, place: context.gold.length }) ??
          (targetTable(compiled, write, argument) === null
            ? heard(context, { write, argument })
            : singledOut(context, { write, argument })),
      );
    }),
  );
}

/** The refused call as a write after the last one. */
function refusedWrites({ compiled, description: { kind, refusal }, log }: CertifyContext): readonly GoldWrite[] {
  if (kind !== "refusal" || refusal === null) return [];
  return goldWrites(compiled, [{ tool: refusal.tool, arguments: refusal.arguments }]).map((write) => ({ ...write, index: log.length }));
}

/** Where a value comes from, with what was tried; or what is wrong. */
type Sourced = { readonly fault: string } | { readonly fault: null; readonly tried: string };

function findingOf(name: string, found: Sourced): Finding {
  return { ok: found.fault === null, line: `${name}: ${found.fault ?? found.tried}` };
}

/** What choices and values say of an argument; null: nothing. */
function told(context: CertifyContext, { write, argument, place }: Scope & { readonly place: number }): Sourced | null {
  const { choices, values } = context.description;
  const choice = choices.find((one) => one.write === place && one.argument === argument.name);
  if (choice !== undefined)
    return sourced(choiceFault(context, { choice, write, argument }), `one row fits ${choice.wishes.length} wishes`);
  const source = values.find((one) => one.write === place && one.argument === argument.name);
  if (source === undefined) return null;
  return sourceFinding(context, { source, write, argument });
}

function sourced(fault: string | null, tried: string): Sourced {
  return fault === null ? { fault, tried } : { fault };
}

/** Of a refused call: a rule fixes the column, and it is not the one that refuses. */
function ruled({ compiled, description }: CertifyContext, { write, argument }: Scope): Sourced {
  const fixing = fixingOf(compiled, write, argument.name);
  if (fixing.has(description.refusal?.rule ?? "")) return { fault: "the rule that would give its value is the one that refuses it" };
  return fixing.size === 0
    ? { fault: "no rule of the policy gives its value" }
    : { fault: null, tried: `from policy (${[...fixing].join(", ")})` };
}

/** Of a refused call: the value stands in the text or the profile, or the policy gives it. */
function heard(context: CertifyContext, { write, argument }: Scope): Sourced {
  const { description, trial } = context;
  const isKnown = Object.values(description.user.profile).some((value) => String(value) === String(argument.value));
  if (isKnown || mentions(wordsOf(description), argument.value, movePhrase(trial.session.db, { write, argument })))
    return { fault: null, tried: "the description holds it" };
  const rule = ruled(context, { write, argument });
  return rule.fault === null ? rule : { fault: `the description does not hold ${String(argument.value)}, and ${rule.fault}` };
}

/** Of a refused call: the row differs from every other in what a user may be told of it, or is named in the text. */
function singledOut({ compiled, trial, description }: CertifyContext, { write, argument }: Scope): Sourced {
  const table = targetTable(compiled, write, argument);
  if (table === null) return { fault: "it points into no table" };
  const key = table.key.length === 1 ? (table.key[0] ?? argument.name) : argument.name;
  const rows = rowsOf(trial.session.db, table);
  const visible = table.columns.filter((column) => column.visible && !table.key.includes(column.name));
  const isNamed = table.key.every((name) => columnOf(table, name).visible) && mentions(wordsOf(description), argument.value);
  const row = rows.find((one) => isSameValue(one[key] ?? null, argument.value));
  if (row === undefined)
    return isNamed
      ? { fault: null, tried: "the description names the row" }
      : { fault: `${table.name} has no row ${String(argument.value)}, and the description does not name it` };
  const alike = rows.filter((one) => visible.every(({ name }) => isSameValue(one[name] ?? null, row[name] ?? null)));
  if (alike.length === 1) return { fault: null, tried: `${visible.length} visible columns single out one of ${rows.length} rows` };
  return isNamed
    ? { fault: null, tried: "the description names the row" }
    : { fault: `${alike.length} rows of ${table.name} look the same to a user` };
}

/** What the user is told, without the numbers that the text gives its sub-goals. */
function wordsOf({ who_you_are: who, gaps, false_beliefs: beliefs, goal, sub_goals: goals }: TaskDescription): string {
  return [who, ...gaps, ...beliefs, goal, ...goals.flatMap((one) => [one.title, one.text, one.trigger ?? ""])].join("\n");
}

type Scope = { readonly write: GoldWrite; readonly argument: GoldArgument };

function sourceFinding(context: CertifyContext, scope: Scope & { readonly source: ValueSource }): Sourced {
  const { from, write: place } = scope.source;
  switch (from) {
    case "description":
      return sourced(quoteFault(context, scope), `from ${from}`);
    case "policy":
      return place === context.gold.length ? ruled(context, scope) : policyFinding(context, scope);
    case "created":
      return sourced(createdFault(context, scope), `from ${from}`);
    case "context":
      return sourced(contextFault(context, scope), `from ${from}`);
  }
}

function quoteFault(
  { description, trial }: CertifyContext,
  { source, write, argument }: Scope & { readonly source: ValueSource },
): string | null {
  if (source.quote === undefined || source.quote.trim() === "") return "the description is named as its source without a quote";
  if (!description.text.includes(source.quote)) return `the quote ${JSON.stringify(source.quote)} does not stand in the description`;
  const phrase = movePhrase(trial.session.db, { write, argument });
  return mentions(source.quote, argument.value, phrase)
    ? null
    : `the quote ${JSON.stringify(source.quote)} does not hold the value ${String(argument.value)}`;
}

/** What a person calls the move that this argument makes: "cancel a booking". */
function movePhrase(db: Db, { write, argument }: Scope): string | null {
  const { table } = write;
  const machine = table?.states;
  if (table === null || machine?.column !== argument.name) return null;
  const row = rowsOf(db, table).find((one) => table.key.every((key) => isSameValue(one[key] ?? null, keyArgument(write, key))));
  const moves = machine.moves.filter((move) => move.to === argument.value);
  return (moves.find((move) => row === undefined || move.from === row[machine.column]) ?? moves[0])?.phrase ?? null;
}

function keyArgument(write: GoldWrite, key: string): Value {
  return businessArguments(write).find((argument) => argument.name === key)?.value ?? null;
}

/**
 * The policy gives the value when the engine accepts no other one and a rule that fixes this column is what refuses: that one
 * refusal shows that the rule is at work here, whatever else is refused before it is asked.
 */
function policyFinding(
  { compiled, trial, log, description }: CertifyContext,
  { source, write, argument }: Scope & { readonly source: ValueSource },
): Sourced {
  const others = otherValues(compiled, { write, argument, db: trial.session.db });
  const refusedBy = new Set<string>();
  const fixing = fixingOf(compiled, write, argument.name);
  let fixed = 0;
  for (const other of others) {
    const result = trial.play([...log.slice(0, write.index), alteredCall(write.call, argument.name, other)]).at(-1);
    if (result === undefined || result.ok) return { fault: `the policy is named as its source, but ${String(other)} is accepted as well` };
    refusedBy.add(result.error.violated_rule ?? result.error.code);
    if (result.error.code === "POLICY_VIOLATION" && fixing.has(result.error.violated_rule ?? "")) fixed += 1;
  }
  if (others.length === 0) return { fault: "the policy is named as its source, but there is no other value to try" };
  if (fixed === 0)
    return {
      fault: `the policy is named as its source, but no rule that fixes it refuses another value (${others.length} tried, refused by ${[...refusedBy].join(", ")})`,
    };
  const partner = description.values.find(
    (one) =>
      one.write === source.write &&
      one.from === "policy" &&
      one.argument !== argument.name &&
      [...fixingOf(compiled, write, one.argument)].some((rule) => fixing.has(rule) && refusedBy.has(rule)),
  );
  if (partner !== undefined)
    return { fault: `the policy is named as the source of it and of "${partner.argument}", which only fix each other` };
  return { fault: null, tried: `${others.length} other values refused, ${fixed} by a rule that fixes it` };
}

function fixingOf(compiled: Compiled, { table }: GoldWrite, column: string): ReadonlySet<string> {
  return table === null ? new Set() : fixingRules(compiled, table, column);
}

function createdFault({ compiled, trial }: CertifyContext, { write, argument }: Scope): string | null {
  const table = targetTable(compiled, write, argument);
  const [key] = table?.key ?? [];
  if (table === null || key === undefined) return "it is said to be a row made before, but refers to no table";
  const has = (db: Db) => holdsValue({ db, table, column: key }, argument.value);
  return !has(trial.origin) && has(trial.session.db)
    ? null
    : `row ${String(argument.value)} of ${table.name} was not made by an earlier write`;
}

/** The user, the desk or the clock; where the agent names actors in columns, the user of the description. */
function contextFault({ compiled, trial, description }: CertifyContext, { argument }: Scope): string | null {
  const [context] = rowsOf(trial.session.db, compiled.catalogue.context);
  const known: readonly Value[] = [context?.["actor"] ?? null, context?.["desk"] ?? null, context?.["now"] ?? null];
  const isUser = description.user.key !== null && String(description.user.key) === String(argument.value);
  return isUser || known.some((value) => value !== null && isSameValue(value, argument.value))
    ? null
    : `${String(argument.value)} is neither the user, the desk nor the time of ${CONTEXT_TABLE}`;
}
