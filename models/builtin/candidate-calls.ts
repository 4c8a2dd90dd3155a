/** Calls that a customer might want to make in a state, right ones and slightly wrong ones. */
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import type { Row, Rows } from "../../environment/core/values.js";
import type { Random } from "./random.js";
import type { Attribute } from "./reading/attributes.js";
import type { Scalar } from "./reading/lab.js";
import { calculationsOf, type Reading } from "./reading/read-policy.js";
import { type Act, columnOf, liveOf, nameOf, stateColumn, type Thing, thingOf } from "./reading/terms.js";
import { type Call, nowOf, scalarOf, storedRow, valueFor } from "./world.js";

interface Situation {
  readonly compiled: Compiled;
  readonly reading: Reading;
  readonly state: Rows;
  readonly random: Random;
}

/** Rows looked at for each reference and for each move. */
const ROWS = 12;

/** Every act with a sample of rows, steps and amounts; amounts that the policy fixes are worked out, and now and then one off. */
export function candidateCalls(situation: Situation, user: string): Call[] {
  return situation.reading.terms.acts.flatMap((act) =>
    act.moves.length === 0 ? creations(situation, act, user) : changes(situation, act),
  );
}

function creations(situation: Situation, { thing, phrase }: Act, user: string): Call[] {
  const { terms } = situation.reading;
  let drafts: Record<string, Scalar>[] = [{}];
  for (const attribute of thing.attributes) {
    if (attribute.source.kind !== "creator") continue;
    const column = columnOf(terms, attribute);
    const options = optionsOf(situation, { attribute, phrase });
    drafts = drafts.flatMap((draft) => options.map((value) => ({ ...draft, [column]: value })));
    if (drafts.length > ROWS * 2) drafts = situation.random.shuffle(drafts).slice(0, ROWS * 2);
  }
  const own = Object.fromEntries(
    thing.attributes.filter(({ source }) => source.kind === "asks").map((attribute) => [columnOf(terms, attribute), user]),
  );
  return drafts.flatMap((draft, index) =>
    worked(situation, thing, {
      call: { tool: `insert_${thing.table}`, arguments: spanned(situation, phrase, draft) },
      row: storedRow(own),
      moment: "create",
      isOff: index === 0,
    }),
  );
}

/** What an attribute of a new record might be. */
function optionsOf(
  { reading, state, random, compiled }: Situation,
  { attribute: { label, type }, phrase }: { readonly attribute: Attribute; readonly phrase: string },
): Scalar[] {
  const now = nowOf(state);
  switch (type.kind) {
    case "row": {
      const target = thingOf(reading.terms, type.of);
      const live = liveOf(reading.terms, target);
      const key = compiled.catalogue.tables[target.table]?.key[0] ?? "";
      const rows = [...(state[target.table] ?? [])].sort(
        (a, b) => Number(live.includes(String(b[stateColumn]))) - Number(live.includes(String(a[stateColumn]))),
      );
      return (target.layer === "L2" ? rows.slice(0, ROWS) : random.shuffle(rows).slice(0, ROWS)).map((row) => scalarOf(row[key] ?? null));
    }
    case "values":
    case "ranks":
      return type.values.slice(0, 1);
    case "count":
      return type.max === null ? [type.min] : [type.min, type.max];
    case "step":
      return stepsAhead(reading, phrase, label).map((ahead) => now + ahead);
    case "money":
    case "text":
      return [0];
  }
}

/** Steps at both sides of the policy's limits. */
function stepsAhead({ patterns }: Reading, phrase: string, label: string): number[] {
  const edges = patterns.flatMap(({ pattern, slots }) => {
    if (slots["act"] !== phrase || slots["step"] !== label) return [];
    if (pattern === "lead") return [Number(slots["least"]), Number(slots["least"]) - 1];
    return pattern === "horizon" ? [Number(slots["most"]), Number(slots["most"]) + 1] : [];
  });
  return [...edges, 6];
}

/** The end of a span follows its start. */
function spanned({ reading, random }: Situation, phrase: string, draft: Readonly<Record<string, Scalar>>): Record<string, Scalar> {
  const span = reading.patterns.find(({ pattern, slots }) => pattern === "length" && slots["act"] === phrase);
  if (span === undefined) return { ...draft };
  const most = Number(span.slots["most"]);
  const lasts = random.pick([1, 2, most, most + 1]);
  return { ...draft, [nameOf(String(span.slots["to"]))]: Number(draft[nameOf(String(span.slots["from"]))]) + lasts };
}

function changes(situation: Situation, { thing, moves }: Act): Call[] {
  const rows = (situation.state[thing.table] ?? []).slice(-ROWS);
  return rows.flatMap((row) => {
    const move = moves.find(({ from }) => from === row[stateColumn]);
    if (move === undefined) return [];
    const given = thing.attributes
      .filter(({ source }) => source.kind === "given" && source.states.includes(move.to))
      .map((attribute): [string, Scalar] => [columnOf(situation.reading.terms, attribute), 0]);
    const call = {
      tool: `update_${thing.table}`,
      arguments: { [thing.key]: scalarOf(row[thing.key] ?? null), [stateColumn]: move.to, ...Object.fromEntries(given) },
    };
    return worked(situation, thing, { call, row, moment: `${move.from}>${move.to}`, isOff: true });
  });
}

interface Working {
  readonly call: Call;
  readonly row: Row;
  readonly moment: string;
  /** Whether calls with wrong amounts are wanted beside the right one. */
  readonly isOff: boolean;
}

/** The call with its amounts worked out; beside it, where wanted, one with each amount one off. */
function worked({ compiled, reading, state }: Situation, thing: Thing, { call, row, moment, isOff }: Working): Call[] {
  const now = BigInt(nowOf(state));
  const stamps =
    moment === "create"
      ? Object.fromEntries(
          thing.attributes.filter(({ source }) => source.kind === "made").map((attribute) => [columnOf(reading.terms, attribute), now]),
        )
      : {};
  const values: Record<string, Scalar> = { ...call.arguments };
  const fixed = calculationsOf(reading).filter(
    ({ table, at }) => table === thing.table && (at === "create" ? moment === "create" : at.includes(moment)),
  );
  for (const { column, expression } of fixed)
    values[column] = valueFor(compiled, state, { table: thing.table, row: { ...row, ...stamps, ...storedRow(values) }, expression });
  const right = { tool: call.tool, arguments: values };
  return isOff
    ? [right, ...fixed.map(({ column }) => ({ tool: call.tool, arguments: { ...values, [column]: Number(values[column]) + 1 } }))]
    : [right];
}
