/** People and catalogue rows made to measure for the Verifier's examples: as good as can be, unless a scene wants them otherwise. */
import type { Row } from "../../environment/core/values.js";
import type { Attribute } from "./reading/attributes.js";
import type { PersonWish } from "./reading/lab.js";
import { columnOf, customerOf, ladderOf, type Thing, thingOf } from "./reading/terms.js";
import type { Stage, Stock } from "./stage.js";
import { nowOf, storedOf } from "./world.js";

export interface ExampleStock extends Stock {
  person(wish: PersonWish): string;
}

type Wanted = Readonly<Record<string, string | number>>;

/** A stock that adds its rows to the stage's state, numbered on from `from`. */
export function createStock(stageOf: () => Stage, from = 0): ExampleStock {
  let made = from;

  function add(thing: Thing, set: Wanted): string {
    const stage = stageOf();
    made += 1;
    const key = `${thing.noun.charAt(0).toUpperCase()}-${made}`;
    const row: Record<string, Row[string]> = { [thing.key]: key };
    for (const attribute of thing.attributes)
      row[columnOf(stage.reading.terms, attribute)] = storedOf(set[attribute.label] ?? good(stage, thing, attribute, key));
    stage.state = { ...stage.state, [thing.table]: [...(stage.state[thing.table] ?? []), row] };
    return key;
  }

  function good(stage: Stage, thing: Thing, attribute: Attribute, key: string): string | number {
    const { type, label } = attribute;
    switch (type.kind) {
      case "text":
        return `${label} of ${key}`;
      case "ranks":
        return type.values.at(-1) ?? "";
      case "values":
        return goodValue(stage, label, type.values);
      case "count":
        return 9;
      case "money":
        return goodPrice(stage, thing, label);
      case "step":
        return nowOf(stage.state) + 10;
      case "row": {
        const group = thingOf(stage.reading.terms, type.of);
        const existing = stage.state[group.table]?.[0]?.[group.key];
        return typeof existing === "string" ? existing : add(group, {});
      }
    }
  }

  function person({ rank, set = {}, group }: PersonWish): string {
    const { terms } = stageOf().reading;
    const customer = customerOf(terms);
    const ranked = rank === undefined ? {} : { [ladderOf(terms).label]: rank };
    return add(customer, { ...ranked, ...set, ...(group === undefined ? {} : ownGroup(customer, group)) });
  }

  function ownGroup(customer: Thing, set: Wanted): Wanted {
    const attribute = customer.attributes.find(({ type }) => type.kind === "row");
    if (attribute?.type.kind !== "row") return {};
    return { [attribute.label]: add(thingOf(stageOf().reading.terms, attribute.type.of), set) };
  }

  function below(rank: string): string {
    const { ranks } = ladderOf(stageOf().reading.terms);
    return person({ rank: ranks[ranks.indexOf(rank) - 1] ?? rank });
  }

  return { person, other: () => person({}), below, item: add };
}

/** A listed value that is wanted by one clause at least and that no clause restricts. */
function goodValue({ reading }: Stage, label: string, values: readonly string[]): string {
  const named = (pattern: string, slot: string): string[] =>
    reading.patterns
      .filter((each) => each.pattern === pattern && each.slots[slot] === label)
      .flatMap(({ slots }) => (Array.isArray(slots["values"]) ? slots["values"].map(String) : []));
  const wanted = [...named("standing", "label"), ...named("group-standing", "label")];
  const restricted = named("rank-category", "category");
  return values.find((value) => wanted.includes(value)) ?? values.find((value) => !restricted.includes(value)) ?? values[0] ?? "";
}

/** Below every limit, and odd enough to show how shares are rounded. */
function goodPrice({ reading }: Stage, thing: Thing, label: string): number {
  const limits = reading.patterns.flatMap(({ pattern, slots }) =>
    (pattern === "price-cap" || pattern === "approval") && slots["resource"] === thing.noun && slots["price"] === label
      ? [Number(slots["max"])]
      : [],
  );
  return Math.min(1999, ...limits);
}
