/** Nobody takes the same thing twice at once. */
import { a, sentence, words } from "../reading/sentence.js";
import { creationOf, liveOf, ownerPath, pathTo, thingOf } from "../reading/terms.js";
import { definePattern } from "./pattern.js";

/** Live rows alone: whoever gave it back may take it again. */
export const exclusive = definePattern(
  sentence("{customer} may not have two live {plural} of the same {resource}.", { customer: a, plural: words, resource: words }),
  {
    id: "exclusive",
    sort: "state",
    heading: "Conditions and limits",
    variables: ({ customer, plural, resource }) => [customer, `live ${plural}`, resource],
    introduce: ({ plural }, terms) => {
      terms.apart.add(thingOf(terms, plural).table);
    },
    rules: ({ plural, resource }, { terms, rule }) => {
      const thing = thingOf(terms, plural);
      const same = [ownerPath(terms, thing), pathTo(terms, thing, thingOf(terms, resource))];
      const states = [...liveOf(terms, thing)];
      return [{ kind: "exclusive", ...rule, table: thing.table, holds: states, same, states }];
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
  },
);
