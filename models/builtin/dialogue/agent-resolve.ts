/** How the agent finds what the customer describes: it asks, lists what there is, and goes on asking until one row is left. */
import { type Options, sayNone, sayOptions, sayRestate, sayTellApart, sayWhich } from "./agent-lines.js";
import { absorb, converse, type Frame, isLeaving, type Joining, type Onward, type Slot } from "./agent-frame.js";
import { belongingOf, choose, type Desk, type Found, readTable, scopeOf, tellRow, wishOn } from "./agent-reading.js";
import type { Script } from "./script.js";
import type { Wish } from "./wishes.js";

/** Questions about one thing before the agent gives it up. */
const ROUNDS = 6;
/** Options that are told at once. */
const LISTED = 12;

/** How an agent errs: which of the wishes it heeds. */
export type Heed = (slot: Slot, wishes: readonly Wish[]) => readonly Wish[];

/** Fills the slot with the one row that fits. */
export function* resolveSlot(desk: Desk, frame: Frame, slot: Slot, heed: Heed): Script<Onward> {
  const own = scopeOf(desk, frame.act) === "own" && belongingOf(desk, slot.note.table) !== null;
  let restated = false;
  for (let round = 0; round < ROUNDS; round += 1) {
    const said = frame.wishes.get(slot.label) ?? [];
    const wishes = heed(slot, said)
      .map((wish) => wishOn(slot.note, wish))
      .filter((wish) => wish !== null);
    const rows = wishes.length === 0 ? [] : yield* candidates(desk, slot, { own, wishes });
    const [only] = rows;
    if (only !== undefined && rows.length === 1) {
      frame.chosen.set(slot.label, only);
      if (restated || !own || !(yield* isDoubtful(desk, slot, wishes))) return { kind: "on" };
      restated = true;
      const left = yield* hear(desk, frame, { slot, own, text: sayRestate(slot.label, desk.words), joining: "replace" });
      if (left.kind === "left") return left;
      continue;
    }
    const { text, joining } =
      wishes.length === 0
        ? { text: sayWhich({ label: slot.label, own }, desk.words), joining: "add" as const }
        : yield* unclear(desk, frame, { slot, own, rows });
    const left = yield* hear(desk, frame, { slot, own, text, joining });
    if (left.kind === "left") return left;
  }
  return { kind: "left", heard: yield* converse(`${sayNone(slot.label, desk.words)} Let us leave that. What else can I do?`) };
}

/** The rows that fit, among the customer's own first; whether somebody else's may be taken is for the system to say. */
function* candidates(
  desk: Desk,
  { note }: Slot,
  { own, wishes }: { readonly own: boolean; readonly wishes: readonly Wish[] },
): Script<readonly Found[]> {
  const rows = choose(yield* readTable(desk, note, { own, wishes }), wishes);
  if (rows.length > 0 || !own) return rows;
  const anyones = choose(yield* readTable(desk, note, { own: false, wishes }), wishes);
  return anyones.length === 1 ? anyones : [];
}

/**
 * Rows that belong to the customer by another row only: what singles one out among his own may fit somebody else's, and
 * "mine" cannot be said of such a row by itself.
 */
function* isDoubtful(desk: Desk, { note }: Slot, wishes: readonly Wish[]): Script<boolean> {
  if (belongingOf(desk, note.table)?.kind !== "within") return false;
  const anyones = choose(yield* readTable(desk, note, { own: false, wishes }), wishes);
  const owned = choose(yield* readTable(desk, note, { own: true, wishes }), wishes);
  return owned.length > 0 && (anyones.length !== 1 || JSON.stringify(anyones) !== JSON.stringify(owned));
}

function* unclear(
  desk: Desk,
  frame: Frame,
  { slot, own, rows }: { readonly slot: Slot; readonly own: boolean; readonly rows: readonly Found[] },
): Script<{ text: string; joining: Joining }> {
  if (rows.length > 0) return { text: sayOptions(optionsOf(desk, frame, { slot, own, rows }), sayTellApart(desk.words)), joining: "add" };
  const all = yield* readTable(desk, slot.note, { own, wishes: [] });
  const none = sayNone(slot.label, desk.words);
  if (all.length === 0) return { text: `${none} There is none at all.`, joining: "replace" };
  return {
    text: `${none}\n${sayOptions(optionsOf(desk, frame, { slot, own, rows: all }), sayWhich({ label: slot.label, own }, desk.words))}`,
    joining: "replace",
  };
}

/** Says the question and takes the answer over; a question for the options is answered first. */
function* hear(
  desk: Desk,
  frame: Frame,
  turn: { readonly slot: Slot; readonly own: boolean; readonly text: string; readonly joining: Joining },
): Script<Onward> {
  const { slot, own, text, joining } = turn;
  let heard = yield* converse(text);
  if (heard.some(({ kind }) => kind === "ask_options")) {
    const rows = yield* readTable(desk, slot.note, { own, wishes: [] });
    heard = yield* converse(
      rows.length === 0
        ? sayNone(slot.label, desk.words)
        : sayOptions(optionsOf(desk, frame, { slot, own, rows }), sayWhich({ label: slot.label, own }, desk.words)),
    );
  }
  if (isLeaving(heard) === "leaving") return { kind: "left", heard };
  absorb(frame, heard, joining);
  return { kind: "on" };
}

/** Rows as options; those in a state that the act does not start from are told apart. */
export function optionsOf(
  desk: Desk,
  { act }: Frame,
  {
    slot,
    own,
    rows,
    listed = LISTED,
  }: { readonly slot: Slot; readonly own: boolean; readonly rows: readonly Found[]; readonly listed?: number },
): Options {
  const isOpen = (row: Found): boolean =>
    slot.argument !== null || act.row === null || act.row.from.length === 0 || act.row.from.includes(String(row[act.row.column]));
  const open = rows.filter(isOpen);
  const closed = rows.filter((row) => !isOpen(row));
  const tell = (row: Found): ReturnType<typeof tellRow> => tellRow(desk.book, slot.note, row);
  return {
    thing: slot.label,
    own,
    open: open.slice(0, listed).map(tell),
    closed: closed.slice(0, Math.max(0, listed - open.length)).map(tell),
    more: Math.max(0, rows.length - listed),
  };
}
