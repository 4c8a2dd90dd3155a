/** Nobody takes the same thing twice at once. */
import { a, sentence, words } from "../reading/sentence.js";
import { creationOf, liveOf, ownerPath, pathTo, type Terms, type Thing, thingOf } from "../reading/terms.js";
import { tableOf } from "./life.js";
import { definePattern } from "./pattern.js";

/** Where both columns stand in the table itself this is a declaration, else a rule. */
export const exclusive = definePattern(sentence("{customer} may not have two live {plural} of the same {resource}.", { customer: a, plural: words, resource: words }), {
  id: "exclusive",
  sort: "state",
  heading: "Conditions and limits",
  variables: ({ customer, plural, resource }) => [customer, `live ${plural}`, resource],
  introduce: ({ plural }, terms) => {
    terms.apart.add(thingOf(terms, plural).table);
  },
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
  probe: ({ plural, resource }, lab, { terms }) => {
    const thing = thingOf(terms, plural);
    const open = creationOf(terms, thing).phrase;
    lab.scene("the same once more", (scene) => {
      const person = scene.person();
      const item = scene.read(thing.noun, scene.do(person, open), resource);
      scene.judge(person, open, "refused", { set: { [resource]: item } });
    });
    lab.scene("the same for somebody else", (scene) => {
      const item = scene.read(thing.noun, scene.do(scene.person(), open), resource);
      scene.judge(scene.person(), open, "accepted", { set: { [resource]: item } });
    });
  },
});

function keys(terms: Terms, thing: Thing, resource: string): string[] {
  return [ownerPath(terms, thing), pathTo(terms, thing, thingOf(terms, resource))];
}

function isColumn(path: string): boolean {
  return !path.includes(".");
}
