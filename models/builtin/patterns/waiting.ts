/** Waiting lists: who may queue, in which order, and who comes next; and what is owed. */
import { a, number, sentence, symbol, symbols, words } from "../reading/sentence.js";
import {
  actOf,
  attributePath,
  creationOf,
  grantMoves,
  liveOf,
  matching,
  momentOf,
  movesInto,
  nameOf,
  ownerPath,
  pathTo,
  referencesOf,
  stateColumn,
  thingOf,
} from "../reading/terms.js";
import { statesOf, tableOf } from "./life.js";
import { definePattern } from "./pattern.js";
import { actInto } from "./probing.js";

/** One queues only where nothing is free. */
export const onlyWhenTaken = definePattern(
  sentence("To {act} all {label} of the {resource} must be taken by live {children}.", {
    act: words,
    label: words,
    resource: words,
    children: words,
  }),
  {
    id: "only-when-taken",
    sort: "branch",
    heading: "Conditions and limits",
    variables: ({ label, children }) => [label, `live ${children}`],
    introduce: ({ act, label }, terms) => {
      terms.rooms.set(actOf(terms, act).thing.table, label);
    },
    rules: ({ act, label, resource, children }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const child = thingOf(terms, children);
      const holder = thingOf(terms, resource);
      const count = {
        from: child.table,
        ...matching(pathTo(terms, child, holder), `new.${pathTo(terms, thing, holder)}`),
        states: [...liveOf(terms, child)],
      };
      return [
        {
          kind: "limit",
          ...rule,
          table: thing.table,
          at: momentOf({ phrase: act, thing, moves }),
          count,
          min: attributePath(terms, "new", thing, { holder: resource, label }),
        },
      ];
    },
    probe: ({ act, label, resource, children }, lab, { terms }) => {
      const open = creationOf(terms, thingOf(terms, children)).phrase;
      for (const [taken, verdict] of [
        [2, "accepted"],
        [1, "refused"],
      ] as const) {
        lab.scene(`${taken} of 2 taken`, (scene) => {
          const item = scene.item(resource, { [label]: 2 });
          for (let index = 0; index < taken; index += 1) scene.do(scene.person(), open, { [resource]: item });
          scene.judge(scene.person(), act, verdict, { set: { [resource]: item } });
        });
      }
    },
  },
);

/** The place in the queue is a business number, the next one. */
export const queueNumber = definePattern(
  sentence("The {label} of a new {thing} is the number of {plural} of the same {resource}, itself included.", {
    label: words,
    thing: words,
    plural: words,
    resource: words,
  }),
  {
    id: "queue-number",
    sort: "calculation",
    heading: "Conditions and limits",
    variables: ({ plural, resource }) => [`${plural} of the ${resource}`],
    declare: ({ label, thing: noun, resource }, draft, { terms, clause }) => {
      const thing = thingOf(terms, noun);
      (tableOf(draft, thing).unique ??= []).push({
        columns: [pathTo(terms, thing, thingOf(terms, resource)), nameOf(label)],
        clauses: [clause],
      });
    },
    rules: ({ label, thing: noun, resource }, { terms, rule }) => {
      const thing = thingOf(terms, noun);
      const column = pathTo(terms, thing, thingOf(terms, resource));
      return [
        {
          kind: "calculation",
          ...rule,
          table: thing.table,
          at: "create",
          column: nameOf(label),
          is: `count(other in ${thing.table} where other.${column} = new.${column})`,
        },
      ];
    },
    probe: ({ label, thing: noun, resource }, lab, { terms }) => {
      const open = creationOf(terms, thingOf(terms, noun)).phrase;
      lab.scene("the first", (scene) => {
        scene.judge(scene.person(), open, "accepted");
      });
      lab.scene("the first, one too high", (scene) => {
        scene.judge(scene.person(), open, "refused", { off: { [label]: 1 } });
      });
      for (const [verdict, off] of [
        ["accepted", {}],
        ["refused", { [label]: -1 }],
      ] as const) {
        lab.scene(`the second, ${verdict}`, (scene) => {
          const item = scene.read(noun, scene.do(scene.person(), open), resource);
          scene.judge(scene.person(), open, verdict, { set: { [resource]: item }, off });
        });
      }
    },
  },
);

/** What is given back goes to whoever waits first. */
export const promotion = definePattern(
  sentence("When {thing} becomes {states}, the {waiting} that is {from} for the same {resource} with the lowest {label} becomes {to}.", {
    thing: a,
    states: symbols,
    waiting: words,
    from: symbol,
    resource: words,
    label: words,
    to: symbol,
  }),
  {
    id: "promotion",
    sort: "effect",
    heading: "What the system does",
    variables: ({ thing, waiting, label }) => [`${thing} status`, `${waiting} status`, label],
    introduce: ({ waiting, from, to }, terms) => {
      grantMoves(terms, thingOf(terms, waiting), [{ from, to }]);
    },
    declare: ({ waiting, from, to }, draft, { terms, clause }) => {
      statesOf(tableOf(draft, thingOf(terms, waiting))).moves.push({ from, to, by: "system", when: "free", clauses: [clause] });
    },
    rules: ({ thing: noun, states, waiting, from, resource, label, to }, { terms, effect }) => {
      const thing = thingOf(terms, noun);
      const queue = thingOf(terms, waiting);
      const holder = thingOf(terms, resource);
      const match = { [pathTo(terms, queue, holder)]: `new.${pathTo(terms, thing, holder)}` };
      const at = movesInto(terms, thing, states);
      return [
        {
          kind: "promote",
          ...effect,
          table: thing.table,
          at,
          pick: { from: queue.table, match, states: [from], order: [nameOf(label)] },
          set: { [stateColumn]: `'${to}'` },
        },
      ];
    },
    probe: ({ thing: noun, states, waiting, from, resource, to }, lab, { terms }) => {
      const thing = thingOf(terms, noun);
      const join = creationOf(terms, thingOf(terms, waiting)).phrase;
      for (const state of states) {
        lab.scene(`two wait, the first comes next after ${state}`, (scene) => {
          const taker = scene.person();
          const item = scene.item(resource, { [terms.rooms.get(thingOf(terms, waiting).table) ?? ""]: 1 });
          const row = scene.do(taker, creationOf(terms, thing).phrase, { [resource]: item });
          const first = scene.do(scene.person(), join, { [resource]: item });
          const second = scene.do(scene.person(), join, { [resource]: item });
          const after = [
            { noun: waiting, where: { id: first }, values: { [stateColumn]: to } },
            { noun: waiting, where: { id: second }, values: { [stateColumn]: from } },
          ];
          scene.judge(taker, actInto(terms, thing, state), "accepted", { set: { row }, after });
        });
      }
    },
  },
);

/** Nobody gets ahead of those who wait. */
export const nobodyWaits = definePattern(
  sentence("To {act} no {waiting} for the same {resource} may be {states}.", {
    act: words,
    waiting: words,
    resource: words,
    states: symbols,
  }),
  {
    id: "nobody-waits",
    sort: "branch",
    heading: "Conditions and limits",
    variables: ({ waiting, resource }) => [resource, `${waiting} status`],
    rules: ({ act, waiting, resource, states }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const queue = thingOf(terms, waiting);
      const holder = thingOf(terms, resource);
      const rows = {
        from: queue.table,
        ...matching(pathTo(terms, queue, holder), `new.${pathTo(terms, thing, holder)}`),
        states: [...states],
      };
      return [{ kind: "absent", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), rows }];
    },
    probe: ({ act, waiting, resource }, lab, { terms }) => {
      const { thing } = actOf(terms, act);
      const held = referencesOf(terms, thing).find(({ to }) => to.layer === "L2")?.to ?? thing;
      lab.scene("nobody waits", (scene) => {
        scene.judge(scene.person(), act, "accepted");
      });
      lab.scene("somebody waits", (scene) => {
        const person = scene.person();
        const item = scene.item(resource, { [terms.rooms.get(thingOf(terms, waiting).table) ?? ""]: 1 });
        scene.do(person, creationOf(terms, held).phrase, { [resource]: item });
        scene.do(scene.person(), creationOf(terms, thingOf(terms, waiting)).phrase, { [resource]: item });
        scene.judge(person, act, "refused");
      });
    },
  },
);

/** Whoever owes too much must pay first. */
export const balance = definePattern(
  sentence("To {act} the {label} of the {customer}'s {debts} that are {states} may sum to at most {max}.", {
    act: words,
    label: words,
    customer: words,
    debts: words,
    states: symbols,
    max: number,
  }),
  {
    id: "balance",
    sort: "branch",
    heading: "Conditions and limits",
    variables: ({ debts, label }) => [`${debts} ${label}`, `${debts} status`],
    rules: ({ act, label, debts, states, max }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const debt = thingOf(terms, debts);
      const rows = { from: debt.table, ...matching(ownerPath(terms, debt), "actor"), states: [...states] };
      return [
        {
          kind: "limit",
          ...rule,
          table: thing.table,
          at: momentOf({ phrase: act, thing, moves }),
          sum: { of: `row.${nameOf(label)}`, rows },
          max,
        },
      ];
    },
    probe: ({ act, debts, max }, lab) => {
      lab.scene("nothing is owed", (scene) => {
        scene.judge(scene.person(), act, "accepted");
      });
      for (const [more, verdict] of [
        [0, "accepted"],
        [1, "refused"],
      ] as const) {
        lab.scene(more === 0 ? "just as much is owed" : "more is owed", (scene) => {
          const person = scene.person();
          scene.owe(person, debts, { amount: max, more });
          scene.judge(person, act, verdict);
        });
      }
    },
  },
);
