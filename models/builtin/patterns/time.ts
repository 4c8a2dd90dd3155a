/** How far ahead something must lie. */
import { number, sentence, words } from "../reading/sentence.js";
import { actOf, attributePath, creationOf, liveOf, momentOf, nameOf, pathTo, thingOf } from "../reading/terms.js";
import { definePattern } from "./pattern.js";
import { judgeLeft } from "./probing.js";

/** At least so many steps must be left. */
export const lead = definePattern(
  sentence("To {act} at least {least} steps must be left until the {step} of the {holder}.", {
    act: words,
    least: number,
    step: words,
    holder: words,
  }),
  {
    id: "lead",
    sort: "threshold",
    heading: "Conditions and limits",
    variables: ({ step, holder }) => [`${holder} ${step}`, "current step"],
    threshold: ({ least }) => least,
    rules: ({ act, least, step, holder }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const to = attributePath(terms, "new", thing, { holder, label: step });
      return [
        { kind: "window", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), from: "now", to, at_least: least },
      ];
    },
    probe: ({ act, least, step, holder }, lab, { terms }) => {
      lab.scene(`${least} steps left`, (scene) => {
        judgeLeft(scene, terms, { act, step, holder, left: least, verdict: "accepted" });
      });
      lab.scene(`${least - 1} steps left`, (scene) => {
        judgeLeft(scene, terms, { act, step, holder, left: least - 1, verdict: "refused" });
      });
    },
  },
);

/** At most so many steps ahead. */
export const horizon = definePattern(
  sentence("To {act} at most {most} steps may be left until the {step} of the {holder}.", {
    act: words,
    most: number,
    step: words,
    holder: words,
  }),
  {
    id: "horizon",
    sort: "threshold",
    heading: "Conditions and limits",
    variables: ({ step, holder }) => [`${holder} ${step}`, "current step"],
    threshold: ({ most }) => most,
    rules: ({ act, most, step, holder }, { terms, rule }) => {
      const { thing, moves } = actOf(terms, act);
      const to = attributePath(terms, "new", thing, { holder, label: step });
      return [{ kind: "window", ...rule, table: thing.table, at: momentOf({ phrase: act, thing, moves }), from: "now", to, at_most: most }];
    },
    probe: ({ act, most, step, holder }, lab, { terms }) => {
      lab.scene(`${most} steps left`, (scene) => {
        judgeLeft(scene, terms, { act, step, holder, left: most, verdict: "accepted" });
      });
      lab.scene(`${most + 1} steps left`, (scene) => {
        judgeLeft(scene, terms, { act, step, holder, left: most + 1, verdict: "refused" });
      });
    },
  },
);

/** It ends after it starts, and does not last too long. */
export const length = definePattern(
  sentence("To {act} the {to} must be from 1 to {most} steps after the {from}.", { act: words, to: words, most: number, from: words }),
  {
    id: "length",
    sort: "threshold",
    heading: "Conditions and limits",
    variables: ({ from, to }) => [from, to],
    threshold: ({ most }) => most,
    rules: ({ act, to, most, from }, { terms, rule }) => {
      const { thing } = actOf(terms, act);
      return [
        {
          kind: "window",
          ...rule,
          table: thing.table,
          at: "create",
          from: `new.${nameOf(from)}`,
          to: `new.${nameOf(to)}`,
          at_least: 1,
          at_most: most,
        },
      ];
    },
    probe: ({ act, to, most, from }, lab) => {
      for (const [steps, verdict] of [
        [1, "accepted"],
        [most, "accepted"],
        [most + 1, "refused"],
        [0, "refused"],
      ] as const) {
        lab.scene(`${steps} steps long`, (scene) => {
          scene.judge(scene.person(), act, verdict, { set: { [from]: scene.now() + 8, [to]: scene.now() + 8 + steps } });
        });
      }
    },
  },
);

/** Two live rows of one resource do not overlap in time. */
export const overlap = definePattern(
  sentence("Live {plural} of the same {resource} may not overlap between {from} and {to}.", {
    plural: words,
    resource: words,
    from: words,
    to: words,
  }),
  {
    id: "overlap",
    sort: "branch",
    heading: "Conditions and limits",
    variables: ({ resource, from, to }) => [resource, from, to],
    introduce: ({ plural }, terms) => {
      terms.apart.add(thingOf(terms, plural).table);
    },
    rules: ({ plural, resource, from, to }, { terms, rule }) => {
      const thing = thingOf(terms, plural);
      const states = [...liveOf(terms, thing)];
      return [
        {
          kind: "overlap",
          ...rule,
          table: thing.table,
          holds: states,
          same: [pathTo(terms, thing, thingOf(terms, resource))],
          span: [nameOf(from), nameOf(to)],
          states,
        },
      ];
    },
    probe: ({ plural, resource, from, to }, lab, { terms }) => {
      const open = creationOf(terms, thingOf(terms, plural)).phrase;
      for (const [start, verdict] of [
        [9, "refused"],
        [10, "accepted"],
        [6, "accepted"],
        [7, "refused"],
      ] as const) {
        lab.scene(`taken from 8 to 10 steps ahead, asked for from ${start} to ${start + 2}`, (scene) => {
          const item = scene.item(resource);
          scene.do(scene.person(), open, { [resource]: item, [from]: scene.now() + 8, [to]: scene.now() + 10 });
          scene.judge(scene.person(), open, verdict, {
            set: { [resource]: item, [from]: scene.now() + start, [to]: scene.now() + start + 2 },
          });
        });
      }
    },
  },
);
