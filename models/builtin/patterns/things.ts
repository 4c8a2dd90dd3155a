/** What is kept: reference data, people and organisations, and the records that customers make. */
import { type Attribute, attributes } from "../reading/attributes.js";
import { a, sentence, words } from "../reading/sentence.js";
import { columnOf, movesInto, nameOf, referencesOf, type Terms, type Thing, thingOf } from "../reading/terms.js";
import { definePattern, type Draft, type TableInput } from "./pattern.js";

type ColumnInput = TableInput["columns"][string];

/** A read-only catalogue (L0). */
export const catalogue = definePattern(
  sentence("The catalogue of {plural} lists {noun} by its {key}, with {attributes}.", { plural: words, noun: a, key: words, attributes }),
  {
    id: "catalogue",
    sort: "other",
    heading: "What is kept",
    kind: "conduct",
    variables: ({ attributes: list }) => list.map(({ label }) => label),
    thing: (values, clause) => listed("L0", values, clause),
    declare: ({ plural }, draft, { terms }) => {
      declareListed(draft, terms, thingOf(terms, plural));
    },
  },
);

/** A read-only register of people or organisations (L1). */
export const register = definePattern(
  sentence("The register of {plural} holds {noun} by its {key}, with {attributes}.", { plural: words, noun: a, key: words, attributes }),
  {
    id: "register",
    sort: "other",
    heading: "What is kept",
    kind: "conduct",
    variables: ({ attributes: list }) => list.map(({ label }) => label),
    thing: (values, clause) => listed("L1", values, clause),
    declare: ({ plural }, draft, { terms }) => {
      declareListed(draft, terms, thingOf(terms, plural));
    },
  },
);

/** What is recorded of a transaction (L2). */
export const record = definePattern(
  sentence("Of {noun} the list of {plural} records {attributes}.", { noun: a, plural: words, attributes }),
  {
    id: "record",
    sort: "other",
    heading: "What is kept",
    variables: ({ attributes: list }) => list.map(({ label }) => label),
    thing: ({ noun, plural, attributes: list }, clause) => ({
      noun,
      plural,
      table: nameOf(plural),
      layer: "L2",
      key: "id",
      attributes: list,
      clause,
    }),
    declare: ({ plural }, draft, { terms, clause }) => {
      const thing = thingOf(terms, plural);
      const key: ColumnInput = { type: "integer", label: `${thing.noun} number`, clauses: [clause] };
      draft.tables[thing.table] = {
        label: thing.noun,
        plural,
        layer: "L2",
        key: "id",
        columns: { id: key, ...columnsOf(terms, thing, [clause]) },
        clauses: [clause],
      };
    },
    probe: ({ plural }, lab, { terms }) => {
      const thing = thingOf(terms, plural);
      const act = terms.acts.find((each) => each.thing.table === thing.table && each.moves.length === 0)?.phrase;
      if (act === undefined) return;
      for (const { to, attribute } of referencesOf(terms, thing)) {
        if (to.layer === "L0")
          lab.scene(`a ${to.noun} that is not listed`, (scene) => {
            scene.judge(scene.person(), act, "refused", { set: { [attribute.label]: "NONE-0" } });
          });
      }
    },
  },
);

function listed(
  layer: "L0" | "L1",
  values: { readonly plural: string; readonly noun: string; readonly key: string; readonly attributes: readonly Attribute[] },
  clause: string,
): Thing {
  return {
    noun: values.noun,
    plural: values.plural,
    table: nameOf(values.plural),
    layer,
    key: nameOf(values.key),
    attributes: values.attributes,
    clause,
  };
}

function declareListed(draft: Draft, terms: Terms, thing: Thing): void {
  draft.tables[thing.table] = {
    label: thing.noun,
    plural: thing.plural,
    layer: thing.layer,
    key: thing.key,
    columns: { [thing.key]: { type: "text" }, ...columnsOf(terms, thing, []) },
    clauses: [],
  };
  for (const { label, type } of thing.attributes) if (type.kind === "ranks") draft.ladders[nameOf(label)] = [...type.values];
}

function columnsOf(terms: Terms, thing: Thing, clauses: readonly string[]): Record<string, ColumnInput> {
  return Object.fromEntries(
    thing.attributes.map((attribute) => [columnOf(terms, attribute), columnFor(terms, thing, attribute, [...clauses])]),
  );
}

function columnFor(terms: Terms, thing: Thing, attribute: Attribute, clauses: string[]): ColumnInput {
  return { ...typeOf(terms, thing, attribute), ...sourceOf(terms, thing, attribute), ...(clauses.length === 0 ? {} : { clauses }) };
}

function typeOf(terms: Terms, thing: Thing, { label, type, source }: Attribute): ColumnInput {
  switch (type.kind) {
    case "text":
      return { type: "text" };
    case "money":
      return { type: "integer", unit: "money", min: 0 };
    case "count":
      return { type: "integer", unit: "count", min: type.min, ...(type.max === null ? {} : { max: type.max }) };
    case "step":
      return { type: "integer", unit: "step", ...(thing.layer !== "L2" || source.kind === "creator" ? { step: "planned" } : {}) };
    case "values":
    case "ranks":
      return { type: "text", values: [...type.values] };
    case "row": {
      const target = thingOf(terms, type.of);
      return { type: target.layer === "L2" ? "integer" : "text", references: target.table, label };
    }
  }
}

function sourceOf(terms: Terms, thing: Thing, { type, source }: Attribute): Partial<ColumnInput> {
  switch (source.kind) {
    case "creator":
      return {};
    case "made":
      return { stamp: "create" };
    case "asks":
      return { by: "user" };
    case "system":
      return { insert: "system", update: "system", ...(type.kind === "count" || type.kind === "money" ? { default: 0 } : {}) };
    case "given":
      return { null: "none", insert: "system" };
    case "recorded":
      return { null: "none", stamp: movesInto(terms, thing, source.states) };
    case "decides":
      return { null: "none", by: "user", stamp: movesInto(terms, thing, source.states) };
  }
}
