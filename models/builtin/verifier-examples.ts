/**
 * The built-in Verifier on the rules: each clause's pattern sets up small worlds on both sides of its edge, from the policy's
 * text and the declared tables alone. What the text says is tried on the Verifier's own reading of it before it is written down.
 */
import type { ClauseExample } from "../../environment/proof/clause-example.js";
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import { clausesOfRule } from "../../environment/sheet/rule-clauses.js";
import type { Row, Rows } from "../../environment/core/values.js";
import type { Examples } from "../../agents/verifier-examples.js";
import type { ModelRequest } from "../port.js";
import { createStock, type ExampleStock } from "./example-stock.js";
import type { After, Judging, Lab, Scalar, Scene } from "./reading/lab.js";
import { type Reading, readPolicyText } from "./reading/read-policy.js";
import { attributeOf, columnOf, customerOf, referencesOf, type Thing, thingOf, UnknownTerm } from "./reading/terms.js";
import { readTextBlock } from "./request.js";
import { askFor, owe, perform, prepare } from "./scene.js";
import { ActRefused, newest, type Stage, wait } from "./stage.js";
import { laterExamples, type Stood } from "./verifier-later.js";
import { attempt, type Call, compileReading, findRow, nowOf, plainRows, scalarOf, stateOf, withContext } from "./world.js";

/** The examples of every clause that has a pattern. */
export function answerExamples(request: ModelRequest): Examples {
  return { examples: writeExamples(readPolicyText(readTextBlock(request, "policy"))).examples };
}

/** Examples from a policy's text, and the scenes that could not be set up. */
export function writeExamples(reading: Reading): { readonly examples: ClauseExample[]; readonly failures: string[] } {
  const compilation = compileReading(reading);
  if (!compilation.ok) return { examples: [], failures: compilation.errors.map(({ path, message }) => `${path}: ${message}`) };
  const { compiled } = compilation;
  const examples: ClauseExample[] = [];
  const failures: string[] = [];
  const stood: Stood[] = [];
  for (const statement of reading.patterns) {
    const lab = createLab({ compiled, reading, clause: statement.clause, examples, failures, stood });
    statement.probe(lab, reading.terms);
  }
  const later = laterExamples({ compiled, reading, stageOf: (state) => stageOn(compiled, reading, { state, from: LATER }) }, stood);
  return { examples: [...examples, ...later].slice(0, MOST), failures };
}

interface Bench {
  readonly compiled: Compiled;
  readonly reading: Reading;
  readonly clause: string;
  readonly examples: ClauseExample[];
  readonly failures: string[];
  readonly stood: Stood[];
}

/** The clock at which every scene starts. */
const START = 100;
/** Where rows that are made for later writes are numbered from, past those that are there. */
const LATER = 500;
/** As many examples as a reply may hold. */
const MOST = 600;

function createLab(bench: Bench): Lab {
  return {
    scene(title, play) {
      const stage = stageOn(bench.compiled, bench.reading, { state: stateOf(bench.compiled, {}, START), from: 0 });
      try {
        play(createScene(bench, stage, title));
      } catch (error) {
        if (!(error instanceof ActRefused || error instanceof UnknownTerm)) throw error;
        bench.failures.push(`${bench.clause} ${title}: ${error.message}`);
      }
    },
  };
}

type ExampleStage = Stage & { readonly stock: ExampleStock };

function stageOn(compiled: Compiled, reading: Reading, { state, from }: { readonly state: Rows; readonly from: number }): ExampleStage {
  const stage: ExampleStage = { compiled, reading, state, stock: createStock(() => stage, from) };
  return stage;
}

function createScene(bench: Bench, stage: ExampleStage, title: string): Scene {
  const { terms } = bench.reading;
  return {
    person: (wish = {}) => stage.stock.person(wish),
    item: (noun, set = {}) => stage.stock.item(thingOf(terms, noun), set),
    now: () => nowOf(stage.state),
    wait: (steps) => {
      wait(stage, steps);
    },
    do: (person, act, set) => perform(stage, person, act, set),
    made: (noun) => newest(stage, thingOf(terms, noun)),
    asker: (noun) => askFor(stage, thingOf(terms, noun)),
    owe: (person, noun, { amount, more }) => {
      owe(stage, person, { thing: thingOf(terms, noun), steps: (perStep) => amount / perStep + more });
    },
    read: (noun, row, label) => valueOf(stage, thingOf(terms, noun), { row, label }),
    judge(person, act, verdict, options = {}) {
      const call = off(terms, prepare(stage, person, act, options.set), options.off ?? {});
      const actor = options.as === undefined ? person : options.as;
      const state = turned(stage, person, options.turned ?? {});
      const found = attempt(bench.compiled, withContext(bench.compiled, state, { actor }), call);
      const isRight =
        found.kind === verdict && (found.kind === "accepted" || clausesOfRule(bench.compiled.sheet, found.rule).has(bench.clause));
      if (!isRight) throw new ActRefused(`${act} is ${found.kind}${found.kind === "refused" ? ` by ${found.rule}` : ""}`);
      const after = (options.after ?? []).map((each) => afterOf(bench.reading, each));
      const broken = found.kind === "accepted" ? after.filter((each) => !isFound(found.state, each)) : [];
      if (broken.length > 0) throw new ActRefused(`${act} has another outcome than ${JSON.stringify(broken[0])}`);
      if (actor !== null)
        bench.stood.push({ clause: bench.clause, state, actor, call, after: found.kind === "accepted" ? found.state : null });
      bench.examples.push({
        clause: bench.clause,
        title,
        rows: filled(plainRows(bench.compiled, state)),
        now: nowOf(stage.state),
        actor,
        first: [],
        call: { tool: call.tool, arguments: { ...call.arguments } },
        verdict,
        after,
      });
    },
  };
}

function valueOf(
  { compiled, reading, state }: Stage,
  thing: Thing,
  { row, label }: { readonly row: Scalar; readonly label: string },
): Scalar {
  return scalarOf(findRow(compiled, state, thing.table, row)?.[columnOf(reading.terms, attributeOf(thing, label))] ?? null);
}

/** The call with fixed amounts changed. */
function off(terms: Reading["terms"], call: Call, changes: Readonly<Record<string, number>>): Call {
  const table = call.tool.replace(/^(insert|update)_/, "");
  const thing = terms.things.find((each) => each.table === table);
  const changed = Object.entries(changes).map(([label, by]): [string, Scalar] => {
    const column = thing === undefined ? label : columnOf(terms, attributeOf(thing, label));
    return [column, Number(call.arguments[column]) + by];
  });
  return { tool: call.tool, arguments: { ...call.arguments, ...Object.fromEntries(changed) } };
}

/** The state in which the customer, or the customer's organisation, has become another. */
function turned({ reading: { terms }, state }: Stage, person: string, { set = {}, group = {} }: NonNullable<Judging["turned"]>): Rows {
  const customer = customerOf(terms);
  const link = referencesOf(terms, customer)[0];
  const key = state[customer.table]?.find((row) => row[customer.key] === person)?.[link?.column ?? ""];
  const people = edited(state, customer, { key: person, set: columnsBy(terms, customer, set) });
  return link === undefined || typeof key !== "string" ? people : edited(people, link.to, { key, set: columnsBy(terms, link.to, group) });
}

function columnsBy(terms: Reading["terms"], thing: Thing, set: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(set).map(([label, value]) => [columnOf(terms, attributeOf(thing, label)), value]));
}

function edited(state: Rows, thing: Thing, { key, set }: { readonly key: string; readonly set: Readonly<Record<string, string>> }): Rows {
  return { ...state, [thing.table]: (state[thing.table] ?? []).map((row) => (row[thing.key] === key ? { ...row, ...set } : row)) };
}

function isFound(state: Rows, { table, where, values }: ClauseExample["after"][number]): boolean {
  const fits = (row: Row, wanted: Readonly<Record<string, Scalar>>): boolean =>
    Object.entries(wanted).every(([column, value]) => scalarOf(row[column] ?? null) === value);
  const rows = (state[table] ?? []).filter((row) => fits(row, where));
  return rows.length === 1 && rows.every((row) => fits(row, values));
}

function afterOf({ terms }: Reading, { noun, where, values }: After): ClauseExample["after"][number] {
  return { table: thingOf(terms, noun).table, where: { ...where }, values: { ...values } };
}

function filled(rows: Record<string, Record<string, Scalar>[]>): Record<string, Record<string, Scalar>[]> {
  return Object.fromEntries(Object.entries(rows).filter(([, list]) => list.length > 0));
}
