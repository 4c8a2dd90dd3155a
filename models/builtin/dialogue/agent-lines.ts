/** What the agent says, and how it reads back: the agent's half of the dialogue grammar. */
import { type Attributes, readAttributes, sayAttributes } from "./options.js";
import { enumerate, hideQuotes, readValue, reveal, type Said, sayValue, sentencesOf, type Wording } from "./plain-text.js";

/** A part of what is about to be done: a row that is pointed to, or a value. */
export type Detail =
  | { readonly kind: "row"; readonly label: string; readonly attributes: Attributes }
  | { readonly kind: "value"; readonly label: string; readonly value: Said };

/** Options of a thing; those that the act is not open for are told apart. */
export interface Options {
  readonly thing: string;
  readonly own: boolean;
  readonly open: readonly Attributes[];
  readonly closed: readonly Attributes[];
  /** Rows not listed, since there are too many. */
  readonly more: number;
}

/** One entry of a menu: an act and what it is about at the moment. */
export interface MenuItem {
  readonly act: string;
  readonly note: string;
}

/** One thing that an agent's line does. */
export type AgentAct =
  | { readonly kind: "identify"; readonly labels: readonly string[] }
  | { readonly kind: "menu"; readonly items: readonly MenuItem[] }
  | { readonly kind: "which"; readonly thing: string; readonly own: boolean }
  | { readonly kind: "options"; readonly options: Options }
  | { readonly kind: "none" | "restate"; readonly thing: string }
  | { readonly kind: "ask"; readonly label: string; readonly choices: readonly Said[]; readonly number: "whole" | "any" | null }
  | { readonly kind: "confirm"; readonly act: string; readonly details: readonly Detail[] }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "done" | "else" | "stuck" };

/** "May I have your membership number and your birth year, please?" */
export function sayIdentify(labels: readonly string[], words: Wording): string {
  const asked = enumerate(
    labels.map((label) => `your ${label}`),
    "and",
  );
  return words([`May I have ${asked}, please?`, `Could you please tell me ${asked}?`, `To begin with, could you give me ${asked}?`]);
}

/** The acts that are possible here, a line each. */
export function sayMenu(items: readonly MenuItem[], words: Wording): string {
  const head = words(["Here is what I can do for you:", "This is what you can do at the moment:", "These things are possible now:"]);
  const lines = items.map(({ act, note }) => `- ${act}${note === "" ? "" : ` (${note})`}`);
  return [head, ...lines, words(["What would you like?", "What can I do for you?"])].join("\n");
}

/** "Which loan of yours do you mean?" */
export function sayWhich(thing: { readonly label: string; readonly own: boolean }, words: Wording): string {
  if (thing.own) return words([`Which ${thing.label} of yours do you mean?`, `Which ${thing.label} of yours is it about?`]);
  return words([`Which ${thing.label} would you like?`, `Which ${thing.label} do you mean?`]);
}

/** The options of a thing and a question that takes the conversation on. */
export function sayOptions({ thing, own, open, closed, more }: Options, question: string): string {
  const whose = own ? "Your options" : "The options";
  const lines = [`${whose} for the ${thing}:`, ...open.map((row) => `- ${sayAttributes(row)}`)];
  if (closed.length > 0) lines.push(`Not open for this at the moment:`, ...closed.map((row) => `- ${sayAttributes(row)}`));
  if (more > 0) lines.push(`There are ${more} more.`);
  return [...lines, question].join("\n");
}

/** A question that tells several rows apart. */
export function sayTellApart(words: Wording): string {
  return words(["Several fit. What tells the one you mean apart?", "More than one fits. Could you describe it further?"]);
}

/** A question for everything that is known of a thing, where less would not do for certain. */
export function sayRestate(thing: string, words: Wording): string {
  return words([
    `So that there is no doubt, could you describe the ${thing} in full?`,
    `To be sure of the right one: could you describe the ${thing} in full?`,
  ]);
}

/** "There is no loan that fits." */
export function sayNone(thing: string, words: Wording): string {
  return words([`I am afraid there is no ${thing} that fits.`, `I find no ${thing} that fits.`]);
}

/** "What should the return step be? (…)" */
export function sayAsk(
  ask: { readonly label: string; readonly choices: readonly Said[]; readonly number: "whole" | "any" | null },
  words: Wording,
): string {
  const choices = ask.choices.length > 0 ? ` (${enumerate(ask.choices.map(sayValue), "or")})` : "";
  const hint = choices !== "" || ask.number === null ? choices : ask.number === "whole" ? " (a whole number)" : " (a number)";
  return words([`What should the ${ask.label} be${hint}?`, `What is the ${ask.label}${hint}?`]);
}

/** What is about to be done, with everything that it is done with. */
export function sayConfirm(act: string, details: readonly Detail[], words: Wording): string {
  const head = words([`I am about to ${act}, with:`, `This is what I would do now: ${act}, with:`]);
  const lines = details.map((detail) =>
    detail.kind === "row"
      ? `- the ${detail.label} (${sayAttributes(detail.attributes)})`
      : `- the ${detail.label}: ${sayValue(detail.value)}`,
  );
  return [head, ...lines, words(["Shall I go ahead?", "Shall I do that? Please say yes or no."])].join("\n");
}

/** What was done, and what the system changed by itself. */
export function sayDone(
  row: Attributes,
  effects: readonly { readonly label: string; readonly attributes: Attributes }[],
  words: Wording,
): string {
  const facts = Object.keys(row).length === 0 ? "" : ` Now: ${sayAttributes(row)}.`;
  const more = effects.map(({ label, attributes }) => ` The system also set, on the ${label}: ${sayAttributes(attributes)}.`);
  return `${words(["Done.", "That is done.", "It is done."])}${facts}${more.join("")}`;
}

/** Why something cannot be done. */
export function sayRefused(reason: string, words: Wording): string {
  return `${words(["I am sorry, that cannot be done", "Unfortunately that cannot be done", "I am afraid that cannot be done"])}: ${reason}`;
}

/** "Is there anything else?" */
export function sayElse(words: Wording): string {
  return words(["Is there anything else I can do for you?", "Is there anything else?", "Would you like anything else?"]);
}

/** The agent did not follow. */
export function sayStuck(words: Wording): string {
  return words(["I am sorry, I did not follow. What would you like to do?", "Sorry, could you say what you would like to do?"]);
}

/** What a line does, in the order said; sentences that say nothing of the kind are left out. */
export function readAgent(line: string): readonly AgentAct[] {
  const hidden = hideQuotes(line);
  const lists = [readMenu(hidden), readConfirm(hidden), readOptions(hidden)].filter((act) => act !== null);
  return [
    ...lists,
    ...sentencesOf(hidden)
      .filter((sentence) => !sentence.startsWith("- "))
      .flatMap(readSentence),
  ];
}

function readSentence(sentence: string): readonly AgentAct[] {
  const refused = /\b(?:cannot|can not|can't|could not) be (?:done|made)(?:: (.*))?|not possible|unable to/i.exec(sentence);
  if (refused !== null) return [{ kind: "refused", reason: reveal(refused[1] ?? sentence) }];
  if (/^(?:done|that is done|it is done)\b/i.test(sentence)) return [{ kind: "done" }];
  if (/anything else/i.test(sentence)) return [{ kind: "else" }];
  if (/did not follow|could you say what/i.test(sentence)) return [{ kind: "stuck" }];
  const none = /\bno (.+?) that fits/i.exec(sentence);
  if (none?.[1] !== undefined) return [{ kind: "none", thing: none[1] }];
  const restate = /describe the (.+?) in full\?$/i.exec(sentence);
  if (restate?.[1] !== undefined) return [{ kind: "restate", thing: restate[1] }];
  if (/\?$/.test(sentence) && /\byour /i.test(sentence)) return [{ kind: "identify", labels: askedLabels(sentence) }];
  const which = /^which (.+?)( of yours)? (?:do you mean|is it about|would you like)\?$/i.exec(sentence);
  if (which?.[1] !== undefined) return [{ kind: "which", thing: which[1], own: which[2] !== undefined }];
  return readAsk(sentence);
}

function askedLabels(sentence: string): readonly string[] {
  return [...sentence.matchAll(/\byour (.+?)(?=,? and your |, your |,? please|\?)/gi)].map(([, label = ""]) => label);
}

function readAsk(sentence: string): readonly AgentAct[] {
  const ask = /^what (?:should|is) the (.+?)(?: be)?(?: \((.*)\))?\?$/i.exec(sentence);
  if (ask?.[1] === undefined) return [];
  const number = ask[2] === "a whole number" ? "whole" : ask[2] === "a number" ? "any" : null;
  const choices = number !== null || ask[2] === undefined ? [] : ask[2].split(/, | or /).map(readValue);
  return [{ kind: "ask", label: ask[1], choices, number }];
}

function readMenu(hidden: string): AgentAct | null {
  const lines = hidden.split("\n");
  const start = lines.findIndex((line) => /what I can do for you:$|you can do at the moment:$|possible now:$/.test(line));
  if (start < 0) return null;
  const items = listAfter(lines, start).map((line) => /^(.+?)(?: \((.*)\))?$/.exec(line));
  return {
    kind: "menu",
    items: items.filter((found) => found !== null).map(([, act = "", note = ""]) => ({ act: reveal(act), note: reveal(note) })),
  };
}

function readConfirm(hidden: string): AgentAct | null {
  const lines = hidden.split("\n");
  const start = lines.findIndex((line) => /^(?:.* )?(?:I am about to|what I would do now:) .+, with:$/.test(line));
  const act = /(?:I am about to|what I would do now:) (.+), with:$/.exec(lines[start] ?? "")?.[1];
  return act === undefined ? null : { kind: "confirm", act: reveal(act), details: listAfter(lines, start).flatMap(readDetail) };
}

function readDetail(line: string): readonly Detail[] {
  const row = /^the (.+?) \((.*)\)$/.exec(line);
  if (row?.[1] !== undefined) return [{ kind: "row", label: row[1], attributes: readAttributes(reveal(row[2] ?? "")) }];
  const single = /^the (.+?): (.+)$/.exec(line);
  return single?.[1] === undefined || single[2] === undefined ? [] : [{ kind: "value", label: single[1], value: readValue(single[2]) }];
}

function readOptions(hidden: string): AgentAct | null {
  const lines = hidden.split("\n");
  const start = lines.findIndex((line) => /(?:Your|The) options for the .+:$/.test(line));
  const head = /(Your|The) options for the (.+):$/.exec(lines[start] ?? "");
  if (head?.[2] === undefined) return null;
  const shut = lines.findIndex((line) => /^Not open for this/.test(line));
  const rows = (from: number): readonly Attributes[] =>
    from < 0 ? [] : listAfter(lines, from).map((line) => readAttributes(reveal(line)));
  const more = Number(/There are ([0-9]+) more/.exec(hidden)?.[1] ?? 0);
  return { kind: "options", options: { thing: head[2], own: head[1] === "Your", open: rows(start), closed: rows(shut), more } };
}

function listAfter(lines: readonly string[], start: number): readonly string[] {
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => !line.startsWith("- "));
  return (end < 0 ? rest : rest.slice(0, end)).map((line) => line.slice(2));
}
