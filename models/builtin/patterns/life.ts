/** The life of a record: how it comes to be, which states it goes through, and what never changes again. */
import type { Scalar } from "../reading/lab.js";
import { a, sentence, symbol, symbols, words } from "../reading/sentence.js";
import { columnOf, grantMoves, stateColumn, type Terms, type Thing, thingOf } from "../reading/terms.js";
import { type Context, definePattern, type Draft, type TableInput } from "./pattern.js";

type States = NonNullable<TableInput["states"]>;

/** A customer may create it; it has states. */
export const asked = definePattern(
  sentence("{customer} may ask to {act}, which makes {thing} that starts as {state}.", {
    customer: a,
    act: words,
    thing: a,
    state: symbol,
  }),
  {
    id: "asked",
    sort: "state",
    heading: "What can be asked for",
    variables: ({ thing }) => [thing],
    introduce: ({ act, thing: noun, state }, terms) => {
      introduceStart(terms, thingOf(terms, noun), state, act);
    },
    declare: ({ act, thing, state }, draft, context) => {
      const table = tableOf(draft, thingOf(context.terms, thing));
      table.create = { by: "agent", phrase: act, clauses: [context.clause] };
      declareStart(table, state, context);
    },
    probe: ({ act, thing, state }, lab) => {
      lab.scene(`it starts as ${state}`, (scene) => {
        scene.judge(scene.person(), act, "accepted", { after: [{ noun: thing, where: { id: 1 }, values: { [stateColumn]: state } }] });
      });
    },
  },
);

/** A customer may create it; it has no states. */
export const askedOnce = definePattern(
  sentence("{customer} may ask to {act}, which makes {thing}.", { customer: a, act: words, thing: a }),
  {
    id: "asked-once",
    sort: "other",
    heading: "What can be asked for",
    variables: ({ thing }) => [thing],
    introduce: ({ act, thing: noun }, terms) => {
      terms.acts.push({ phrase: act, thing: thingOf(terms, noun), moves: [] });
    },
    declare: ({ act, thing }, draft, { terms, clause }) => {
      tableOf(draft, thingOf(terms, thing)).create = { by: "agent", phrase: act, clauses: [clause] };
    },
    probe: ({ act, thing }, lab) => {
      lab.scene("it is made", (scene) => {
        scene.judge(scene.person(), act, "accepted", { after: [{ noun: thing, where: { id: 1 }, values: {} }] });
      });
    },
  },
);

/** Only an effect creates it. */
export const systemMade = definePattern(
  sentence("Only the system makes {plural}, and each starts as {state}.", { plural: words, state: symbol }),
  {
    id: "system-made",
    sort: "state",
    heading: "What the system does",
    variables: ({ plural }) => [plural],
    introduce: ({ plural, state }, terms) => {
      introduceStart(terms, thingOf(terms, plural), state, null);
    },
    declare: ({ plural, state }, draft, context) => {
      const table = tableOf(draft, thingOf(context.terms, plural));
      table.create = { by: "system", clauses: [context.clause] };
      declareStart(table, state, context);
    },
  },
);

/** A customer may move it from one state to another. */
export const movable = definePattern(
  sentence("{customer} may ask to {act}, which takes {thing} from {from} to {to}.", {
    customer: a,
    act: words,
    thing: a,
    from: symbols,
    to: symbol,
  }),
  {
    id: "move",
    sort: "state",
    heading: "What can be asked for",
    variables: ({ thing }) => [thing, "status"],
    introduce: ({ act, thing: noun, from, to }, terms) => {
      const thing = thingOf(terms, noun);
      const moves = from.map((each) => ({ from: each, to }));
      terms.acts.push({ phrase: act, thing, moves });
      grantMoves(terms, thing, moves);
    },
    declare: ({ act, thing: noun, from, to }, draft, { terms, clause }) => {
      const thing = thingOf(terms, noun);
      const sets = thing.attributes
        .filter(({ source }) => source.kind === "given" && source.states.includes(to))
        .map((attribute) => columnOf(terms, attribute));
      for (const each of from)
        statesOf(tableOf(draft, thing)).moves.push({ from: each, to, by: "agent", when: "free", sets, phrase: act, clauses: [clause] });
    },
    probe: ({ act, thing, to }, lab) => {
      lab.scene(`it becomes ${to}`, (scene) => {
        scene.judge(scene.person(), act, "accepted", { after: [{ noun: thing, where: { id: 1 }, values: { [stateColumn]: to } }] });
      });
    },
  },
);

/** Nothing leaves these states. */
export const final = definePattern(sentence("{thing} that is {states} never changes again.", { thing: a, states: symbols }), {
  id: "final",
  sort: "irreversible",
  heading: "What can be asked for",
  variables: ({ thing }) => [thing, "status"],
  declare: ({ thing, states }, draft, { terms, clause }) => {
    const machine = statesOf(tableOf(draft, thingOf(terms, thing)));
    machine.end = [...states];
    machine.clauses?.push(clause);
  },
  probe: ({ thing: noun, states }, lab, { terms }) => {
    const thing = thingOf(terms, noun);
    const acts = terms.acts.filter((act) => act.thing.table === thing.table && act.moves.length > 0);
    for (const last of acts.filter(({ moves }) => moves.some(({ to }) => states.includes(to)))) {
      const next = acts.find(({ moves }) => moves.every(({ to }) => last.moves.every((move) => move.to !== to)));
      if (next === undefined) continue;
      lab.scene(`after "${last.phrase}" no "${next.phrase}"`, (scene) => {
        const person = scene.person();
        const row = scene.do(person, last.phrase);
        scene.judge(person, next.phrase, "refused", { set: { row } });
      });
    }
  },
});

/** Which states count. */
export const live = definePattern(sentence("Only {plural} that are {states} count as live.", { plural: words, states: symbols }), {
  id: "live",
  sort: "state",
  heading: "What is kept",
  variables: ({ plural }) => [plural, "status"],
  introduce: ({ plural, states }, terms) => {
    terms.live.set(thingOf(terms, plural).table, states);
  },
  declare: ({ plural, states }, draft, { terms, clause }) => {
    const table = tableOf(draft, thingOf(terms, plural));
    table.live = [...states];
    table.clauses?.push(clause);
  },
});

/** Two rows may be equal in everything but their number. */
export const alike = definePattern(sentence("Two {plural} may be alike in everything but their number.", { plural: words }), {
  id: "alike",
  sort: "other",
  heading: "What is kept",
  variables: ({ plural }) => [plural],
  declare: ({ plural }, draft, { terms, clause }) => {
    tableOf(draft, thingOf(terms, plural)).duplicates = [clause];
  },
  probe: ({ plural }, lab, { terms }) => {
    const thing = thingOf(terms, plural);
    const act = terms.acts.find((each) => each.thing.table === thing.table && each.moves.length === 0);
    if (act === undefined || terms.apart.has(thing.table) || !terms.states.has(thing.table)) return;
    lab.scene("the same once more", (scene) => {
      const person = scene.person();
      const first = scene.do(person, act.phrase);
      const same = thing.attributes
        .filter(({ source }) => source.kind === "creator")
        .map(({ label }): [string, Scalar] => [label, scene.read(thing.noun, first, label)]);
      scene.judge(person, act.phrase, "accepted", { set: Object.fromEntries(same) });
    });
  },
});

/** The draft of a table that its thing has declared. @throws {RangeError} If it has not. */
export function tableOf(draft: Draft, thing: Thing): TableInput {
  const table = draft.tables[thing.table];
  if (table === undefined) throw new RangeError(`Table "${thing.table}" is not declared`);
  return table;
}

/** The draft of its state machine. @throws {RangeError} If no clause says how it starts. */
export function statesOf(table: TableInput): States {
  if (table.states === undefined) throw new RangeError(`No clause says how ${table.label} starts`);
  return table.states;
}

function introduceStart(terms: Terms, thing: Thing, state: string, act: string | null): void {
  terms.states.set(thing.table, [...new Set([state, ...(terms.states.get(thing.table) ?? [])])]);
  if (act !== null) terms.acts.push({ phrase: act, thing, moves: [] });
}

function declareStart(table: TableInput, state: string, { clause }: Context): void {
  table.columns[stateColumn] = { type: "text", clauses: [clause] };
  table.states = { column: stateColumn, start: state, moves: [], end: [], clauses: [clause] };
}
