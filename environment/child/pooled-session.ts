/**
 * A session in a child process, with what {@link Session} offers, as promises.
 *
 * Calls may be made without waiting for the ones before; they are executed and answered in order. Of a session with a target
 * there is a second one, in another process, which is given the accepted writes when a reward is asked for: so the process
 * that answers the agent never holds the target.
 */
import type { Diff } from "../compare/diff.js";
import type { Reward } from "../compare/reward.js";
import { hasLoneSurrogate, stringifyExactJson } from "../engine/exact-json.js";
import type { LoggedCall } from "../engine/session.js";
import { type Refusal, refuse, type ToolResult } from "../engine/tool-result.js";
import type { Keeper, Reply, SeatRecord } from "./keeper.js";
import { PoolError } from "./pool-error.js";
import { readDiff, readLog, readReward, readToolResult } from "./read-answer.js";
import { encodeExact, encodeTool, type Op } from "./wire.js";

export interface PooledSession {
  /** One tool call; a fault of the agent or of the environment is an answer. Values are exactly those of a session in this process. */
  call(tool: string, given: unknown): Promise<ToolResult>;
  /** The same with the arguments as a model wrote them, answered with the JSON that it is shown; nothing is parsed in this process. */
  callText(tool: string, argumentsJson: string): Promise<string>;
  /** @throws {PoolError} If the session is lost. */
  reset(): Promise<void>;
  /** @throws {PoolError} If the session is lost. */
  log(): Promise<readonly LoggedCall[]>;
  /** Where the calls answered so far have led. @throws {PoolError} If the session has no target, or is lost. */
  reward(): Promise<Reward>;
  /** @throws {PoolError} If the session has no target, or is lost. */
  diff(): Promise<Diff>;
  /** Frees the session in its process, after the calls made so far. */
  close(): void;
}

/** A seat and the keeper of the child that it is in. */
export type Place = { readonly keeper: Keeper; readonly seat: SeatRecord };

/** Longest request, in UTF-16 units: arguments have a smaller cap of their own in the child. */
const LONGEST_REQUEST = 1 << 20;

/** A session is rebuilt from its accepted writes, which therefore must not fill this process: UTF-16 units of all of them. */
const LONGEST_LOG = 16 << 20;

/** A call that reaches no rule, told to the judge in place of one that could not be carried out. */
const NO_CALL = `${encodeTool("")} {}`;

/** Opens the session on seats that are open; `judge` is rewarded. */
export function openPooledSession(player: Place, judge: Place | null): PooledSession {
  let unjudged: { readonly op: Op; readonly rest: string; readonly written: boolean }[] = [];
  let last: Promise<unknown> = Promise.resolve();

  function call(tool: string, given: unknown): Promise<ToolResult> {
    let text: string;
    try {
      text = encodeExact(given);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return Promise.resolve(refuse("INVALID_ARGUMENTS", "The arguments have no JSON form"));
    }
    return perform("call", `${encodeTool(tool)} ${text}`, readResult, (refusal) => refusal);
  }

  function callText(tool: string, argumentsJson: string): Promise<string> {
    if (hasLoneSurrogate(argumentsJson)) {
      const refusal = refuse("INVALID_ARGUMENTS", "The arguments are not readable JSON: they are no well-formed Unicode");
      return Promise.resolve(stringifyExactJson(refusal));
    }
    // A carriage return may stand where a line feed may, and nowhere else.
    return perform("text", `${encodeTool(tool)} ${argumentsJson.replaceAll("\n", "\r")}`, (payload) => payload, stringifyExactJson);
  }

  function perform<T>(op: Op, rest: string, read: (payload: string) => T, refused: (refusal: Refusal) => T): Promise<T> {
    const limit = limitOf(player.seat, rest);
    if (limit !== null) return Promise.resolve(refused(limit));
    const answered = player.keeper.send(player.seat, op, rest).then((reply) => {
      if (judge !== null) note(op, rest, reply);
      if (reply.kind === "refused") return refused(refuse("INTERNAL", reply.reason));
      return reply.flag === "failed" ? refused(refuse("INTERNAL", reply.payload)) : read(reply.payload);
    });
    if (judge !== null) last = answered;
    return answered;
  }

  function readResult(payload: string): ToolResult {
    try {
      return readToolResult(payload);
    } catch {
      player.keeper.accuse(player.seat, "wrote an answer that is none");
      return refuse("INTERNAL", "The environment's answer cannot be read");
    }
  }

  /** The judge needs the accepted writes, and of other calls the last one alone. */
  function note(op: Op, rest: string, reply: Reply): void {
    if (unjudged.at(-1)?.written === false) unjudged.pop();
    if (reply.kind === "refused" || reply.flag === "failed") unjudged.push({ op: "text", rest: NO_CALL, written: false });
    else unjudged.push({ op, rest, written: reply.flag === "written" });
  }

  async function judged(op: Op): Promise<string> {
    if (judge === null) throw new PoolError("Cannot compare: the session was opened without a target");
    await last;
    const calls = unjudged;
    unjudged = [];
    const replies = calls.map(async (each) => {
      const reply = await judge.keeper.send(judge.seat, each.op, each.rest);
      if (reply.kind === "refused" || (reply.flag === "written") !== each.written)
        throw new PoolError(`Cannot compare "${judge.seat.environment}": the same calls had other answers`);
    });
    const told = ask(judge, op);
    await Promise.all([...replies, told]);
    return told;
  }

  async function reset(): Promise<void> {
    const told = player.keeper.send(player.seat, "reset", "").then((reply) => {
      payloadOf(reply, "reset");
      unjudged = [];
      return judge === null ? undefined : ask(judge, "reset");
    });
    last = told.catch(() => undefined);
    await told;
  }

  function close(): void {
    for (const place of [player, judge]) if (place !== null) void place.keeper.send(place.seat, "shut", "");
  }

  return {
    call,
    callText,
    reset,
    log: async () => readLog(await ask(player, "log")),
    reward: async () => readReward(await judged("reward")),
    diff: async () => readDiff(await judged("diff")),
    close,
  };
}

async function ask({ keeper, seat }: Place, op: Op): Promise<string> {
  return payloadOf(await keeper.send(seat, op, ""), op);
}

function payloadOf(reply: Reply, op: Op): string {
  if (reply.kind === "refused") throw new PoolError(reply.reason);
  if (reply.flag === "failed") throw new PoolError(`Cannot answer "${op}": ${reply.payload}`);
  return reply.payload;
}

function limitOf(seat: SeatRecord, rest: string): Refusal | null {
  if (rest.length > LONGEST_REQUEST) return refuse("LIMIT", `Arguments hold more than ${LONGEST_REQUEST} characters`);
  if (seat.acceptedChars > LONGEST_LOG) return refuse("LIMIT", `The session's log holds more than ${LONGEST_LOG} characters; reset it`);
  return null;
}
