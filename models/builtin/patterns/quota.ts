/** How many there may be at once. */
import { a, number, sentence, symbol, words } from "../reading/sentence.js";
import { attributePath, creationOf, ladderOf, liveOf, ownerPath, pathTo, type Terms, type Thing, thingOf } from "../reading/terms.js";
import { definePattern } from "./pattern.js";
import { probeQuota, rankBelow } from "./probing.js";

/** At most so many live rows in one parent. */
export const quotaPerParent = definePattern(
  sentence("In {parent} there may be at most {max} live {children}.", { parent: a, max: number, children: words }),
  {
    id: "quota",
    sort: "threshold",
    heading: "Conditions and limits",
    variables: ({ parent, children }) => [parent, `live ${children}`],
    threshold: ({ max }) => max,
    rules: ({ parent, max, children }, { terms, rule }) => {
      const child = thingOf(terms, children);
      return [
        { kind: "quota", ...rule, table: child.table, ...counted(terms, child), per: [pathTo(terms, child, thingOf(terms, parent))], max },
      ];
    },
    probe: ({ max, children }, lab, { terms }) => {
      probeQuota(lab, terms, { children, max, person: (scene) => scene.person() });
    },
  },
);

/** At most so many live rows of one customer. */
export const quotaPerCustomer = definePattern(
  sentence("{customer} may have at most {max} live {children}.", { customer: a, max: number, children: words }),
  {
    id: "quota-customer",
    sort: "threshold",
    heading: "Conditions and limits",
    variables: ({ customer, children }) => [customer, `live ${children}`],
    threshold: ({ max }) => max,
    rules: ({ max, children }, { terms, rule }) => {
      const child = thingOf(terms, children);
      return [{ kind: "quota", ...rule, table: child.table, ...counted(terms, child), per: [ownerPath(terms, child)], max }];
    },
    probe: ({ max, children }, lab, { terms }) => {
      probeQuota(lab, terms, { children, max, person: (scene) => scene.person() });
    },
  },
);

/** The same, with more from some rank up. */
export const quotaByRank = definePattern(
  sentence("{customer} may have at most {max} live {children}, but {more} from {label} {rank} up.", {
    customer: a,
    max: number,
    children: words,
    more: number,
    label: words,
    rank: symbol,
  }),
  {
    id: "quota-rank",
    sort: "branch",
    heading: "Conditions and limits",
    variables: ({ customer, children, label }) => [customer, `live ${children}`, label],
    threshold: ({ max }) => max,
    rules: ({ max, more, children, rank }, { terms, rule }) => {
      const child = thingOf(terms, children);
      const owner = ownerPath(terms, child);
      const { column } = ladderOf(terms);
      const above = `rank(${column}, new.${owner}.${column}) >= rank(${column}, '${rank}')`;
      return [
        {
          kind: "quota",
          ...rule,
          table: child.table,
          ...counted(terms, child),
          per: [owner],
          max: { cases: [{ when: above, is: more }], else: max },
        },
      ];
    },
    probe: ({ max, more, children, rank }, lab, { terms }) => {
      probeQuota(lab, terms, { children, max, person: (scene) => scene.person({ rank: rankBelow(terms, rank) }) });
      probeQuota(lab, terms, { children, max: more, person: (scene) => scene.person({ rank }) });
    },
  },
);

/** No more at once than the resource has room for. */
export const capacity = definePattern(
  sentence("There may be at most as many live {children} of {resource} as its {label}.", { children: words, resource: a, label: words }),
  {
    id: "capacity",
    sort: "branch",
    heading: "Conditions and limits",
    variables: ({ resource, children, label }) => [`${resource} ${label}`, `live ${children}`],
    rules: ({ children, resource, label }, { terms, rule }) => {
      const child = thingOf(terms, children);
      const holder = thingOf(terms, resource);
      const path = pathTo(terms, child, holder);
      return [
        {
          kind: "quota",
          ...rule,
          table: child.table,
          ...counted(terms, child),
          per: [path],
          max: attributePath(terms, "new", child, { holder: resource, label }),
        },
      ];
    },
    probe: ({ children, resource, label }, lab, { terms }) => {
      const open = creationOf(terms, thingOf(terms, children)).phrase;
      for (const [room, verdict] of [
        [2, "accepted"],
        [1, "refused"],
      ] as const) {
        lab.scene(`one taken of ${room}`, (scene) => {
          const item = scene.item(resource, { [label]: room });
          scene.do(scene.person(), open, { [resource]: item });
          scene.judge(scene.person(), open, verdict, { set: { [resource]: item } });
        });
      }
    },
  },
);

function counted(terms: Terms, child: Thing): { holds: string[]; states: string[] } | { holds: "always" } {
  const states = [...liveOf(terms, child)];
  return states.length === 0 ? { holds: "always" } : { holds: states, states };
}
