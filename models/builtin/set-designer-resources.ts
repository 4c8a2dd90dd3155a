/** The built-in Set Designer, resource injection: catalogues in which choosing is hard, with prices and dates around the policy's limits. */
import { z } from "zod";
import type { Resources } from "../../agents/set-designer-resources.js";
import { type Vocabulary, vocabularySchema, type VocabularyResource } from "../../agents/vocabulary.js";
import type { ModelRequest } from "../port.js";
import { ORIGIN } from "./clock.js";
import { createRandom, type Random } from "./random.js";
import type { Attribute } from "./reading/attributes.js";
import type { Scalar } from "./reading/lab.js";
import { type Reading, readPolicyText } from "./reading/read-policy.js";
import { columnOf, type Thing } from "./reading/terms.js";
import { readJsonBlock, readTextBlock } from "./request.js";

type ResourceRow = Resources["rows"][number];
type Values = Record<string, Scalar>;

/** Rows of every catalogue and of the customers' organisations. */
export function answerResources(request: ModelRequest): Resources {
  const { vocabulary } = readJsonBlock(request, "seed", z.object({ vocabulary: vocabularySchema }));
  const reading = readPolicyText(readTextBlock(request, "policy"));
  const random = createRandom(request.random, "resources");
  const catalogues = reading.terms.things.filter(({ layer }) => layer === "L0");
  const groups = reading.terms.things.filter((thing) => thing.layer === "L1" && thing.table !== reading.terms.customer?.thing.table);
  return {
    rows: [
      ...groups.flatMap((thing) => groupRows(reading, thing, vocabulary)),
      ...catalogues.flatMap((thing) => catalogueRows({ reading, thing, random, words: wordsOf(vocabulary, thing) })),
    ],
  };
}

function groupRows({ terms }: Reading, thing: Thing, { customers: { group } }: Vocabulary): ResourceRow[] {
  if (group === undefined) return [];
  return group.names.map((name, index) => {
    const standing = index === group.names.length - 1 ? (group.standing.bad[0] ?? group.standing.good) : group.standing.good;
    const values = thing.attributes.map((attribute): [string, Scalar] => [
      columnOf(terms, attribute),
      attribute.label === group.standing.label ? standing : name,
    ]);
    return {
      table: thing.table,
      values: { [thing.key]: `${group.prefix}-${index + 1}`, ...Object.fromEntries(values) },
      label: "base",
      counterpart: null,
      why: "customers belong to it",
    };
  });
}

interface Filling {
  readonly reading: Reading;
  readonly thing: Thing;
  readonly random: Random;
  readonly words: VocabularyResource;
}

/** Base rows in every category, with a companion of each sort. */
function catalogueRows({ reading, thing, random, words }: Filling): ResourceRow[] {
  const { terms } = reading;
  const limits = limitsOf(reading, thing, words.price.label);
  const prices = new Set<number>();
  const price = (wanted: number): number => {
    let free = Math.max(1000, wanted);
    while (prices.has(free)) free += 10;
    prices.add(free);
    return free;
  };
  const drawn = (): number => Math.round(random.integer(words.price.low, words.price.high) / 10) * 10;
  const names = random.shuffle(words.name.values);
  const ahead = [...leadsOf(reading, thing), ...random.shuffle([3, 5, 6, 8, 10, 13, 16])];
  const column = (label: string): string =>
    columnOf(
      terms,
      thing.attributes.find((each) => each.label === label) ?? { label, type: { kind: "text" }, source: { kind: "creator" } },
    );
  const rows: ResourceRow[] = [];
  const add = (
    values: Values,
    label: ResourceRow["label"],
    related: { readonly counterpart: string | null; readonly why: string },
  ): void => {
    rows.push({ table: thing.table, values: { ...values, [thing.key]: `${words.prefix}-${100 + rows.length + 1}` }, label, ...related });
  };
  const make = (index: number, wanted: number): Values => {
    const value = ({ label, type }: Attribute): Scalar => {
      if (label === words.name.label) return names[Math.floor(index / 2) % names.length] ?? "";
      if (label === words.category.label) return words.category.values[index % words.category.values.length] ?? "";
      if (type.kind === "money") return price(wanted);
      if (type.kind === "step") return ORIGIN + (ahead[index % ahead.length] ?? 5);
      if (type.kind === "values") return random.pick(type.values);
      const range = label === words.room?.label ? words.room : words.numbers.find((each) => each.label === label);
      return range === undefined ? label : random.integer(range.low, range.high);
    };
    return {
      [thing.key]: "",
      ...Object.fromEntries(thing.attributes.map((attribute): [string, Scalar] => [columnOf(terms, attribute), value(attribute)])),
    };
  };
  const categories = words.category.values.length;
  const base = 2 * categories;
  // Limits stand in the first category, which is open to most.
  for (let index = 0; index < base; index += 1)
    add(make(index, limits[index / categories] ?? drawn()), "base", { counterpart: null, why: "on offer in its category" });

  const priced = column(words.price.label);
  const other = words.numbers[0];
  const parents = random.shuffle(rows.slice(0, base));
  const keyOf = (row: ResourceRow | undefined): string => String(row?.values[thing.key] ?? "");
  const [first, second, third] = parents;
  if (first !== undefined && other !== undefined) {
    const worse = Number(first.values[column(other.label)]) + random.integer(1, 3);
    add(
      { ...first.values, [priced]: price(Number(first.values[priced]) - random.integer(20, 90) * 10), [column(other.label)]: worse },
      "trade_off",
      { counterpart: keyOf(first), why: `cheaper, but another number of ${other.label}` },
    );
  }
  if (second !== undefined) {
    const category = column(words.category.label);
    const wrong = words.category.values.find((value) => value !== second.values[category]) ?? "";
    add({ ...second.values, [category]: wrong, [priced]: price(Number(second.values[priced]) - 30) }, "distractor", {
      counterpart: keyOf(second),
      why: `alike, but of another ${words.category.label}`,
    });
  }
  if (third !== undefined)
    add({ ...third.values, [priced]: price(Number(third.values[priced]) + random.integer(5, 40) * 10) }, "substitute", {
      counterpart: keyOf(third),
      why: "the same at another price",
    });
  for (let index = 0; index < 2; index += 1) add(make(base + index, drawn()), "noise", { counterpart: null, why: "nobody asks for it" });
  return rows;
}

/** Prices at each limit of the policy, and just beyond. */
function limitsOf({ patterns }: Reading, thing: Thing, label: string): number[] {
  return patterns
    .filter(
      ({ pattern, slots }) =>
        (pattern === "price-cap" || pattern === "approval") && slots["resource"] === thing.noun && slots["price"] === label,
    )
    .flatMap(({ slots }) => [Number(slots["max"]), Number(slots["max"]) + 10]);
}

/** Steps ahead at which something can just be asked for, and just no more. */
function leadsOf({ patterns }: Reading, thing: Thing): number[] {
  return patterns
    .filter(({ pattern, slots }) => pattern === "lead" && slots["holder"] === thing.noun)
    .flatMap(({ slots }) => [Number(slots["least"]), Number(slots["least"]) - 1]);
}

/** @throws {RangeError} If the vocabulary has no such resource. */
function wordsOf({ resources }: Vocabulary, thing: Thing): VocabularyResource {
  const words = resources.find(({ plural }) => plural === thing.plural);
  if (words === undefined) throw new RangeError(`Cannot fill ${thing.table}: the vocabulary has no resource "${thing.plural}"`);
  return words;
}
