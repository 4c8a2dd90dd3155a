/** A policy that the user brings: kept word for word, its clauses numbered and classed, what was no clause reported. */
import type { Policy } from "./architect-policy.js";

type Clause = Policy["clauses"][number];

export interface PolicyReading {
  readonly policy: Policy;
  /** The line, from 1, where each clause starts, in the order of the clauses. */
  readonly lines: readonly number[];
  /** What was not taken as a clause, numbered anew, shortened, or classed by its words: by line, for the user to look at. */
  readonly gaps: readonly string[];
}

/** A clause as it stands in the text, its lines joined. */
interface Passage {
  readonly line: number;
  readonly own: string | null;
  readonly heading: string | undefined;
  readonly section: number;
  words: string;
}

/**
 * Reads Markdown: `#` headings make sections. A clause starts after a blank line or heading, at a list mark, or at a number;
 * the lines that follow it belong to it. A clause that starts with a number such as `3.2` keeps it; the others are numbered in
 * their section. `[conduct]` or `[enforceable]` at its end classes it; else it is conduct where it is about the conversation
 * only, and enforceable otherwise.
 */
export function policyFromText(text: string): PolicyReading {
  const { title, passages, gaps } = passagesOf(text);
  const kept = passages.filter(({ words }) => words.length >= 3);
  for (const { line, words } of passages) if (words.length < 3) gaps.push({ line, what: `"${words}" is too short for a clause` });
  const owned = new Set(kept.flatMap(({ own }) => (own === null ? [] : [own])));
  const taken = new Set<string>();
  const clauses = kept.map(({ line, own, heading, section, words }): Clause => {
    const id = own !== null && !taken.has(own) ? own : freeId(Math.max(1, section), new Set([...taken, ...owned]));
    taken.add(id);
    if (own === null) gaps.push({ line, what: `had no number and is clause ${id}` });
    else if (own !== id) gaps.push({ line, what: `number ${own} stands twice; this one is clause ${id}` });
    const mark = /^(.*\S)\s*\[(conduct|enforceable)\]$/.exec(words);
    const kind = mark === null ? kindOf(words) : mark[2] === "conduct" ? "conduct" : "enforceable";
    if (mark === null && kind === "conduct")
      gaps.push({
        line,
        what: `clause ${id} is about the conversation only and classed as conduct; [enforceable] at its end classes it otherwise`,
      });
    return { id, kind, text: mark?.[1] ?? words, ...(heading === undefined ? {} : { heading }) };
  });
  const lines = gaps.sort((a, b) => a.line - b.line).map(({ line, what }) => `line ${String(line)}: ${what}`);
  return { policy: { title: title.padEnd(3), clauses }, lines: kept.map(({ line }) => line), gaps: lines };
}

/** The longest title and heading that a policy holds. */
const LONGEST = 120;

function passagesOf(text: string): { title: string; passages: Passage[]; gaps: { line: number; what: string }[] } {
  const gaps: { line: number; what: string }[] = [];
  const passages: Passage[] = [];
  let title: string | undefined;
  let heading: string | undefined;
  let section = 0;
  let open: Passage | null = null;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const words = raw.trim();
    const line = index + 1;
    const head = /^(#{1,6})\s+(.+)$/.exec(words);
    if (head !== null) {
      const name = head[2] ?? "";
      if (name.length > LONGEST) gaps.push({ line, what: `is a heading of more than ${String(LONGEST)} characters and shortened` });
      if (title === undefined && head[1] === "#") title = name.slice(0, LONGEST);
      else {
        heading = name.slice(0, LONGEST);
        section += 1;
      }
      open = null;
    } else if (words === "") open = null;
    else if (words.startsWith("|") || !/[\p{L}\p{N}]/u.test(words)) {
      gaps.push({ line, what: `"${words.slice(0, 20)}" is no clause` });
      open = null;
    } else if (open === null || startsClause(words, open.words)) {
      open = { line, heading, section, ...numbered(words) };
      passages.push(open);
    } else open.words += ` ${words}`;
  }
  return { title: title ?? "Policy", passages, gaps };
}

/** A bare number inside a sentence ("within ⏎ 30 days") is a quantity: it starts a clause only after a sentence, or before a capital. */
function startsClause(line: string, before: string): boolean {
  if (/^[-*+]\s/.test(line) || /^\d+(\.\d+){0,2}(\.\s|\.?\))/.test(line)) return true;
  return /^\d+(\.\d+){0,2}\s/.test(line) && (/[.!?:;\]]$/.test(before) || /^[\d.]+\s+\p{Lu}/u.test(line));
}

/** A leading clause number or list mark, and the words after it. */
function numbered(line: string): { own: string | null; words: string } {
  const match = /^(?:[-*+]\s+)?(?:(\d+(?:\.\d+){0,2})\.?[\s)]+)?(.*)$/.exec(line);
  return { own: match?.[1] ?? null, words: match?.[2] ?? line };
}

function freeId(section: number, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const id = `${String(section)}.${String(number)}`;
    if (!taken.has(id)) return id;
  }
}

/** Who speaks, or an order to them: "the agent must never", "before a write, you", "always". */
const SPEAKER =
  "^(?:[^,.]*,\\s+)?(?:(?:the\\s+|an?\\s+)?(?:agents?|assistants?|representatives?|you)\\s+)?(?:(?:must|should|shall|may|can|cannot|will|do|does|don't|not|never|always|please|first|only)\\s+)*";
/** What is done in words alone. To confirm is that only where it is said of what, before what or with whom; a record may be confirmed too. */
const SPEECH = [
  "(?:explain|tell|ask|inform|invent|guess|greet|thank|remind|repeat|reveal|disclose|promise|speak|answer|apologi[sz]e)(?:s|es)?",
  "repl(?:y|ies)",
  "makes?\\s+(?:up|nothing up)",
  "(?:is|are|be|stays?|remains?)\\s+(?:always\\s+)?(?:polite|courteous|friendly|honest|brief|professional)",
  "confirms?(?=\\s+(?:before|what|that|with|(?:all|the|every)\\s+details?)\\b|.*\\b(?:with|to)\\s+the\\s+(?:customer|user|client)\\b)",
  "(?:transfer|hand|refer)s?\\b(?=.*\\bhuman\\b)",
];
const CONVERSATION = new RegExp(`${SPEAKER}(?:${SPEECH.join("|")})\\b`, "i");
/** A limit is a rule on records, whoever the sentence is about. */
const LIMIT = /\d|\b(?:at most|at least|more than|less than|fewer than|up to|within)\b/i;

/** Conduct where every sentence has somebody speak, and none has a limit: a rule taken for conduct would go unenforced. */
function kindOf(words: string): Clause["kind"] {
  const isSpoken = words.split(/(?<=[.!?;])\s+/).every((sentence) => CONVERSATION.test(sentence) && !LIMIT.test(sentence));
  return isSpoken ? "conduct" : "enforceable";
}
