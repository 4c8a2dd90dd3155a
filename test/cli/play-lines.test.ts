import { Readable, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { openPlayable } from "../../cli/playable.js";
import { playAnswerSchema } from "../../cli/json-shapes.js";
import { playLines } from "../../cli/play-lines.js";
import { PoolError } from "../../environment/child/pool-error.js";
import { openSession } from "../../environment/engine/session.js";
import { writeSnapshot } from "../../environment/engine/snapshot.js";
import { refusalReads } from "../../environment/task/refusal-reads.js";
import { openDesk } from "../doubles/lending-desk.js";

const authenticate = '{"tool":"authenticate","arguments":{"id":"m1","pin":"1111"}}';
const lend = '{"tool":"insert_loans","arguments":{"code":"saw","days":3}}';

/** The desk, and as its target the state after one loan. */
function deskWithTarget() {
  const desk = openDesk();
  const session = openSession(desk);
  session.call("authenticate", { id: "m1", pin: "1111" });
  session.call("insert_loans", { code: "saw", days: 3 });
  return { ...desk, target: writeSnapshot(session.db) };
}

async function play(source: Parameters<typeof openPlayable>[0], input: string | readonly Buffer[]): Promise<unknown[]> {
  const written: string[] = [];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString());
      done();
    },
  });
  await playLines(openPlayable(source), { input: Readable.from(typeof input === "string" ? [Buffer.from(input)] : input), output });
  const answers = written
    .join("")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
  // Every answer has one of the shapes of docs/json/play.json.
  for (const answer of answers) expect(playAnswerSchema.safeParse(answer).error).toBeUndefined();
  return answers;
}

describe("playLines() of an environment that is answered no more", () => {
  test("answers every line with the reason", async () => {
    const gone = () => Promise.reject(new PoolError("The environment is quarantined"));
    const playable = { ...openPlayable({ ...openDesk(), target: null, actor: null }), restart: gone };
    const written: string[] = [];
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk.toString());
        done();
      },
    });
    await playLines(playable, { input: Readable.from([Buffer.from('{"op":"reset"}\n{"op":"log"}\n')]), output });
    expect(written.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { ok: false, error: { code: "INTERNAL", message: "The environment is quarantined" } },
      { ok: true, writes: [] },
    ]);
  });
});

describe("playLines()", () => {
  test("answers each line in order: tools, queries, writes with effects, refusals", async () => {
    const answers = await play(
      { ...openDesk(), target: null, actor: null },
      `{"op":"tools"}\n${authenticate}\n${lend}\n{"tool":"insert_loans","arguments":{"code":"nil","days":3}}\n{"tool":"query_implements","arguments":{"code":"saw"}}\n`,
    );
    expect(answers).toMatchObject([
      { ok: true, tools: { length: 8 } },
      { ok: true, row: { id: "m1" } },
      { ok: true, row: { id: 1, status: "OUT" }, effects: [{ table: "members", key: { id: "m1" }, columns: { loans_out: 1 } }] },
      { ok: false, error: { code: "POLICY_VIOLATION", violated_rule: "loans.code.reference", hint: null } },
      { ok: true, rows: [{ code: "saw", price: "9007199254740993" }], truncated: false, cursor: null },
    ]);
  });

  test.each([
    ["no JSON", "hello"],
    ["an empty line", ""],
    ["an unknown op", '{"op":"exit"}'],
    ["a call without arguments", '{"tool":"query_loans"}'],
    ["a key too many", '{"op":"log","more":1}'],
    ["a duplicate key", '{"tool":"insert_loans","arguments":{"code":"saw","code":"axe","days":1}}'],
    ["a list", "[]"],
    ["nesting past 32 levels", `{"tool":"query_loans","arguments":{"a":${"[".repeat(40)}${"]".repeat(40)}}}`],
  ])("answers %s with BAD_REQUEST and goes on", async (_name, line) => {
    expect(await play({ ...openDesk(), target: null, actor: null }, `${line}\n{"op":"log"}\n`)).toMatchObject([
      { ok: false, error: { code: "BAD_REQUEST" } },
      { ok: true, writes: [] },
    ]);
  });

  test("answers text past its byte cap with LIMIT", async () => {
    const line = JSON.stringify({ tool: "transfer_to_human_agents", arguments: { summary: "x".repeat(70_000) } });
    expect(await play({ ...openDesk(), target: null, actor: null }, `${line}\n`)).toMatchObject([{ ok: false, error: { code: "LIMIT" } }]);
  });

  test("has no reward without a target", async () => {
    expect(await play({ ...openDesk(), target: null, actor: null }, '{"op":"reward"}\n')).toMatchObject([
      { ok: false, error: { code: "NO_TARGET" } },
    ]);
  });

  test("rewards the target with 1 and a doubled write with less, and takes a reset back", async () => {
    const answers = await play(
      { ...deskWithTarget(), actor: null },
      `{"op":"reward"}\n${authenticate}\n${lend}\n{"op":"reward"}\n${lend}\n{"op":"reward"}\n{"op":"reset"}\n{"op":"reward"}\n`,
    );
    expect(answers).toMatchObject([
      { ok: true, default: { missing: 2, collateral: 0, success: 0, p: 0 } },
      {},
      {},
      { ok: true, paper: { diff: 0, r_final: 1 }, default: { missing: 0, collateral: 0, success: 1, p: 1, r: 1 } },
      {},
      { ok: true, default: { success: 0 } },
      { ok: true },
      { ok: true, default: { success: 0, p: 0, r: 0 } },
    ]);
  });

  test("tells of a refusal task which reads of its refusal were made since the play began", async () => {
    const desk = openDesk();
    const log = [
      { tool: "authenticate", arguments: { id: "m1", pin: "1111" } },
      { tool: "insert_loans", arguments: { code: "saw", days: 3 } },
      { tool: "insert_loans", arguments: { code: "saw", days: 3 } },
    ];
    const reads = refusalReads({ ...desk, log, refusal: { ...log[1]!, rule: "loan.quota" } });
    const look = '{"tool":"query_loans","arguments":{"id":1}}';
    const answers = await play(
      { ...desk, target: desk.origin, actor: "m1", reads },
      `${lend}\n${lend}\n{"op":"reward"}\n${look}\n${look}\n{"op":"reward"}\n{"op":"reset"}\n{"op":"reward"}\n`,
    );
    expect([answers[2], answers[5], answers[7]]).toMatchObject([
      { refusal_reads: { needed: 2, made: 0, established: false } },
      { refusal_reads: { needed: 2, made: 1, established: false } },
      { refusal_reads: { needed: 2, made: 0, established: false } },
    ]);
  });

  test("tells nothing of reads where the task is no refusal", async () => {
    const [answer] = await play({ ...deskWithTarget(), actor: null }, '{"op":"reward"}\n');
    expect(answer).not.toHaveProperty("refusal_reads");
  });

  test("gives a log that typed back leads to the same state", async () => {
    const source = { ...deskWithTarget(), actor: null };
    const [, , , answer] = await play(
      source,
      `${authenticate}\n${lend}\n{"tool":"insert_loans","arguments":{"code":"nil","days":3}}\n{"op":"log"}\n`,
    );
    const { writes } = answer as { writes: unknown[] };
    const again = await play(source, `${writes.map((write) => JSON.stringify(write)).join("\n")}\n{"op":"reward"}`);
    expect(again.at(-1)).toMatchObject({ default: { success: 1 } });
  });

  test("authenticates the user who is named, again after a reset", async () => {
    expect(await play({ ...openDesk(), target: null, actor: "m2" }, `${lend}\n{"op":"reset"}\n${lend}\n`)).toMatchObject([
      { row: { member_id: "m2" } },
      { ok: true },
      { row: { member_id: "m2", id: 1 } },
    ]);
  });

  test("splits lines at LF alone, whatever the chunks, and answers the last one without its end", async () => {
    const call = Buffer.from('{"tool":"transfer_to_human_agents","arguments":{"summary":"é\u2028x"}}\r\n{"op":"log"}');
    const chunks = Array.from({ length: call.length }, (_, i) => call.subarray(i, i + 1));
    expect(await play({ ...openDesk(), target: null, actor: "m1" }, chunks)).toMatchObject([
      { ok: true, row: { transfer_summary: "é\u2028x" } },
      { ok: true, writes: { length: 2 } },
    ]);
  });
});
