/** How the agent carries out one request: every slot filled, every value known, announced, agreed to, written, reported. */
import { type Detail, sayAsk, sayConfirm, sayDone, sayElse, sayOptions, sayRefused } from "./agent-lines.js";
import { absorb, converse, type Frame, isLeaving, type Onward, openFrame } from "./agent-frame.js";
import { calculate, calculated } from "./agent-values.js";
import { type Desk, type Found, readResult, readTable, type Result, tellRow } from "./agent-reading.js";
import { type Heed, optionsOf, resolveSlot } from "./agent-resolve.js";
import type { CustomerAct } from "./customer-lines.js";
import { type Call, call, type Script } from "./script.js";
import type { Act, Field } from "./tool-book.js";

/** Alternatives that are told after a refusal. */
const ALTERNATIVES = 5;
/** Announcements of one request before the agent gives it up. */
const ROUNDS = 6;

/** Carries the request out as far as it goes; gives what the customer said last, which is for the next request. */
export function* perform(desk: Desk, act: Act, heard: readonly CustomerAct[], heed: Heed): Script<readonly CustomerAct[]> {
  const frame = openFrame(desk.book, act);
  absorb(frame, heard, "add");
  const refusals = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const ready = yield* prepare(desk, frame, round === 0 ? heed : (_slot, wishes) => wishes);
    if (ready.kind === "left") return yield* letGo(desk, ready.heard);
    const write = writeOf(frame);
    const tried = refusals.get(JSON.stringify(write)) ?? null;
    const outcome =
      tried === null
        ? yield* agreeAndWrite(desk, frame, write)
        : { kind: "refused" as const, reason: tried, heard: yield* converse(`${tried} ${sayElse(desk.words)}`) };
    if (outcome.kind === "written") return outcome.heard;
    if (outcome.kind === "refused") refusals.set(JSON.stringify(write), outcome.reason);
    const next = yield* afterwards(desk, frame, outcome);
    if (next.kind === "left") return next.heard;
  }
  return yield* converse(`Let us leave that for now. ${sayElse(desk.words)}`);
}

function* prepare(desk: Desk, frame: Frame, heed: Heed): Script<Onward> {
  for (const slot of frame.slots) {
    if (frame.chosen.has(slot.label)) continue;
    const found = yield* resolveSlot(desk, frame, slot, heed);
    if (found.kind === "left") return found;
  }
  const own = calculated(desk, frame);
  const asked = yield* askValues(
    desk,
    frame,
    frame.act.values.filter(({ name }) => !own.has(name)),
  );
  if (asked.kind === "left") return asked;
  for (const [name, value] of yield* calculate(desk, frame)) frame.values.set(name, value);
  return yield* askValues(desk, frame, frame.act.values);
}

function* askValues(desk: Desk, frame: Frame, fields: readonly Field[]): Script<Onward> {
  for (const field of fields) {
    if (!field.required || frame.values.has(field.name)) continue;
    const told = yield* askValue(desk, frame, field);
    if (told.kind === "left") return told;
  }
  return { kind: "on" };
}

function* askValue(desk: Desk, frame: Frame, field: Field): Script<Onward> {
  for (let round = 0; round < 3; round += 1) {
    const heard = yield* converse(
      sayAsk(
        { label: field.label, choices: field.choices, number: field.type === "integer" ? "whole" : field.type === "number" ? "any" : null },
        desk.words,
      ),
    );
    if (isLeaving(heard) === "leaving") return { kind: "left", heard };
    absorb(frame, heard, "replace");
    if (frame.values.has(field.name)) return { kind: "on" };
  }
  return { kind: "left", heard: yield* converse(`Without the ${field.label} I cannot go on with this. ${sayElse(desk.words)}`) };
}

/** The customer let the request go: if that was all that was said, the agent asks on. */
function* letGo(desk: Desk, heard: readonly CustomerAct[]): Script<readonly CustomerAct[]> {
  return heard.some(({ kind }) => kind === "request" || kind === "finish")
    ? heard
    : yield* converse(`${desk.words(["All right.", "As you like.", "Very well."])} ${sayElse(desk.words)}`);
}

/** The call that the frame amounts to. */
function writeOf({ act, slots, chosen, values }: Frame): Call {
  const keyed = slots.flatMap((slot): [string, unknown][] => {
    const row = chosen.get(slot.label);
    if (row === undefined) return [];
    return slot.argument === null ? slot.note.key.map((name) => [name, row[name]]) : [[slot.argument.name, row[slot.note.key[0] ?? ""]]];
  });
  return { tool: act.tool, arguments: { ...Object.fromEntries(keyed), ...Object.fromEntries(values), ...act.fixed } };
}

type Outcome =
  | { readonly kind: "written" | "unsettled"; readonly heard: readonly CustomerAct[] }
  | { readonly kind: "refused"; readonly reason: string; readonly heard: readonly CustomerAct[] };

function* agreeAndWrite(desk: Desk, frame: Frame, write: Call): Script<Outcome> {
  const heard = yield* converse(sayConfirm(frame.act.phrase, detailsOf(desk, frame), desk.words));
  if (!heard.some(({ kind }) => kind === "yes")) return { kind: "unsettled", heard };
  const [text] = yield* call([write]);
  const result = readResult(text);
  if (result.kind !== "refused") {
    desk.seen.clear();
    if (result.kind === "row" && frame.act.row === null) desk.now ??= clockIn(desk, frame.act, result.row);
    return { kind: "written", heard: yield* converse(`${report(desk, frame, result)} ${sayElse(desk.words)}`) };
  }
  const reason = sayRefused(
    [result.message, result.hint]
      .filter((part) => part !== null)
      .map(asSentence)
      .join(" "),
    desk.words,
  );
  return { kind: "refused", reason, heard: yield* converse(`${reason}\n${yield* alternatives(desk, frame)}`) };
}

/** The clock stands still in a conversation: a new row's stamp tells it. */
function clockIn(desk: Desk, { table }: Act, row: Found): number | null {
  const stamps = desk.rules.startOf(table).stamps.map((name) => row[name]);
  return stamps.find((value) => typeof value === "number") ?? null;
}

function detailsOf(desk: Desk, { slots, chosen, values, act }: Frame): readonly Detail[] {
  const rows = slots.map(
    (slot): Detail => ({ kind: "row", label: slot.label, attributes: tellRow(desk.book, slot.note, chosen.get(slot.label) ?? {}) }),
  );
  const told = act.values.flatMap((field): Detail[] => {
    const value = values.get(field.name);
    return value === undefined ? [] : [{ kind: "value", label: field.label, value }];
  });
  return [...rows, ...told];
}

function report(desk: Desk, { act }: Frame, result: Exclude<Result, { kind: "refused" }>): string {
  if (result.kind === "rows") return sayDone({}, [], desk.words);
  const tell = (table: string, row: Found): ReturnType<typeof tellRow> => {
    const note = desk.book.tables.get(table);
    return note === undefined ? {} : tellRow(desk.book, note, row);
  };
  const effects = result.effects.map(({ table, columns }) => ({
    label: desk.book.tables.get(table)?.label ?? table,
    attributes: tell(table, columns),
  }));
  return sayDone(
    tell(act.table, result.row),
    effects.filter(({ attributes }) => Object.keys(attributes).length > 0),
    desk.words,
  );
}

/** After a refusal: what else there is of the thing that was chosen from a catalogue, what is most alike first. */
function* alternatives(desk: Desk, frame: Frame): Script<string> {
  const slot = frame.slots.find(({ argument, note }) => argument !== null && !note.surrogate);
  const chosen = slot === undefined ? undefined : frame.chosen.get(slot.label);
  if (slot === undefined || chosen === undefined) return sayElse(desk.words);
  const all = yield* readTable(desk, slot.note, { own: false, wishes: [] });
  const alike = (row: Found): number => Object.keys(row).filter((name) => row[name] === chosen[name]).length;
  const rows = all.filter((row) => slot.note.key.some((name) => row[name] !== chosen[name])).toSorted((a, b) => alike(b) - alike(a));
  return rows.length === 0
    ? sayElse(desk.words)
    : sayOptions(optionsOf(desk, frame, { slot, own: false, rows, listed: ALTERNATIVES }), sayElse(desk.words));
}

/** What the answer means for the request: a change of it goes on, anything else leaves it. */
function* afterwards(desk: Desk, frame: Frame, outcome: Outcome): Script<Onward> {
  let heard = outcome.heard;
  for (let round = 0; round < 3; round += 1) {
    if (isLeaving(heard) === "leaving") return { kind: "left", heard: yield* letGo(desk, heard) };
    if (absorb(frame, heard, "replace") === "taken") return { kind: "on" };
    if (outcome.kind === "refused" && heard.some(({ kind }) => kind === "insist"))
      heard = yield* converse(`${outcome.reason} ${desk.words(["I cannot make an exception.", "There is no exception to that."])}`);
    else if (outcome.kind === "unsettled" && heard.some(({ kind }) => kind === "no"))
      heard = yield* converse(desk.words(["What should be different?", "Then what should I change?"]));
    else return { kind: "left", heard };
  }
  return { kind: "left", heard };
}

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
