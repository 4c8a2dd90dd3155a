/** From an episode to the user's side of it: sub-goals with their triggers, and each choice and value as data. */
import type { ProjectorInput } from "../../../agents/projector.js";
import type { Projection } from "../../../environment/task/task-description.js";
import { type Attempt, describeGoal, describeTrigger, describeValue, type DescribedGoal } from "./description.js";
import { type Pursuit, readDialogue } from "./dialogue-reading.js";
import { chanceOf, enumerate, inWords, type Said, type Wording } from "./plain-text.js";
import type { Thing } from "./wishes.js";

export type Story = Omit<ProjectorInput, "correction">;

type Tables = Story["tables"];
type Write = Story["writes"][number];

/** How often a sub-goal that met no refusal says all the same what to do should it meet one. */
const TRIGGERED = 0.3;

/** The projection of an episode told in the author's English. */
export function projectStory(story: Story, words: Wording): Projection {
  const pursuits = readDialogue(story.dialogue).filter(({ end }) => end !== "dropped");
  const accepted = pursuits.filter(({ end }) => end === "accepted");
  const goals = pursuits.map((pursuit) => goalOf(story, pursuit));
  const refused = story.kind === "refusal" ? (story.refusals[0] ?? null) : null;
  return {
    who_you_are: whoIs(story, words),
    gaps: gapsOf(words),
    false_beliefs: pursuits
      .filter(({ attempts, end }) => end === "refused" || attempts.length > 1)
      .slice(0, 3)
      .map(({ act }) => `You believe that nothing keeps you from what you have in mind when you ${act}.`.slice(0, 400)),
    goal: `All you are after is this: to ${enumerate([...new Set(pursuits.map(({ act }) => act))], "and")}.`.slice(0, 800),
    sub_goals:
      goals.length === 0
        ? [{ title: "Ask what is possible", text: "You have no wish that could be told.", trigger: null }]
        : goals.slice(0, 12).map((goal, index) => subGoal(goal, pursuits[index]?.end === "refused" ? 1 : TRIGGERED)),
    choices: accepted.flatMap((pursuit, write) => choicesOf(story, pursuit, story.writes[write])),
    values: accepted.flatMap((pursuit, write) => valuesOf(story, pursuit, story.writes[write])),
    refusal:
      refused === null
        ? null
        : {
            tool: refused.tool,
            arguments: Object.fromEntries(
              Object.entries(refused.arguments).filter((entry): entry is [string, Said | null] => isScalar(entry[1])),
            ),
            rule: refused.rule,
          },
  };
}

function goalOf({ kind }: Story, { act, attempts, end }: Pursuit): DescribedGoal {
  const [first = { things: [], values: {} }, ...others] = attempts.map(({ things, values }) => ({
    values: mapValues(values),
    things: things.map(inPlainWords),
  }));
  const fallbacks = others.flatMap(({ things }, index) => changedThing((index === 0 ? first : others[index - 1])?.things ?? [], things));
  return { act, first, fallbacks, end: kind === "refusal" && end === "refused" ? "insist" : "give_up" };
}

/** Values such as IN_TRANSIT are told in words; the data keeps them as they are. */
function inPlainWords(thing: Thing): Thing {
  return { ...thing, wishes: thing.wishes.map((wish) => (wish.value === undefined ? wish : { ...wish, value: inWords(wish.value) })) };
}

function mapValues(values: Attempt["values"]): Attempt["values"] {
  return Object.fromEntries(Object.entries(values).map(([label, value]) => [label, inWords(value)]));
}

function changedThing(before: readonly Thing[], after: readonly Thing[]): readonly Thing[] {
  return after.filter((thing) => !before.some((other) => JSON.stringify(other) === JSON.stringify(thing))).slice(0, 1);
}

/** @param triggered how often the sub-goal says what to do should it be refused; one with a fallback always does. */
function subGoal(goal: DescribedGoal, triggered: number): Projection["sub_goals"][number] {
  const reacts = goal.fallbacks.length > 0 || chanceOf(JSON.stringify(goal)) < triggered;
  return { title: titleOf(goal.act), text: describeGoal(goal), trigger: reacts ? describeTrigger(goal) : null };
}

function titleOf(act: string): string {
  return `${act.slice(0, 1).toUpperCase()}${act.slice(1)}`.slice(0, 120);
}

function whoIs({ profile }: Story, words: Wording): string {
  const name = Object.entries(profile).find(([label, value]) => /\bname\b/i.test(label) && typeof value === "string")?.[1];
  const manner = words([
    "You are friendly and brief.",
    "You are polite and a little in a hurry.",
    "You are patient and precise.",
    "You like to hear what there is before you decide.",
  ]);
  return `You are ${name === undefined || name === null ? "a customer" : `${name}, a customer`}. What identifies you stands in your profile, and you tell it when you are asked. ${manner}`;
}

function gapsOf(words: Wording): string[] {
  return [
    words([
      "You do not know how things are called or numbered on the other side; you describe what you mean.",
      "You know no codes or numbers; you can only describe what you mean.",
    ]),
    words([
      "You do not know what is on offer or allowed until the agent tells you.",
      "What is possible at the moment you only learn from the agent.",
    ]),
  ];
}

function choicesOf(story: Story, pursuit: Pursuit, write: Write | undefined): Projection["choices"] {
  if (write === undefined) return [];
  return (pursuit.attempts.at(-1)?.things ?? []).flatMap((thing) => {
    const place = placeOf(story.tables, write, thing);
    const table = place === null ? undefined : story.tables[place.table];
    if (place === null || table === undefined) return [];
    const told = thing.wishes.flatMap(({ column, comparison, value }) => {
      const name = columnLabelled(table, column);
      return name === null ? [] : [{ column: name, comparison, ...(value === undefined ? {} : { value }) }];
    });
    const wishes = [...(thing.own ? ownWish(story, place.table) : []), ...told];
    return wishes.length === 0 ? [] : [{ write: write.write, argument: place.argument, table: place.table, wishes }];
  });
}

/** The argument that a thing fills, and the table it points into. */
function placeOf(
  tables: Tables,
  { tool, arguments: given }: Write,
  { label }: Thing,
): { readonly argument: string; readonly table: string } | null {
  const written = tool.replace(/^(?:insert|update)_/, "");
  const own = tables[written];
  if (own === undefined) return null;
  if (tool.startsWith("update_") && own.label === label) return { argument: own.key[0] ?? "", table: written };
  const pointing = Object.keys(given).flatMap((argument) => {
    const table = own.columns[argument]?.references;
    return table === undefined ? [] : [{ argument, table }];
  });
  return (
    pointing.find(({ argument }) => own.columns[argument]?.label === label) ??
    pointing.find(({ table }) => tables[table]?.label === label) ??
    null
  );
}

function columnLabelled({ columns }: Tables[string], label: string): string | null {
  const found = Object.entries(columns).find(([name, column]) => column.label === label || name.replaceAll("_", " ") === label);
  return found?.[0] ?? null;
}

/** "Mine" as a wish: the column that holds the customer's key, where the rows have one. */
function ownWish({ tables, profile, writes }: Story, table: string): Projection["choices"][number]["wishes"] {
  const customers = Object.entries(tables).find(([, { columns }]) =>
    Object.keys(profile).every((label) => Object.values(columns).some((column) => column.label === label)),
  );
  if (customers === undefined) return [];
  const [name, { key, columns }] = customers;
  const value = profile[columns[key[0] ?? ""]?.label ?? ""];
  const given = new Set(writes.filter(({ tool }) => tool === `insert_${table}`).flatMap(({ arguments: all }) => Object.keys(all)));
  const column = Object.entries(tables[table]?.columns ?? {}).find(
    ([each, { references }]) => references === name && !given.has(each),
  )?.[0];
  return column === undefined || value === undefined || value === null ? [] : [{ column, comparison: "=", value }];
}

function valuesOf(story: Story, pursuit: Pursuit, write: Write | undefined): Projection["values"] {
  if (write === undefined) return [];
  const { things = [], values = {} } = pursuit.attempts.at(-1) ?? {};
  const pointed = new Set(things.map((thing) => placeOf(story.tables, write, thing)?.argument));
  const own = story.tables[write.tool.replace(/^(?:insert|update)_/, "")];
  return Object.entries(write.arguments).flatMap(([argument, value]): Projection["values"] => {
    if (pointed.has(argument)) return [];
    const labels = [own?.columns[argument]?.label, argument.replaceAll("_", " ")];
    // The act itself tells the state that it leads to.
    if (
      write.tool.startsWith("update_") &&
      typeof value === "string" &&
      /^[A-Z][A-Z0-9_]*$/.test(value) &&
      !Object.values(values).includes(value)
    )
      return [{ write: write.write, argument, from: "description", quote: `to ${pursuit.act}.` }];
    const told = Object.entries(values).find(([label, said]) => labels.includes(label) && String(said) === String(value));
    if (told === undefined) return [{ write: write.write, argument, from: "policy" }];
    return [{ write: write.write, argument, from: "description", quote: describeValue(told[0], inWords(told[1])) }];
  });
}

function isScalar(value: unknown): value is Said | null {
  return value === null || typeof value === "string" || typeof value === "number";
}
