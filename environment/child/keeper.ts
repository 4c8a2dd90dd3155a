/**
 * Keeps one child alive, with its seats: requests go in at once and are answered in order; a child that hangs or dies is
 * replaced, its seats are opened anew and their accepted writes made again, and what was not answered is sent again.
 *
 * What the child was at when it ended is the culprit: it is answered with a refusal and never sent again. Where it may be one
 * of several, or the child was killed by others, their seats are suspects: their requests are sent again, one at a time.
 */
import { type ChildCommand, type ChildEnd, describeEnd, type RunningChild, startChild } from "./child-process.js";
import { cutLines } from "./cut-lines.js";
import type { SeatSource } from "./seat.js";
import { type Progress, watchProgress } from "./watch-progress.js";
import { answersHeld, type Flag, type Op, parseAnswer } from "./wire.js";

/** A seat as its keeper knows it. */
export type SeatRecord = {
  readonly id: number;
  /** The name by which its environment is quarantined. */
  readonly environment: string;
  readonly source: SeatSource;
  /** Accepted writes since the origin, as they were sent. */
  accepted: string[];
  acceptedChars: number;
  /** The last call, if it was no accepted write: a seat's reward depends on it. */
  tail: string | null;
  isOpen: boolean;
  /** A child has ended, perhaps at a request of this seat, which has not answered since. */
  isSuspect: boolean;
  /** Why the seat is gone. */
  lost: string | null;
};

/** An answer of the child, or why there is none. */
export type Reply =
  | { readonly kind: "answered"; readonly flag: Flag; readonly payload: string }
  | { readonly kind: "refused"; readonly reason: string };

export interface Keeper {
  /** Never rejects and never waits for ever. `rest` is on one line. */
  send(seat: SeatRecord, op: Op, rest: string): Promise<Reply>;
  /** Kills the child, since it did what none does; the environment of the seat is blamed. */
  accuse(seat: SeatRecord, what: string): void;
  seats(): number;
  pid(): number | undefined;
  /** Kills the child and refuses all that waits. */
  close(): void;
}

export type KeeperOptions = {
  readonly command: ChildCommand;
  /** No answer is longer. */
  readonly lineBytes: number;
  /** How long a request may take; `open` reads and compiles an environment the first time. */
  readonly deadlineMs: (op: Op) => number;
  /** Counts a kill that this environment has caused. */
  readonly blame: (environment: string) => void;
  /** Why nothing of this environment is executed any more, or null. */
  readonly quarantine: (environment: string) => string | null;
};

type Request = {
  readonly id: number;
  readonly seat: SeatRecord;
  readonly op: Op;
  readonly rest: string;
  readonly settle: (reply: Reply) => void;
  /** A part of the rebuilding of its seat, which is begun anew when the child dies again. */
  readonly isReplay: boolean;
};

/** How long a child that is at one of several requests may stand still before they are sent one at a time. */
const SINGLE_OUT_MS = 2000;

/** Deaths in a row without an answer between them: then what waits is refused. */
const VAIN_DEATHS = 3;

/** Starts nothing before the first request. */
export function keepChild({ command, lineBytes, deadlineMs, blame, quarantine }: KeeperOptions): Keeper {
  const seats = new Set<SeatRecord>();
  /** What is not answered, in the order in which it is sent. */
  let waiting = new Map<number, Request>();
  let unsent: Request[] = [];
  /** How many are sent and not answered, and whether nothing may follow them. */
  let sent = 0;
  let isAlone = false;
  let child: RunningChild | null = null;
  let isReady = false;
  let outbox = "";
  let lastId = 0;
  let answers = 0;
  let deaths = 0;
  let verdict: string | null = null;
  let isClosed = false;
  const watchdog = watchProgress({ progress, expired });

  function send(seat: SeatRecord, op: Op, rest: string): Promise<Reply> {
    const reason = isClosed ? "The pool is closed" : (seat.lost ?? quarantine(seat.environment));
    if (reason !== null) return Promise.resolve({ kind: "refused", reason });
    seats.add(seat);
    return new Promise((settle) => {
      post({ id: ++lastId, seat, op, rest, settle, isReplay: false });
    });
  }

  function post(request: Request): void {
    waiting.set(request.id, request);
    if (child === null) start();
    if (!isReady) return;
    unsent.push(request);
    sendNext();
  }

  /** A suspect's requests are sent alone, and so is an opening, which may take long. */
  function sendNext(): void {
    for (let next = unsent[0]; next !== undefined; next = unsent[0]) {
      const goesAlone = next.seat.isSuspect || next.op === "open";
      if (sent > 0 && (isAlone || goesAlone)) return;
      isAlone = goesAlone;
      sent += 1;
      unsent.shift();
      write(next);
    }
  }

  /** Requests made at one go are written at one go. */
  function write({ id, op, seat, rest }: Request): void {
    if (outbox === "") process.nextTick(flush);
    outbox += `${id} ${op} ${seat.id} ${rest}\n`;
  }

  function flush(): void {
    if (isReady) child?.write(outbox);
    outbox = "";
    watchdog.watch();
  }

  function start(): void {
    verdict = null;
    const said = cutLines(lineBytes, { lines, tooLong });
    child = startChild(command, { ready, said, ended });
  }

  function ready(): void {
    isReady = true;
    unsent = [];
    sent = 0;
    const unanswered = [...waiting.values()];
    waiting = new Map();
    for (const seat of seats) if (seat.isOpen) rebuild(seat);
    for (const request of unanswered) post(request);
  }

  function rebuild(seat: SeatRecord): void {
    const replay = (op: Op, rest: string, wanted: readonly Flag[]): void => {
      const settle = (reply: Reply): void => {
        if (reply.kind === "answered" && !wanted.includes(reply.flag))
          lose(seat, "The session could not be rebuilt after its process ended");
      };
      post({ id: ++lastId, seat, op, rest, settle, isReplay: true });
    };
    replay("open", JSON.stringify(seat.source), ["done"]);
    for (const call of seat.accepted) replay(...opAndRest(call), ["written"]);
    if (seat.tail !== null) replay(...opAndRest(seat.tail), ["done"]);
  }

  function lines(found: readonly string[]): void {
    for (const line of found) {
      const answer = parseAnswer(line);
      const request = answer === null ? undefined : waiting.get(answer.id);
      if (answer === null || request === undefined) {
        condemn("wrote what is no answer");
        return;
      }
      waiting.delete(request.id);
      sent -= 1;
      answers += 1;
      deaths = 0;
      settle(request, answer);
    }
    sendNext();
  }

  /** What was on its way to a seat that could not be rebuilt was executed on another state than its caller believes. */
  function settle(request: Request, answer: { readonly flag: Flag; readonly payload: string }): void {
    const { seat, isReplay } = request;
    if (!isReplay && seat.lost !== null) {
      request.settle({ kind: "refused", reason: seat.lost });
      return;
    }
    if (!isReplay) {
      seat.isSuspect = false;
      remember(request, answer.flag);
    }
    request.settle({ kind: "answered", flag: answer.flag, payload: answer.payload });
  }

  function remember({ seat, op, rest }: Request, flag: Flag): void {
    switch (op) {
      case "call":
      case "text":
        if (flag === "written") {
          seat.accepted.push(`${op} ${rest}`);
          seat.acceptedChars += rest.length;
        }
        seat.tail = flag === "written" || seat.source.target === null ? null : `${op} ${rest}`;
        return;
      case "reset":
        if (flag === "done") forget(seat);
        return;
      case "open":
        seat.isOpen = flag === "done";
        if (!seat.isOpen) seats.delete(seat);
        return;
      case "shut":
        seats.delete(seat);
        return;
      default:
        return;
    }
  }

  function expired(limitMs: number): void {
    condemn(`did not answer within ${limitMs} ms`);
  }

  function tooLong(): void {
    condemn(`wrote a line longer than ${lineBytes} bytes`);
  }

  /** Only the first cause counts. */
  function condemn(what: string): void {
    verdict ??= what;
    child?.kill();
  }

  function accuse(seat: SeatRecord, what: string): void {
    blame(seat.environment);
    condemn(what);
  }

  function ended(end: ChildEnd): void {
    // Its processor time ran out over its whole life: nobody's fault, and a younger child takes over.
    const isSpent = verdict === null && end.signal === "SIGXCPU";
    const suspects = isReady && !isSpent ? [...waiting.values()].slice(0, Math.min(sent, answersHeld)) : [];
    const reason = verdict ?? describeEnd(end);
    child = null;
    isReady = false;
    if (isClosed) return;
    const [first, ...others] = suspects;
    if (first === undefined) deaths += 1;
    else if (others.length === 0 && (verdict !== null || first.seat.isSuspect)) punish(first, reason);
    else for (const { seat } of suspects) seat.isSuspect = true;
    for (const seat of seats) loseQuarantined(seat);
    if (deaths >= VAIN_DEATHS) {
      deaths = 0;
      refuseAll(`Cannot keep a child process alive: it ${reason}`);
    } else if (seats.size > 0 || waiting.size > 0) start();
  }

  function punish(culprit: Request, reason: string): void {
    const { seat } = culprit;
    seat.isSuspect = false;
    blame(seat.environment);
    const told = `The environment "${seat.environment}" ${reason} and was stopped; nothing was changed`;
    refuse(culprit, told);
    if (culprit.isReplay) lose(seat, told);
  }

  function loseQuarantined(seat: SeatRecord): void {
    const reason = quarantine(seat.environment);
    if (reason !== null) lose(seat, reason);
  }

  function lose(seat: SeatRecord, reason: string): void {
    seat.lost = reason;
    seats.delete(seat);
    forget(seat);
    if (isReady) post({ id: ++lastId, seat, op: "shut", rest: "", settle: () => undefined, isReplay: true });
    else for (const request of [...waiting.values()]) if (request.seat === seat) refuse(request, reason);
  }

  function refuse(request: Request, reason: string): void {
    waiting.delete(request.id);
    if (!request.seat.isOpen) seats.delete(request.seat);
    request.settle({ kind: "refused", reason });
  }

  function refuseAll(reason: string): void {
    for (const request of [...waiting.values()]) refuse(request, reason);
  }

  /** Null when nothing is awaited of the child: while it starts it has a limit of its own. */
  function progress(): Progress | null {
    const [next] = waiting.values();
    if (child === null || !isReady || next === undefined) return null;
    const [limitMs, isOneOfMany] = [deadlineMs(next.op), sent > 1];
    return { mark: `${answers} ${String(isOneOfMany)}`, limitMs: isOneOfMany ? Math.min(limitMs, SINGLE_OUT_MS) : limitMs };
  }

  function close(): void {
    isClosed = true;
    watchdog.stop();
    child?.kill();
    refuseAll("The pool is closed");
    seats.clear();
  }

  return { send, accuse, seats: () => seats.size, pid: () => child?.pid(), close };
}

function forget(seat: SeatRecord): void {
  seat.accepted = [];
  seat.acceptedChars = 0;
  seat.tail = null;
}

function opAndRest(call: string): [Op, string] {
  return call.startsWith("text ") ? ["text", call.slice(5)] : ["call", call.slice(5)];
}
