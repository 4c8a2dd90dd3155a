/** The built-in Set Designer, cast assembly: customers of every rank, and what they did before, as real calls tried one by one. */
import { z } from "zod";
import type { Cast } from "../../agents/set-designer-cast.js";
import { type Vocabulary, vocabularySchema } from "../../agents/vocabulary.js";
import type { Row, Rows } from "../../environment/core/values.js";
import type { ModelRequest } from "../port.js";
import { BEGINNING, ORIGIN } from "./clock.js";
import { createRandom, type Random } from "./random.js";
import type { Statement } from "./patterns/pattern.js";
import type { Attribute } from "./reading/attributes.js";
import type { Scalar } from "./reading/lab.js";
import { readPolicyText } from "./reading/read-policy.js";
import { columnOf, creationOf, customerOf, ladderOf, type Terms, type Thing, thingOf, UnknownTerm } from "./reading/terms.js";
import { readJsonBlock, readTextBlock } from "./request.js";
import { askFor, perform } from "./scene.js";
import { ActRefused, type Stage, type Stock } from "./stage.js";
import { compileReading, nowOf, scalarOf, stateOf, storedRow, withContext } from "./world.js";

type CastRow = Cast["rows"][number];
type User = Cast["users"][number];

const CUSTOMERS = 9;
/** Acts tried at each step of the clock. */
const ACTS_A_STEP = 2;

/** @throws {SyntaxError} If the policy's own reading does not compile. */
export function answerCast(request: ModelRequest): Cast {
  const { vocabulary } = readJsonBlock(request, "seed", z.object({ vocabulary: vocabularySchema }));
  const resources = readJsonBlock(
    request,
    "resources",
    z.array(z.object({ table: z.string(), values: z.record(z.string(), z.union([z.string(), z.number(), z.null()])) })),
  );
  const reading = readPolicyText(readTextBlock(request, "policy"));
  const compilation = compileReading(reading);
  if (!compilation.ok) throw new SyntaxError(`Cannot cast: the policy's reading does not compile: ${compilation.errors[0]?.message ?? ""}`);
  const random = createRandom(request.random, "cast");
  const customer = customerOf(reading.terms);
  const rows = customerRows({ terms: reading.terms, customer, vocabulary, random, groups: resources });
  const users = archetypesOf(rows, customer);
  const history: Cast["history"] = [];
  const stage: Stage = {
    compiled: compilation.compiled,
    reading,
    state: stateOf(compilation.compiled, byTable([...resources, ...rows]), BEGINNING),
    stock: createStock(() => stage, { random, active: activeOf(users) }),
    log: (actor, { tool, arguments: given }) => history.push({ kind: "call", actor, tool, arguments: { ...given } }),
  };
  live(stage, { users, random, tick: (now) => history.push({ kind: "tick", now }) });
  return { rows, users, start: BEGINNING, history, now: ORIGIN };
}

interface People {
  readonly terms: Terms;
  readonly customer: Thing;
  readonly vocabulary: Vocabulary;
  readonly random: Random;
  readonly groups: readonly { readonly table: string; readonly values: Readonly<Record<string, Scalar>> }[];
}

/** Customers of all ranks; the last but one has bad standing, the last but two a bad organisation. */
function customerRows({ terms, customer, vocabulary: { customers }, random, groups }: People): CastRow[] {
  return random
    .shuffle(customers.names)
    .slice(0, CUSTOMERS)
    .map((name, index) => {
      const value = ({ label, type }: Attribute): Scalar => {
        if (label === "name") return name;
        if (type.kind === "ranks") return type.values[index % type.values.length] ?? "";
        if (label === customers.standing.label) return index === 7 ? random.pick(customers.standing.bad) : customers.standing.good;
        if (type.kind === "row") return groupKey(thingOf(terms, type.of), index);
        return evidenceOf(label, name, random);
      };
      const groupKey = (thing: Thing, position: number): Scalar => {
        const own = groups.filter(({ table }) => table === thing.table);
        return own[position === 6 ? own.length - 1 : position % Math.max(1, own.length - 1)]?.values[thing.key] ?? null;
      };
      const values = customer.attributes.map((attribute): [string, Scalar] => [columnOf(terms, attribute), value(attribute)]);
      return {
        table: customer.table,
        values: { [customer.key]: `${customers.prefix}-${1001 + index * 7}`, ...Object.fromEntries(values) },
      };
    });
}

/** What identifies a person, by what it is called. */
function evidenceOf(label: string, name: string, random: Random): string {
  if (label.includes("mail")) return `${name.toLowerCase().replace(/[^a-z]+/g, ".")}@example.org`;
  if (label.includes("year")) return String(random.integer(1950, 2004));
  if (label.includes("date")) return `${random.integer(1950, 2004)}-0${random.integer(1, 9)}-${random.integer(10, 28)}`;
  return String(random.integer(10000, 99999));
}

const reasons: Readonly<Record<User["archetype"], string>> = {
  edge: "stands one step from a limit",
  entangled: "has several transactions that depend on each other",
  mismatch: "wants more than rank or standing allow",
  rookie: "has few rights and no history",
};

function archetypesOf(rows: readonly CastRow[], customer: Thing): User[] {
  const order: readonly User["archetype"][] = [
    "edge",
    "entangled",
    "edge",
    "rookie",
    "entangled",
    "edge",
    "mismatch",
    "mismatch",
    "rookie",
  ];
  return rows.map(({ values }, index) => {
    const archetype = order[index] ?? "rookie";
    return { key: String(values[customer.key]), archetype, why: reasons[archetype] };
  });
}

/** Customers who do something before the story begins. */
function activeOf(users: readonly User[]): string[] {
  return users.filter(({ archetype }) => archetype === "edge" || archetype === "entangled").map(({ key }) => String(key));
}

interface Life {
  readonly users: readonly User[];
  readonly random: Random;
  readonly tick: (now: number) => unknown;
}

/** The history: random acts through the steps of the clock, with everybody led to the limits in between. */
function live(stage: Stage, { users, random, tick }: Life): void {
  const { terms, patterns } = stage.reading;
  const active = activeOf(users);
  const quotas = patterns.filter(({ pattern }) => pattern === "quota" || pattern === "quota-customer" || pattern === "quota-rank");
  const entangled = users.filter(({ archetype }) => archetype === "entangled").map(({ key }) => String(key));
  const opening = terms.acts.filter(
    ({ thing, moves }) => moves.length === 0 && thing.attributes.some(({ source }) => source.kind === "asks"),
  );
  const steps = [0, 3, 5, 8, 11, 13, 15, 17, 18, 19, 20].map((offset) => BEGINNING + offset);
  for (const [index, now] of steps.entries()) {
    if (now > nowOf(stage.state)) {
      stage.state = withContext(stage.compiled, stage.state, { now });
      tick(now);
    }
    if (now === ORIGIN) break;
    for (let count = 0; count < ACTS_A_STEP; count += 1) attemptAct(stage, random.pick(active), random.pick(terms.acts).phrase);
    if (now === ORIGIN - 3)
      for (const act of terms.acts.filter(({ moves }) => moves.length > 0)) attemptAct(stage, random.pick(active), act.phrase);
    for (const { slots } of patterns.filter(({ pattern }) => pattern === "approval"))
      if (index % 3 === 1) attemptTo(() => askFor(stage, thingOf(terms, String(slots["approval"]))));
    const person = entangled[index % entangled.length];
    if (person !== undefined && index < 6) for (const act of opening) attemptAct(stage, person, act.phrase);
    const quota = quotas[index % Math.max(1, quotas.length)];
    const edge = users.filter(({ archetype }) => archetype === "edge").map(({ key }) => String(key))[index % 3];
    if (quota !== undefined && edge !== undefined) approach(stage, edge, quota);
  }
}

/** Brings a customer to one below a limit. */
function approach(stage: Stage, person: string, { slots }: Statement): void {
  const child = thingOf(stage.reading.terms, String(slots["children"]));
  for (let count = 1; count < Number(slots["max"]); count += 1) attemptAct(stage, person, creationOf(stage.reading.terms, child).phrase);
}

function attemptAct(stage: Stage, person: string, phrase: string): void {
  attemptTo(() => perform(stage, person, phrase));
}

/** Something that may turn out to be impossible; then nothing more of it is done. */
function attemptTo(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ActRefused || error instanceof UnknownTerm)) throw error;
  }
}

/** Chooses among what there is. */
function createStock(stageOf: () => Stage, { random, active }: { readonly random: Random; readonly active: readonly string[] }): Stock {
  function other(people: readonly string[]): string {
    const others = active.filter((key) => !people.includes(key));
    if (others.length === 0) throw new ActRefused("nobody else is there");
    return random.pick(others);
  }
  function below(rank: string, people: readonly string[]): string {
    const { terms } = stageOf().reading;
    const { column, ranks } = ladderOf(terms);
    const customer = customerOf(terms);
    const low = (stageOf().state[customer.table] ?? [])
      .filter((row) => ranks.indexOf(String(row[column])) < ranks.indexOf(rank))
      .map((row) => String(row[customer.key]));
    const fitting = low.filter((key) => active.includes(key) && !people.includes(key));
    if (fitting.length === 0) throw new ActRefused(`nobody below ${rank} is there`);
    return random.pick(fitting);
  }
  function item(thing: Thing, set: Readonly<Record<string, string | number>>): string {
    const { terms } = stageOf().reading;
    const wanted = Object.entries(set).map(([label, value]) => ({
      attribute: thing.attributes.find((each) => each.label === label),
      value,
    }));
    const fits = (row: Row): boolean =>
      wanted.every(({ attribute, value }) => {
        const found = attribute === undefined ? null : scalarOf(row[columnOf(terms, attribute)] ?? null);
        return attribute?.type.kind === "money"
          ? Number(found) >= Number(value)
          : attribute?.type.kind === "count"
            ? Number(found) <= Number(value) + 1
            : found === value;
      });
    const rows = (stageOf().state[thing.table] ?? []).filter(fits);
    if (rows.length === 0) throw new ActRefused(`no ${thing.noun} fits`);
    return String(random.pick(rows)[thing.key]);
  }
  return { other, below, item };
}

function byTable(rows: readonly { readonly table: string; readonly values: Readonly<Record<string, Scalar>> }[]): Rows {
  const tables: Record<string, Row[]> = {};
  for (const { table, values } of rows) (tables[table] ??= []).push(storedRow(values));
  return tables;
}
