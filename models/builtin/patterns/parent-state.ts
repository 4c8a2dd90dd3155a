/** What the record that something belongs to must be like. */
import { number, sentence, symbols, words } from "../reading/sentence.js";
import { actOf, creationOf, liveOf, momentOf, oneOf, pathTo, stateColumn, thingOf } from "../reading/terms.js";
import { definePattern } from "./pattern.js";

/** The parent must be in one of these states. */
export const parentState = definePattern(
  sentence("To {act} the {parent} must be {states}.", { act: words, parent: words, states: symbols }),
  {
    id: "parent-state",
    sort: "state",
    heading: "Conditions and limits",
    variables: ({ parent }) => [`${parent} status`],
    rules: ({ act, parent, states }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const path = pathTo(terms, thing, thingOf(terms, parent));
      return [
        {
          kind: "prerequisite",
          ...rule,
          table: thing.table,
          at: momentOf({ phrase: act, thing, moves }),
          row: `new.${path}`,
          in: [...states],
        },
      ];
    },
    probe: ({ act: phrase, parent: noun, states }, lab, { terms }) => {
      const act = actOf(terms, phrase);
      const parent = thingOf(terms, noun);
      lab.scene(`the ${noun} is ${states[0] ?? ""}`, (scene) => {
        scene.judge(scene.person(), phrase, "accepted");
      });
      if (act.moves.length > 0) {
        lab.scene(`the ${noun} is in another state`, (scene) => {
          const person = scene.person();
          const row = scene.do(person, creationOf(terms, act.thing).phrase);
          if (!states.includes(String(terms.states.get(parent.table)?.[0]))) scene.judge(person, phrase, "refused", { set: { row } });
        });
        return;
      }
      for (const change of terms.acts.filter(
        ({ thing, moves }) => thing.table === parent.table && moves.length > 0 && moves.every(({ to }) => !states.includes(to)),
      )) {
        lab.scene(`after "${change.phrase}"`, (scene) => {
          const person = scene.person();
          const row = scene.do(person, change.phrase);
          scene.judge(person, phrase, "refused", { set: { [noun]: row } });
        });
      }
    },
  },
);

/** It may only be closed when nothing live is left in it. */
export const emptyFirst = definePattern(sentence("To {act} there must be no live {children} in it.", { act: words, children: words }), {
  id: "empty-first",
  sort: "state",
  heading: "Conditions and limits",
  variables: ({ children }) => [`live ${children}`],
  rules: ({ act, children }, { terms, rule }) => {
    const { thing, moves } = actOf(terms, act);
    const child = thingOf(terms, children);
    const rows = { from: child.table, match: { [pathTo(terms, child, thing)]: "new.id" }, states: [...liveOf(terms, child)] };
    return [{ kind: "absent", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), rows }];
  },
  probe: ({ act: phrase, children }, lab, { terms }) => {
    const { thing } = actOf(terms, phrase);
    const child = thingOf(terms, children);
    const live = liveOf(terms, child);
    const open = creationOf(terms, child).phrase;
    const leave = terms.acts.find(
      (act) => act.thing.table === child.table && act.moves.length > 0 && act.moves.every(({ to }) => !live.includes(to)),
    );
    lab.scene("nothing was ever in it", (scene) => {
      scene.judge(scene.person(), phrase, "accepted");
    });
    lab.scene("one live in it", (scene) => {
      const person = scene.person();
      const row = scene.do(person, creationOf(terms, thing).phrase);
      scene.do(person, open, { [thing.noun]: row });
      scene.judge(person, phrase, "refused", { set: { row } });
    });
    if (leave === undefined) return;
    lab.scene("what was in it is no longer live", (scene) => {
      const person = scene.person();
      const row = scene.do(person, creationOf(terms, thing).phrase);
      scene.do(person, leave.phrase, { row: scene.do(person, open, { [thing.noun]: row }) });
      scene.judge(person, phrase, "accepted", { set: { row } });
    });
  },
});

/** It needs a number of live children first. */
export const enoughFirst = definePattern(
  sentence("To {act} at least {least} live {children} must be in it.", { act: words, least: number, children: words }),
  {
    id: "enough-first",
    sort: "threshold",
    heading: "Conditions and limits",
    variables: ({ children }) => [`live ${children}`],
    threshold: ({ least }) => least,
    rules: ({ act, least, children }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const child = thingOf(terms, children);
      const count = { from: child.table, match: { [pathTo(terms, child, thing)]: "new.id" }, states: [...liveOf(terms, child)] };
      return [{ kind: "limit", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), count, min: least }];
    },
    probe: ({ act: phrase, least, children }, lab, { terms }) => {
      const { thing } = actOf(terms, phrase);
      const open = creationOf(terms, thingOf(terms, children)).phrase;
      for (const [count, verdict] of [
        [least, "accepted"],
        [least - 1, "refused"],
      ] as const) {
        lab.scene(`${count} live in it`, (scene) => {
          const person = scene.person();
          const row = scene.do(person, creationOf(terms, thing).phrase);
          for (let index = 0; index < count; index += 1) scene.do(person, open, { [thing.noun]: row });
          scene.judge(person, phrase, verdict, { set: { row } });
        });
      }
    },
  },
);

/** Every child of it must have reached a state. */
export const everyChild = definePattern(
  sentence("To {act} every {child} for it must be {states}.", { act: words, child: words, states: symbols }),
  {
    id: "every-child",
    sort: "branch",
    heading: "Conditions and limits",
    variables: ({ child }) => [child, `${child} status`],
    rules: ({ act, child: noun, states }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const child = thingOf(terms, noun);
      const rows = {
        from: child.table,
        match: { [pathTo(terms, child, thing)]: "new.id" },
        states: "any" as const,
        where: `not (${oneOf(`row.${stateColumn}`, states)})`,
      };
      return [{ kind: "absent", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), rows }];
    },
    probe: ({ act: phrase, child: noun, states }, lab, { terms }) => {
      const child = thingOf(terms, noun);
      lab.scene(`there is no ${noun}`, (scene) => {
        scene.judge(scene.person(), phrase, "accepted");
      });
      lab.scene(`one ${noun} is not decided`, (scene) => {
        scene.judge(scene.asker(noun), phrase, "refused");
      });
      for (const { phrase: decide, moves } of terms.acts.filter(({ thing }) => thing.table === child.table)) {
        const isEnough = moves.every(({ to }) => states.includes(to));
        lab.scene(`after "${decide}"`, (scene) => {
          const asker = scene.asker(noun);
          scene.do(scene.person(), decide, { row: scene.made(noun) });
          scene.judge(asker, phrase, isEnough ? "accepted" : "refused");
        });
      }
    },
  },
);
