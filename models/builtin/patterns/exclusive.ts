/** Nobody takes the same thing twice at once. */
import { a, sentence, words } from "../reading/sentence.js";
import { liveOf, ownerPath, pathTo, type Terms, type Thing, thingOf } from "../reading/terms.js";
import { tableOf } from "./life.js";
import { definePattern } from "./pattern.js";

/** Where both columns stand in the table itself this is a declaration, else a rule. */
export const exclusive = definePattern(sentence("{customer} may not have two live {plural} of the same {resource}.", { customer: a, plural: words, resource: words }), {
  id: "exclusive",
  sort: "state",
  heading: "Conditions and limits",
  variables: ({ customer, plural, resource }) => [customer, `live ${plural}`, resource],
  declare: ({ plural, resource }, draft, { terms, clause }) => {
    const thing = thingOf(terms, plural);
    const same = keys(terms, thing, resource);
    if (same.every(isColumn)) tableOf(draft, thing).unique = [{ columns: same, states: [...liveOf(terms, thing)], clauses: [clause] }];
  },
  rules: ({ plural, resource }, { terms, rule }) => {
    const thing = thingOf(terms, plural);
    const same = keys(terms, thing, resource);
    const states = [...liveOf(terms, thing)];
    return same.every(isColumn) ? [] : [{ kind: "exclusive", ...rule, table: thing.table, holds: states, same, states }];
  },
});

function keys(terms: Terms, thing: Thing, resource: string): string[] {
  return [ownerPath(terms, thing), pathTo(terms, thing, thingOf(terms, resource))];
}

function isColumn(path: string): boolean {
  return !path.includes(".");
}
