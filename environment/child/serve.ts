/**
 * The child's side: requests read from standard input one after another, each executed, each answered.
 *
 * Reading and writing block, since there is nothing else to do: a round trip is shorter than over the event loop.
 */
import { readSync } from "node:fs";
import { stringifyExactJson } from "../engine/exact-json.js";
import type { SessionSource } from "../engine/session.js";
import { openSeat, readArguments, type Seat, type SeatLimits, type SeatSource, seatSourceSchema } from "./seat.js";
import { answersHeld, decodeExact, decodeTool, encodeExact, type Flag, greeting } from "./wire.js";
import { writeWhole } from "./write-whole.js";

const INPUT = 0;

/** No answer is held for longer than this, but for the request that is executed then. */
const HELD_MS = 2;

type Answer = { readonly flag: Flag; readonly payload: string };

const done: Answer = { flag: "done", payload: "null" };

/** Serves until standard input ends; `load` reads an environment folder. */
export function serve({ load, limits }: { readonly load: (folder: string) => SessionSource; readonly limits: SeatLimits }): void {
  const answer = openSeats(load, limits);
  writeWhole(Buffer.from(`${greeting}\n`));
  for (const lines of readLines()) {
    let answers = "";
    let waiting = 0;
    let since = performance.now();
    for (const line of lines) {
      const { id, op, seat, rest } = splitRequest(line);
      const { flag, payload } = answer(op, seat, rest);
      answers += `${id} ${flag} ${payload}\n`;
      waiting += 1;
      const now = performance.now();
      if (waiting < answersHeld && now - since <= HELD_MS) continue;
      writeWhole(Buffer.from(answers));
      answers = "";
      waiting = 0;
      since = now;
    }
    writeWhole(Buffer.from(answers));
  }
}

function openSeats(load: (folder: string) => SessionSource, limits: SeatLimits): (op: string, seat: string, rest: string) => Answer {
  const environments = new Map<string, SessionSource>();
  const seats = new Map<string, Seat>();

  function environmentAt(folder: string): SessionSource {
    const environment = environments.get(folder) ?? load(folder);
    environments.set(folder, environment);
    return environment;
  }

  function seatOf(name: string): Seat {
    const seat = seats.get(name);
    if (seat === undefined) throw new TypeError(`Cannot find seat ${name}`);
    return seat;
  }

  function open(name: string, source: SeatSource): void {
    seats.set(name, openSeat(environmentAt(source.folder), source.target, limits));
  }

  function shut(name: string): void {
    seats.get(name)?.close();
    seats.delete(name);
  }

  function act(op: string, name: string, rest: string): Answer {
    switch (op) {
      case "text":
        return callText(seatOf(name), rest);
      case "call":
        return callExact(seatOf(name), rest);
      case "open":
        open(name, seatSourceSchema.parse(JSON.parse(rest)));
        return done;
      case "reset":
        seatOf(name).reset();
        return done;
      case "log":
        return { flag: "done", payload: encodeExact(seatOf(name).log()) };
      case "reward":
        return { flag: "done", payload: encodeExact(seatOf(name).rewarded().reward()) };
      case "diff":
        return { flag: "done", payload: encodeExact(seatOf(name).rewarded().diff()) };
      case "shut":
        shut(name);
        return done;
      default:
        throw new TypeError(`Cannot do "${op}": there is no such request`);
    }
  }

  return (op, name, rest) => {
    try {
      return act(op, name, rest);
    } catch (error) {
      return { flag: "failed", payload: JSON.stringify(error instanceof Error ? error.message : String(error)) };
    }
  };
}

function callText(seat: Seat, rest: string): Answer {
  const [tool, text] = cut(rest);
  const read = readArguments(text);
  if (!read.ok) return { flag: "done", payload: stringifyExactJson(read.result) };
  return spoken(seat.call(decodeTool(tool), read.given, stringifyExactJson));
}

function callExact(seat: Seat, rest: string): Answer {
  const [tool, text] = cut(rest);
  return spoken(seat.call(decodeTool(tool), decodeExact(text), (result) => encodeExact(result)));
}

function spoken({ text, written }: { readonly text: string; readonly written: boolean }): Answer {
  return { flag: written ? "written" : "done", payload: text };
}

function splitRequest(line: string): { readonly id: string; readonly op: string; readonly seat: string; readonly rest: string } {
  const afterId = line.indexOf(" ");
  const afterOp = line.indexOf(" ", afterId + 1);
  const afterSeat = line.indexOf(" ", afterOp + 1);
  return {
    id: line.slice(0, afterId),
    op: line.slice(afterId + 1, afterOp),
    seat: line.slice(afterOp + 1, afterSeat),
    rest: line.slice(afterSeat + 1),
  };
}

function cut(text: string): readonly [word: string, rest: string] {
  const at = text.indexOf(" ");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** Whole lines as they come, many at a time where many have come. */
function* readLines(): Generator<readonly string[], void> {
  const chunk = Buffer.allocUnsafe(1 << 18);
  let begun: Buffer[] = [];
  for (;;) {
    const size = readSync(INPUT, chunk, 0, chunk.length, null);
    if (size === 0) return;
    const end = chunk.lastIndexOf(10, size - 1);
    if (end < 0) {
      begun.push(Buffer.from(chunk.subarray(0, size)));
      continue;
    }
    const text = Buffer.concat([...begun, chunk.subarray(0, end)]).toString();
    begun = end + 1 < size ? [Buffer.from(chunk.subarray(end + 1, size))] : [];
    yield text.split("\n");
  }
}
