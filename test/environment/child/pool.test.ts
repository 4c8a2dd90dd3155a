import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Fences, probeFences } from "../../../environment/child/fences.js";
import { openPool, type Pool, type PoolOptions } from "../../../environment/child/pool.js";
import type { PooledSession } from "../../../environment/child/pooled-session.js";
import { compileChild } from "./compiled-child.js";

const ada = { id: "m1", pin: "1111" };
const lend = { code: "saw", days: 3 };
const bang = { ...lend, note: "bang" };
const MiB = 2 ** 20;

const sentinel = mkdtempSync(join(tmpdir(), "logigen-sentinel-"));
let fences: Fences;
let entry: string;
let parent: string;
/** For what leaves the pool as it was. */
let shared: Pool;

beforeAll(async () => {
  fences = await probeFences();
  entry = compileChild(doubleAt("hostile-child.ts"));
  parent = compileChild(doubleAt("pool-parent.ts"));
  shared = await openHostile();
});

afterAll(() => {
  shared.close();
  rmSync(sentinel, { recursive: true });
});

function doubleAt(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** A pool of one child that harms itself, so that every environment is every other's neighbour. */
function openHostile(options: Partial<PoolOptions> = {}): Promise<Pool> {
  const caps = { deadlineMs: 400, memoryBytes: 256 * MiB, growthBytes: 16 * MiB, answerBytes: MiB };
  return openPool({ children: 1, ...caps, fences, entry, ...options });
}

/** The same for one test. */
async function hostilePool(options: Partial<PoolOptions> = {}): Promise<Pool> {
  const pool = await openHostile(options);
  onTestFinished(() => {
    pool.close();
  });
  return pool;
}

async function served(pool: Pool, name: string): Promise<PooledSession> {
  const session = await pool.open({ folder: join("/hostile", name) });
  expect(await session.call("authenticate", ada)).toMatchObject({ ok: true });
  return session;
}

const absent = { kind: "absent", reason: "not installed" } as const;

/** How it ends: the process had to be stopped or ended by itself, or SQLite gave up and it lives. */
const ends = {
  stopped: /was stopped; nothing was changed$/,
  refused: /^The environment failed to carry out this call/,
  either: /nothing was changed$/,
};

describe("PooledSession.call()", () => {
  test.each([
    ["an endless query", "endless-query", "stopped", "INTERNAL"],
    ["a cross join", "cross-join", "stopped", "INTERNAL"],
    ["a fan-out of 4^14", "fan-out", "either", "INTERNAL"],
    ["a chain of 1,100 triggers", "deep-chain", "either", "INTERNAL"],
    ["endless growth", "growth", "either", "INTERNAL"],
    ["a text of 800 MB by hex", "hex", "either", "INTERNAL"],
    ["a text of 800 MB by replace", "replace", "either", "INTERNAL"],
    ["a text of 2 GB by group_concat", "group-concat", "either", "INTERNAL"],
    ["an endless sort", "sort", "either", "INTERNAL"],
    ["one opcode that runs for minutes", "one-opcode", "stopped", "INTERNAL"],
    ["a transaction rolled back", "rollback", "refused", "INTERNAL"],
    ["a row of 2 MB", "long-row", "either", "LIMIT"],
  ] as const)("is answered after %s, and the neighbour goes on", async (_what, name, end, code) => {
    const neighbour = await served(shared, "desk");
    expect(await neighbour.call("insert_loans", lend)).toMatchObject({ ok: true, row: { id: 1n } });
    const session = await served(shared, name);
    expect(await session.call("insert_loans", lend)).toMatchObject({ ok: true, row: { id: 1n } });
    const resident = process.memoryUsage.rss();

    expect(await session.call("insert_loans", bang)).toMatchObject({
      ok: false,
      error: { code, message: expect.stringMatching(ends[end]) as string },
    });

    expect(process.memoryUsage.rss() - resident).toBeLessThan(50 * MiB);
    expect(await neighbour.call("insert_loans", lend)).toMatchObject({ ok: true, row: { id: 2n } });
    expect(await session.call("query_members", { id: "m1" })).toMatchObject({ rows: [{ loans_out: 1n }] });
    expect(await session.call("insert_loans", lend)).toMatchObject({ ok: true, row: { id: 2n } });
    expect(readdirSync(sentinel)).toEqual([]);
    session.close();
    neighbour.close();
  });
});

describe("openPool()", () => {
  test("gives up an environment by name after three kills, and no other", async () => {
    const pool = await hostilePool();
    const neighbour = await served(pool, "desk");
    const session = await served(pool, "endless-query");
    for (let kill = 0; kill < 3; kill += 1) {
      expect(pool.quarantined()).toEqual([]);
      expect(await session.call("insert_loans", bang)).toMatchObject({
        ok: false,
        error: { message: expect.stringMatching(/stopped/) as string },
      });
    }
    expect(pool.quarantined()).toEqual(["/hostile/endless-query"]);
    const refusal = {
      ok: false,
      error: { code: "INTERNAL", message: expect.stringMatching(/"\/hostile\/endless-query" is quarantined/) as string },
    };
    expect(await session.call("query_loans", {})).toMatchObject(refusal);
    await expect(pool.open({ folder: "/hostile/endless-query" })).rejects.toThrow(/is quarantined/);
    expect(await neighbour.call("insert_loans", lend)).toMatchObject({ ok: true });
  });

  test("finds the call that hangs among those sent together, and blames no other", async () => {
    const pool = await hostilePool({ killsAllowed: 1 });
    const neighbours = await Promise.all([served(pool, "desk"), served(pool, "desk")]);
    const session = await served(pool, "endless-query");
    const answers = await Promise.all([
      ...neighbours.map((neighbour) => neighbour.call("insert_loans", lend)),
      session.call("insert_loans", bang),
      ...neighbours.map((neighbour) => neighbour.call("query_loans", {})),
      session.call("query_loans", {}),
    ]);
    const made = { ok: true, row: { id: 1n } };
    const seen = { ok: true, rows: [{ id: 1n }] };
    const refusal = (message: RegExp) => ({ ok: false, error: { code: "INTERNAL", message: expect.stringMatching(message) as string } });
    expect(answers).toMatchObject([
      made,
      made,
      refusal(/did not answer within 400 ms and was stopped/),
      seen,
      seen,
      refusal(/is quarantined/),
    ]);
    expect(pool.quarantined()).toEqual(["/hostile/endless-query"]);
  });

  test("makes a call again whose child was killed by another process, and blames nobody", async () => {
    const pool = await hostilePool({ killsAllowed: 1 });
    const session = await served(pool, "desk");
    for (const pid of pool.pids()) process.kill(pid, "SIGKILL");
    expect(await session.call("insert_loans", lend)).toMatchObject({ ok: true, row: { id: 1n } });
    expect(pool.quarantined()).toEqual([]);
  });

  test.each([
    ["dies of a signal", "segfault", /ended with SIGSEGV/],
    ["ends", "exit", /ended with exit code 3/],
    ["writes what is no answer", "garbage", /wrote what is no answer/],
    ["answers what nobody asked", "forged-id", /wrote what is no answer/],
    ["writes without end", "flood", /wrote a line longer than/],
    ["fills JavaScript's memory", "js-memory", /ran out of memory/],
  ])("replaces a child that %s", async (_what, name, message) => {
    const neighbour = await served(shared, "desk");
    expect(await neighbour.call("insert_loans", lend)).toMatchObject({ ok: true });
    const resident = process.memoryUsage.rss();
    await expect(shared.open({ folder: join("/hostile", name) })).rejects.toThrow(message);
    expect(process.memoryUsage.rss() - resident).toBeLessThan(50 * MiB);
    expect(await neighbour.log()).toEqual([
      { tool: "authenticate", arguments: ada },
      { tool: "insert_loans", arguments: lend },
    ]);
    neighbour.close();
  });

  test("answers every call of every session in order when its processes are killed between them", async () => {
    const pool = await hostilePool({ children: 2 });
    const sessions = await Promise.all(Array.from({ length: 20 }, () => served(pool, "desk")));
    const answers = sessions.flatMap((session) => [
      session.call("insert_loans", lend),
      session.call("insert_loans", { ...lend, code: "axe" }),
      session.call("insert_loans", { ...lend, code: "awl" }),
      session.call("query_loans", {}),
    ]);
    for (const pid of pool.pids()) process.kill(pid, "SIGKILL");
    const found = await Promise.all(answers);
    for (const [i, answer] of found.entries()) {
      const wanted = [
        { ok: true, row: { id: 1n } },
        { ok: true, row: { id: 2n } },
        { ok: false, error: { violated_rule: "loan.quota" } },
        { ok: true, rows: [{ code: "saw" }, { code: "axe" }] },
      ];
      expect(answer).toMatchObject(wanted[i % 4] ?? {});
    }
    expect(pool.quarantined()).toEqual([]);
  });

  test("lets a younger child take over when the processor time of one is spent, and blames nobody", async () => {
    const pool = await hostilePool({ cpuSeconds: 1 });
    const session = await served(pool, "desk");
    const first = pool.pids();
    for (let calls = 0; calls < 400 && pool.pids().join() === first.join(); calls += 1) {
      const answers = await Promise.all(Array.from({ length: 500 }, () => session.call("query_implements", { limit: 3 })));
      expect(new Set(answers.map(({ ok }) => ok))).toEqual(new Set([true]));
    }
    expect(pool.pids()).not.toEqual(first);
    expect(pool.quarantined()).toEqual([]);
  });

  test("stops what hangs where the operating system adds no fence", async () => {
    const pool = await hostilePool({ fences: { limits: absent, network: absent, orphan: absent } });
    const neighbour = await served(pool, "desk");
    const session = await served(pool, "endless-query");
    expect(await session.call("insert_loans", bang)).toMatchObject({ ok: false, error: { code: "INTERNAL" } });
    const growing = await served(pool, "growth");
    expect(await growing.call("insert_loans", bang)).toMatchObject({ ok: false, error: { code: "INTERNAL" } });
    expect(await neighbour.call("insert_loans", lend)).toMatchObject({ ok: true });
  });

  test("stops what grows at its cap, long before its deadline, and the process lives", async () => {
    const pool = await hostilePool({ deadlineMs: 60_000 });
    const session = await served(pool, "growth");
    const pids = pool.pids();
    expect(await session.call("insert_loans", bang)).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(ends.refused) as string },
    });
    expect(await session.call("insert_loans", lend)).toMatchObject({ ok: true, row: { id: 1n } });
    expect(pool.pids()).toEqual(pids);
  });

  test("leaves a child without room for a file", async ({ skip }) => {
    skip(fences.limits.kind === "absent", "prlimit is absent");
    const pool = await hostilePool();
    await expect(pool.open({ folder: join(sentinel, "file") })).rejects.toThrow(/EFBIG/);
    rmSync(join(sentinel, "large"));
  });

  test("says why no child can be started", async () => {
    const pool = await hostilePool({ entry: join(sentinel, "nothing.js") });
    await expect(pool.open({ folder: "/hostile/desk" })).rejects.toThrow(
      /Cannot keep a child process alive: it ended with exit code 1 \(Error: Cannot find module/,
    );
  });

  test("refuses what waits when it is closed, and what comes after", async () => {
    const pool = await hostilePool({ deadlineMs: 10_000 });
    const session = await served(pool, "endless-query");
    const [pid] = pool.pids();
    const waiting = session.call("insert_loans", bang);
    pool.close();
    expect(await waiting).toMatchObject({ ok: false, error: { code: "INTERNAL", message: "The pool is closed" } });
    expect(await session.call("query_loans", {})).toMatchObject({ ok: false, error: { message: "The pool is closed" } });
    await expect(session.reset()).rejects.toThrow("The pool is closed");
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test.each([
    ["its input ends, when it waits", "desk", false],
    ["the kernel kills it, when it is stuck", "endless-query", true],
  ])("leaves no child behind when its process is killed: %s", async (_how, name, isFenced) => {
    if (isFenced && fences.orphan.kind === "absent") return;
    const holder = spawn(process.execPath, [parent, entry, name, isFenced ? "fenced" : "bare"]);
    const [printed] = (await once(holder.stdout, "data")) as [Buffer];
    const pid = Number(printed.toString());
    expect(isAlive(pid)).toBe(true);
    holder.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });
});

/** A process that has ended is a zombie until it is waited for, which the dead parent's heir does in its own time. */
function isAlive(pid = 0): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${String(pid)}/stat`, "utf8"));
  } catch {
    return false;
  }
}
