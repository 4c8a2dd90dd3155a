/** The agent's part: it identifies the customer, says what can be done, and carries out one request after the other. */
import { type MenuItem, sayIdentify, sayMenu, sayStuck } from "./agent-lines.js";
import { converse } from "./agent-frame.js";
import { perform } from "./agent-perform.js";
import { belongingOf, type Desk, fieldNamed, type Found, readResult, readTable, scopeOf, valueFor } from "./agent-reading.js";
import type { Heed } from "./agent-resolve.js";
import { type CustomerAct, readCustomer } from "./customer-lines.js";
import { enumerate, type Said } from "./plain-text.js";
import { call, type Script } from "./script.js";
import type { Act, Field, TableNote } from "./tool-book.js";

/** How an agent goes about its work. */
export interface Manner {
  /** Said before anything else. */
  readonly greeting: string;
  /** A menu of what is possible at the moment, once the customer is known: the Consultant's way. */
  readonly menu: "offered" | "none";
  readonly heed: Heed;
}

/** Serves one customer for as long as the conversation goes on. */
export function* serve(desk: Desk, manner: Manner, opening: string): Script<never> {
  let heard = yield* identify(desk, manner.greeting, readCustomer(opening));
  if (manner.menu === "offered") heard = yield* converse(sayMenu(yield* menuOf(desk), desk.words));
  for (;;) {
    const start = heard.findIndex(({ kind }) => kind === "request");
    const request = heard[start];
    const act = request?.kind === "request" ? actNamed(desk.book.acts, request.act) : null;
    if (act !== null) heard = yield* perform(desk, act, heard.slice(start + 1), manner.heed);
    else if (request !== undefined)
      heard = yield* converse(
        `That is nothing I can do here. I can ${enumerate(
          desk.book.acts.map(({ phrase }) => phrase),
          "or",
        )}.`,
      );
    else if (heard.some(({ kind }) => kind === "finish" || kind === "accept"))
      heard = yield* converse(desk.words(["You are welcome. Goodbye!", "It was a pleasure. Goodbye!"]));
    else heard = yield* converse(sayStuck(desk.words));
  }
}

/** Asks for what identifies the customer and authenticates; gives what else the customer said until then. */
function* identify(desk: Desk, greeting: string, opening: readonly CustomerAct[]): Script<readonly CustomerAct[]> {
  const { authenticate } = desk.book;
  if (authenticate === null) return opening;
  const known = new Map<string, Said>();
  const others: CustomerAct[] = takeFacts(authenticate.evidence, opening, known);
  let lead = greeting;
  for (;;) {
    const missing = authenticate.evidence.filter(({ name }) => !known.has(name));
    if (missing.length > 0) {
      const heard = yield* converse(
        `${lead}${sayIdentify(
          missing.map(({ label }) => label),
          desk.words,
        )}`,
      );
      others.push(...takeFacts(authenticate.evidence, heard, known));
      lead = "";
      continue;
    }
    const [text] = yield* call([{ tool: authenticate.tool, arguments: Object.fromEntries(known) }]);
    const result = readResult(text);
    if (result.kind !== "refused") {
      desk.customer = customerKey(desk, known, result.kind === "row" ? result.row : {});
      if (result.kind === "row") desk.now ??= result.now;
      return others;
    }
    known.clear();
    lead = `I am sorry, I could not identify you: ${result.message} `;
  }
}

function takeFacts(fields: readonly Field[], heard: readonly CustomerAct[], known: Map<string, Said>): CustomerAct[] {
  return heard.filter((act) => {
    const field = act.kind === "tell" ? fieldNamed(fields, act.label) : null;
    if (act.kind !== "tell" || field === null) return true;
    known.set(field.name, valueFor(field, act.value));
    return false;
  });
}

function customerKey({ book }: Desk, known: ReadonlyMap<string, Said>, row: Found): Said | null {
  const key = book.tables.get(book.authenticate?.table ?? "")?.key[0] ?? book.authenticate?.evidence[0]?.name ?? "";
  return row[key] ?? known.get(key) ?? null;
}

function actNamed(acts: readonly Act[], phrase: string): Act | null {
  const wanted = phrase.toLowerCase();
  return acts.find((act) => act.phrase.toLowerCase() === wanted) ?? acts.find((act) => wanted.startsWith(act.phrase.toLowerCase())) ?? null;
}

/** What is possible at the moment, by what can be read. */
function* menuOf(desk: Desk): Script<readonly MenuItem[]> {
  const items: MenuItem[] = [];
  for (const act of desk.book.acts) items.push({ act: act.phrase, note: yield* noteOf(desk, act) });
  return items;
}

function* noteOf(desk: Desk, act: Act): Script<string> {
  const parts: string[] = [];
  const own = desk.book.tables.get(act.table);
  if (act.row !== null && own !== undefined) {
    const { column, from } = act.row;
    const rows = yield* readTable(desk, own, { own: scopeOf(desk, act) === "own", wishes: [] });
    parts.push(
      `open for ${countOf(
        rows.filter((row) => from.includes(String(row[column]))),
        own,
      )}`,
    );
  }
  for (const field of act.references) {
    const note = field.references === null ? undefined : desk.book.tables.get(field.references);
    if (note === undefined || !field.required) continue;
    const belongs = scopeOf(desk, act) === "own" && belongingOf(desk, note.table) !== null;
    const rows = yield* readTable(desk, note, { own: belongs, wishes: [] });
    parts.push(`${countOf(rows, note)} ${belongs ? "of yours" : "on offer"}`);
  }
  return parts.join(", ");
}

function countOf(rows: readonly Found[], note: TableNote): string {
  return rows.length === 1 ? `1 ${note.label}` : `${rows.length} ${note.plural}`;
}
