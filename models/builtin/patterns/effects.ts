/** What the system does by itself: counts, cascades, records that follow. */
import type { After } from "../reading/lab.js";
import { a, number, sentence, symbol, symbols, words } from "../reading/sentence.js";
import {
  actOf,
  attributePath,
  creationOf,
  grantMoves,
  liveOf,
  momentOf,
  movesInto,
  nameOf,
  pathTo,
  rankAtLeast,
  startOf,
  stateColumn,
  thingOf,
} from "../reading/terms.js";
import { statesOf, tableOf } from "./life.js";
import { definePattern } from "./pattern.js";
import { actInto, rankBelow } from "./probing.js";

/** A maintained count. */
export const counter = definePattern(
  sentence("The system keeps as {label} of {owner} the number of its live {children}.", { label: words, owner: a, children: words }),
  {
    id: "counter",
    sort: "effect",
    heading: "What the system does",
    variables: ({ children }) => [`live ${children}`],
    rules: ({ label, owner, children }, { terms, effect }) => {
      const thing = thingOf(terms, owner);
      const child = thingOf(terms, children);
      const rows = { from: child.table, match: { [pathTo(terms, child, thing)]: `owner.${thing.key}` }, states: [...liveOf(terms, child)] };
      return [{ kind: "counter", ...effect, table: thing.table, column: nameOf(label), rows }];
    },
    probe: ({ label, owner, children }, lab, { terms }) => {
      const child = thingOf(terms, children);
      const live = liveOf(terms, child);
      const open = creationOf(terms, child).phrase;
      const counted = (values: number): After[] => [{ noun: owner, where: { id: 1 }, values: { [nameOf(label)]: values } }];
      lab.scene("the first one", (scene) => {
        scene.judge(scene.person(), open, "accepted", { after: counted(1) });
      });
      lab.scene("the second one", (scene) => {
        const person = scene.person();
        scene.do(person, open);
        scene.judge(person, open, "accepted", { after: counted(2) });
      });
      const leave = terms.acts.find(
        (act) => act.thing.table === child.table && act.moves.length > 0 && act.moves.every(({ to }) => !live.includes(to)),
      );
      if (leave !== undefined)
        lab.scene("one that is no longer live", (scene) => {
          scene.judge(scene.person(), leave.phrase, "accepted", { after: counted(0) });
        });
    },
  },
);

/** What happens to a record happens to those that hang on it. */
export const cascade = definePattern(
  sentence("When {parent} becomes {states}, its {children} that are {from} become {to}.", {
    parent: a,
    states: symbols,
    children: words,
    from: symbols,
    to: symbol,
  }),
  {
    id: "cascade",
    sort: "effect",
    heading: "What the system does",
    variables: ({ parent, children }) => [`${parent} status`, `${children} status`],
    introduce: ({ children, from, to }, terms) => {
      grantMoves(
        terms,
        thingOf(terms, children),
        from.map((each) => ({ from: each, to })),
      );
    },
    declare: ({ children, from, to }, draft, { terms, clause }) => {
      const machine = statesOf(tableOf(draft, thingOf(terms, children)));
      for (const each of from) machine.moves.push({ from: each, to, by: "system", when: "free", clauses: [clause] });
    },
    rules: ({ parent, states, children, from, to }, { terms, effect }) => {
      const thing = thingOf(terms, parent);
      const child = thingOf(terms, children);
      const rows = { from: child.table, match: { [pathTo(terms, child, thing)]: `new.${thing.key}` }, states: [...from] };
      return [
        { kind: "propagate", ...effect, table: thing.table, at: movesInto(terms, thing, states), rows, set: { [stateColumn]: `'${to}'` } },
      ];
    },
    probe: ({ parent, states, children, to }, lab, { terms }) => {
      const thing = thingOf(terms, parent);
      const child = thingOf(terms, children);
      const isAsked = terms.acts.some((act) => act.thing.table === child.table && act.moves.length === 0);
      for (const act of terms.acts.filter(
        (each) => each.thing.table === thing.table && each.moves.some((move) => states.includes(move.to)),
      )) {
        lab.scene(`after "${act.phrase}"`, (scene) => {
          const person = isAsked ? scene.person() : scene.asker(child.noun);
          if (isAsked) scene.do(person, creationOf(terms, child).phrase);
          const row = scene.made(child.noun);
          scene.judge(person, act.phrase, "accepted", { after: [{ noun: child.noun, where: { id: row }, values: { [stateColumn]: to } }] });
        });
      }
    },
  },
);

/** A dear choice of the lower ranks needs somebody else's word. */
export const approvalNeeded = definePattern(
  sentence(
    "When {customers} below {ladder} {rank} {act} where the {price} of the {resource} is above {max}, the system makes {approval} for it.",
    {
      customers: words,
      ladder: words,
      rank: symbol,
      act: words,
      resource: words,
      price: words,
      max: number,
      approval: a,
    },
  ),
  {
    id: "approval",
    sort: "effect",
    heading: "What the system does",
    variables: ({ ladder, resource, price }) => [ladder, `${resource} ${price}`],
    rules: ({ rank, act, resource, price, max, approval }, { terms, effect }) => {
      const { thing } = actOf(terms, act);
      const into = thingOf(terms, approval);
      const when = `not (${rankAtLeast(terms, rank)}) and ${attributePath(terms, "new", thing, { holder: resource, label: price })} > ${max}`;
      const values = { [pathTo(terms, into, thing)]: "new.id", [stateColumn]: `'${startOf(terms, into)}'` };
      return [{ kind: "spawn", ...effect, table: thing.table, at: "create", when, into: into.table, values }];
    },
    probe: ({ rank, act, resource, price, max, approval }, lab, { terms }) => {
      const { thing } = actOf(terms, act);
      const into = thingOf(terms, approval);
      const low = rankBelow(terms, rank);
      lab.scene(`${price} ${max + 1}, one rank below`, (scene) => {
        scene.judge(scene.person({ rank: low }), act, "accepted", {
          set: { [resource]: scene.item(resource, { [price]: max + 1 }) },
          after: [{ noun: approval, where: { [pathTo(terms, into, thing)]: 1 }, values: { [stateColumn]: startOf(terms, into) } }],
        });
      });
      const confirm = terms.acts.find(
        (each) => each.thing.table === thing.table && each.moves.some((move) => liveOf(terms, thing).includes(move.to)),
      );
      if (confirm === undefined) return;
      for (const [amount, who] of [
        [max, low],
        [max + 1, rank],
      ] as const) {
        lab.scene(`${price} ${amount}, of rank ${who}: none is made, so it goes on`, (scene) => {
          const person = scene.person({ rank: who });
          scene.do(person, act, { [resource]: scene.item(resource, { [price]: amount }) });
          scene.judge(person, confirm.phrase, "accepted");
        });
      }
    },
  },
);

/** Coming late costs. */
export const lateFee = definePattern(
  sentence("When {thing} becomes {state} after its {step}, the system makes {fee} with {label} {amount} for each step since.", {
    thing: a,
    state: symbol,
    step: words,
    fee: a,
    label: words,
    amount: number,
  }),
  {
    id: "late-fee",
    sort: "effect",
    heading: "What the system does",
    variables: ({ step }) => [step, "current step"],
    rules: ({ thing: noun, state, step, fee, label, amount }, { terms, effect }) => {
      const thing = thingOf(terms, noun);
      const into = thingOf(terms, fee);
      const late = `new.${nameOf(step)}`;
      const values = {
        [pathTo(terms, into, thing)]: "new.id",
        [nameOf(label)]: `(now - ${late}) * ${amount}`,
        [stateColumn]: `'${startOf(terms, into)}'`,
      };
      return [
        {
          kind: "spawn",
          ...effect,
          table: thing.table,
          at: movesInto(terms, thing, [state]),
          when: `now > ${late}`,
          into: into.table,
          values,
        },
      ];
    },
    probe: ({ thing: noun, state, step, fee, label, amount }, lab, { terms }) => {
      const thing = thingOf(terms, noun);
      const act = actInto(terms, thing, state);
      const into = thingOf(terms, fee);
      for (const late of [1, 3]) {
        lab.scene(`${late} steps late`, (scene) => {
          const person = scene.person();
          const row = scene.do(person, creationOf(terms, thing).phrase);
          scene.wait(Number(scene.read(noun, row, step)) - scene.now() + late);
          scene.judge(person, act, "accepted", {
            set: { row },
            after: [{ noun: fee, where: { [pathTo(terms, into, thing)]: row }, values: { [nameOf(label)]: amount * late } }],
          });
        });
      }
    },
  },
);

/** A follow-up record puts a date off. */
export const extension = definePattern(
  sentence("To {act} puts the {label} of the {parent} off by {steps} steps.", { act: words, label: words, parent: words, steps: number }),
  {
    id: "extension",
    sort: "effect",
    heading: "What the system does",
    variables: ({ label }) => [label],
    threshold: ({ steps }) => steps,
    rules: ({ act, label, parent, steps }, { terms, effect }) => {
      const { thing, moves } = actOf(terms, act);
      const target = thingOf(terms, parent);
      const rows = { from: target.table, match: { [target.key]: `new.${pathTo(terms, thing, target)}` }, states: "any" as const };
      return [
        {
          kind: "propagate",
          ...effect,
          table: thing.table,
          at: momentOf({ phrase: act, thing, moves }),
          rows,
          set: { [nameOf(label)]: `row.${nameOf(label)} + ${steps}` },
        },
      ];
    },
    probe: ({ act, label, parent, steps }, lab, { terms }) => {
      const target = thingOf(terms, parent);
      lab.scene("it is put off", (scene) => {
        const person = scene.person();
        const row = scene.do(person, creationOf(terms, target).phrase);
        const values = { [nameOf(label)]: Number(scene.read(parent, row, label)) + steps };
        scene.judge(person, act, "accepted", { after: [{ noun: parent, where: { id: row }, values }] });
      });
    },
  },
);
