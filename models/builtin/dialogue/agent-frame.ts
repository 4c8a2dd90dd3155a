/** What the agent holds of one request while it is talked through: what was pointed to and what was told. */
import { type CustomerAct, readCustomer } from "./customer-lines.js";
import { type Desk, fieldNamed, type Found, valueFor } from "./agent-reading.js";
import type { Said } from "./plain-text.js";
import { say, type Script } from "./script.js";
import type { Act, Field, TableNote } from "./tool-book.js";
import type { Wish } from "./wishes.js";

/** Something that has to be pointed to: the row that the act is about, or what an argument refers to. */
export interface Slot {
  /** The argument that takes its key; of the act's own row null. */
  readonly argument: Field | null;
  /** What people call it in this act. */
  readonly label: string;
  readonly note: TableNote;
}

export interface Frame {
  readonly act: Act;
  readonly slots: readonly Slot[];
  readonly wishes: Map<string, readonly Wish[]>;
  readonly values: Map<string, Said>;
  readonly chosen: Map<string, Found>;
}

/** A frame for an act, nothing being known of it yet. */
export function openFrame({ tables }: Desk["book"], act: Act): Frame {
  const own = act.row === null ? undefined : tables.get(act.table);
  const pointed = act.references.flatMap((argument) => {
    const note = argument.references === null ? undefined : tables.get(argument.references);
    return note === undefined || !argument.required ? [] : [{ argument, note }];
  });
  const slots = pointed.map(({ argument, note }) => {
    const alone = pointed.filter((other) => other.note.table === note.table).length === 1 && note.table !== own?.table;
    return { argument, note, label: alone ? note.label : argument.label };
  });
  const first = own === undefined ? [] : [{ argument: null, note: own, label: own.label }];
  return { act, slots: [...first, ...slots], wishes: new Map(), values: new Map(), chosen: new Map() };
}

/** How newly heard wishes join those known of the same thing. */
export type Joining = "add" | "replace";

/** Takes over what concerns the frame; true where anything did. */
export function absorb(frame: Frame, heard: readonly CustomerAct[], joining: Joining): "taken" | "nothing" {
  let taken: "taken" | "nothing" = "nothing";
  for (const act of heard) {
    if (act.kind === "point") {
      const slot = slotNamed(frame, act.thing.label);
      if (slot === null) continue;
      const known = joining === "add" ? (frame.wishes.get(slot.label) ?? []) : [];
      frame.wishes.set(slot.label, [
        ...known,
        ...act.thing.wishes.filter((wish) => !known.some((other) => JSON.stringify(other) === JSON.stringify(wish))),
      ]);
      frame.chosen.delete(slot.label);
      taken = "taken";
    } else if (act.kind === "tell") {
      const field = fieldNamed(frame.act.values, act.label);
      if (field === null) continue;
      frame.values.set(field.name, valueFor(field, act.value));
      taken = "taken";
    }
  }
  return taken;
}

/** The slot that somebody means by that word. */
export function slotNamed(frame: Frame, label: string): Slot | null {
  const wanted = label.toLowerCase();
  const named = (slot: Slot): readonly string[] => [slot.label, slot.note.label, slot.argument?.label ?? ""];
  return (
    frame.slots.find((slot) => slot.label.toLowerCase() === wanted) ??
    frame.slots.find((slot) => named(slot).some((name) => name.toLowerCase() === wanted)) ??
    null
  );
}

/** What a step of a request came to: it can go on, or the customer turned to something else. */
export type Onward = { readonly kind: "on" } | { readonly kind: "left"; readonly heard: readonly CustomerAct[] };

/** Says a line and reads the answer. */
export function* converse(text: string): Script<readonly CustomerAct[]> {
  return readCustomer(yield* say(text));
}

/** True where the customer leaves the request: for another one, or for good. */
export function isLeaving(heard: readonly CustomerAct[]): "leaving" | "staying" {
  return heard.some(({ kind }) => kind === "request" || kind === "finish" || kind === "drop" || kind === "accept") ? "leaving" : "staying";
}
