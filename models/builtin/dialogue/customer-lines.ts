/** What a customer says, and how it reads back: the customer's half of the dialogue grammar. */
import { enumerate, hideQuotes, readValue, reveal, type Said, sayValue, sentencesOf, type Wording } from "./plain-text.js";
import { conversational, readThing, sayThing, type Thing } from "./wishes.js";

/** One thing that a customer's line does. */
export type CustomerAct =
  | { readonly kind: "request"; readonly act: string }
  | { readonly kind: "tell"; readonly label: string; readonly value: Said }
  | { readonly kind: "point"; readonly thing: Thing }
  | { readonly kind: "ask_options"; readonly thing: string }
  | { readonly kind: "yes" | "no" | "insist" | "drop" | "accept" | "finish" | "unknown" };

/** "My membership number is M-12 and my birth year is 1980." */
export function sayFacts(facts: Readonly<Record<string, Said>>, words: Wording): string {
  const parts = Object.entries(facts).map(([label, value]) => `my ${label} is ${sayValue(value)}`);
  return `${words(["", "Of course: ", "Certainly: ", "Sure, "])}${enumerate(parts, "and")}.`.replace(/^my/, "My");
}

/** "I would like to …." */
export function sayRequest(act: string, words: Wording): string {
  return words([`I would like to ${act}.`, `I want to ${act}, please.`, `I need to ${act}.`, `Could you help me to ${act}?`]);
}

/** "What are my options for the …?" */
export function sayAskOptions(thing: string, words: Wording): string {
  return words([
    `What are my options for the ${thing}?`,
    `Could you tell me what there is for the ${thing}?`,
    `I am not sure yet: what are the options for the ${thing}?`,
  ]);
}

/** "I mean the … with …."; `say` words the wishes. */
export function sayPoint(thing: Thing, words: Wording, say = conversational(words)): string {
  const phrase = sayThing(thing, { own: "my", say });
  return words([`I mean ${phrase}.`, `It is ${phrase}.`, `That would be ${phrase}.`, `I am thinking of ${phrase}.`]);
}

/** "Then take the … with … instead." */
export function sayInstead(thing: Thing, words: Wording, say = conversational(words)): string {
  const phrase = sayThing(thing, { own: "my", say });
  return words([
    `Then take ${phrase} instead.`,
    `In that case I prefer ${phrase} instead.`,
    `All right, then let it be ${phrase} instead.`,
  ]);
}

/** "The … is 12." */
export function sayTold(label: string, value: Said, words: Wording): string {
  const said = sayValue(value);
  return words([`The ${label} is ${said}.`, `The ${label} should be ${said}.`, `Please make it ${said} for the ${label}.`]);
}

const PLAIN_LINES = {
  yes: ["Yes, please.", "Yes, go ahead.", "Yes, that is right.", "Yes, please do that."],
  no: ["No, that is not what I meant.", "No, not like that.", "No, please wait."],
  insist: [
    "Is there really no way to do it?",
    "It really matters to me. Can you not make an exception?",
    "I would really need this. Are you sure?",
  ],
  drop: ["Then leave it.", "Never mind, then.", "Then I will do without it."],
  accept: ["I see. I accept that.", "I understand and accept it.", "All right, I accept that it cannot be done."],
  finish: ["No, that is all. Thank you.", "That is all, thank you.", "Nothing else, thank you."],
  unknown: ["I do not know that.", "I am afraid I do not know.", "Sorry, I do not know that."],
} as const satisfies Record<string, readonly [string, ...string[]]>;

/** A line that carries no more than its kind. */
export function sayPlainly(kind: keyof typeof PLAIN_LINES, words: Wording): string {
  return words(PLAIN_LINES[kind]);
}

const value = "(?:'[^']*'|\"[^\"]*\"|[^\\s,;]+(?: [^\\s,;]+)*?)";

/** What a line does, in the order said; sentences that say nothing of the kind are left out. */
export function readCustomer(line: string): readonly CustomerAct[] {
  return sentencesOf(hideQuotes(line)).flatMap(readSentence);
}

function readSentence(sentence: string): readonly CustomerAct[] {
  const plain = readPlain(sentence);
  const request = /(?:\bI(?:'d| would) like to|\bI want to|\bI need to|\bhelp me to) (.+?)(?:, please)?\??$/i.exec(sentence);
  if (request?.[1] !== undefined) return [{ kind: "request", act: reveal(request[1]) }];
  const options = /(?:options for|what there is for) the (.+?)\?$/i.exec(sentence);
  if (options?.[1] !== undefined) return [{ kind: "ask_options", thing: options[1] }];
  const thing = /(?:^|\s)(?:whose|with) /.test(sentence) ? readThing(sentence) : null;
  if (thing !== null && thing.wishes.length > 0) return [...plain, { kind: "point", thing }];
  const told = readTold(sentence);
  return told.length > 0 ? told : plain;
}

function readTold(sentence: string): readonly CustomerAct[] {
  const made = new RegExp(`make it (${value}) for the (.+)$`, "i").exec(sentence);
  if (made?.[1] !== undefined && made[2] !== undefined) return [{ kind: "tell", label: made[2], value: readValue(made[1]) }];
  const facts = [
    ...sentence.matchAll(
      new RegExp(`(?:^|[\\s:])(?:my|the) ((?:(?!\\bis\\b).)+?) (?:is|should be) (${value})(?=$|,| and my | and the )`, "gi"),
    ),
  ];
  return facts.map(([, label = "", told = ""]) => ({ kind: "tell", label, value: readValue(told) }));
}

function readPlain(sentence: string): readonly CustomerAct[] {
  if (/that is all|nothing else/i.test(sentence)) return [{ kind: "finish" }];
  if (/\bnot know\b/i.test(sentence)) return [{ kind: "unknown" }];
  if (/^yes\b/i.test(sentence)) return [{ kind: "yes" }];
  if (/^no\b/i.test(sentence)) return [{ kind: "no" }];
  if (/leave it|never mind|do without/i.test(sentence)) return [{ kind: "drop" }];
  if (/\baccept\b/i.test(sentence)) return [{ kind: "accept" }];
  return /\breally\b|exception|are you sure/i.test(sentence) ? [{ kind: "insist" }] : [];
}
