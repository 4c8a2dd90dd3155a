import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openPool, type Pool } from "../../../environment/child/pool.js";
import type { PooledSession } from "../../../environment/child/pooled-session.js";
import { openRewardedSession } from "../../../environment/compare/rewarded-session.js";
import { callLimits, parseExactJson, stringifyExactJson } from "../../../environment/engine/exact-json.js";
import { environmentFiles, manifestOf, writeEnvironment } from "../../../environment/engine/folder-files.js";
import { openSession } from "../../../environment/engine/session.js";
import { writeSnapshot } from "../../../environment/engine/snapshot.js";
import { toolsOf } from "../../../environment/engine/tools.js";
import { openDesk } from "../../doubles/lending-desk.js";
import { randomCall, seeded } from "../../doubles/random-calls.js";
import { compileChild } from "./compiled-child.js";

const desk = openDesk();
const ada = { id: "m1", pin: "1111" };
const saw = { code: "saw", days: 3n };
const axe = { code: "axe", days: 3n };

const root = mkdtempSync(join(tmpdir(), "logigen-pooled-"));
const folder = join(root, "desk");
const target = join(root, "target.sqlite");
let pool: Pool;

beforeAll(async () => {
  writeEnvironment(folder, desk);
  const goal = openSession(desk);
  for (const [tool, given] of [
    ["authenticate", ada],
    ["insert_loans", saw],
    ["insert_loans", axe],
  ] as const)
    expect(goal.call(tool, given)).toMatchObject({ ok: true });
  writeFileSync(target, writeSnapshot(goal.db));
  pool = await openPool({
    children: 1,
    entry: compileChild(fileURLToPath(new URL("../../../environment/child/main.ts", import.meta.url))),
  });
});

afterAll(() => {
  pool.close();
  rmSync(root, { recursive: true });
});

async function opened(): Promise<PooledSession> {
  const session = await pool.open({ folder });
  expect(await session.call("authenticate", ada)).toMatchObject({ ok: true });
  return session;
}

/** Every session opened in this process is at the same point as {@link opened}. */
function local() {
  const session = openSession(desk);
  session.call("authenticate", ada);
  return session;
}

describe("PooledSession.call()", () => {
  test("answers as a session in this process does, to 600 random calls in 20 episodes", async () => {
    const there = await opened();
    const here = local();
    const random = seeded(7);
    const tools = toolsOf(desk.compiled);
    const verdicts = new Set<string>();
    for (let episode = 0; episode < 20; episode += 1) {
      for (let i = 0; i < 30; i += 1) {
        const call = randomCall(here, tools, random);
        const wanted = here.call(call.tool, call.arguments);
        verdicts.add(wanted.ok ? "accepted" : wanted.error.code);
        expect(await there.call(call.tool, call.arguments)).toEqual(wanted);
      }
      expect(await there.call("query_loans", {})).toEqual(here.call("query_loans", {}));
      expect(await there.log()).toEqual(here.log());
      await there.reset();
      here.reset();
      await there.call("authenticate", ada);
      here.call("authenticate", ada);
    }
    expect([...verdicts].sort()).toEqual(["INVALID_ARGUMENTS", "NOT_FOUND", "POLICY_VIOLATION", "accepted"]);
    there.close();
  });

  test.each([
    ["an integer beyond 2^53", "query_implements", { price: 9007199254740993n }],
    ["the same as a decimal string", "query_implements", { price: "9007199254740993" }],
    ["2^53, which is no safe number", "query_implements", { price: 2n ** 53n }],
    ["an integer beyond 64 bits", "query_implements", { price: 2n ** 70n }],
    ["a number for an integer", "insert_loans", { code: "saw", days: 3 }],
    ["a fraction for an integer", "insert_loans", { code: "saw", days: 3.5 }],
    ["a large number for an integer", "insert_loans", { code: "saw", days: 1e20 }],
    ["an integer for a real", "query_implements", { weight: 2n }],
    ["a number for a real", "query_implements", { weight: 1.5 }],
    ["minus zero", "query_implements", { weight: -0 }],
    ["infinity", "query_implements", { weight: Infinity }],
    ["an integer for a text", "query_implements", { code: 2n ** 60n }],
    ["a list", "insert_loans", { code: ["saw"], days: 3n }],
    ["an object", "insert_loans", { code: { toString: "saw" }, days: 3n }],
    ["null", "insert_loans", { code: null, days: 3n }],
    ["no object", "insert_loans", [1n]],
    ["no arguments", "insert_loans", null],
    ["another prototype", "insert_loans", JSON.parse('{"__proto__":{"code":"saw"},"days":3}')],
    ["a NUL", "insert_loans", { code: "s\0", days: 3n }],
    ["a lone surrogate", "insert_loans", { code: "s\ud800", days: 3n }],
    ["line breaks and letters", "insert_loans", { code: "saw", days: 3n, note: 'a\r\nb c\u2028 é \u{1f6e0} "q" \\' }],
    ["70,000 bytes of text", "insert_loans", { code: "saw", days: 3n, note: "é".repeat(35_000) }],
    ["an unknown tool", "no such tool\n\u{1f6e0}", {}],
    ["a tool without a name", "", {}],
    ["a tool of JavaScript's", "__proto__", {}],
  ])("takes %s as a session in this process does", async (_what, tool, given) => {
    const there = await opened();
    expect(await there.call(tool, given)).toEqual(local().call(tool, given));
    there.close();
  });

  test.each([
    ["a function", { code: () => "saw" }],
    ["nothing", { code: undefined }],
    ["depths", Array.from({ length: 100 }).reduce((inner: unknown) => ({ inner }), {})],
  ])("refuses %s, which has no JSON form", async (_what, given) => {
    const there = await opened();
    expect(await there.call("insert_loans", given)).toMatchObject({ ok: false, error: { code: "INVALID_ARGUMENTS" } });
    there.close();
  });

  test("refuses two million characters without sending them", async () => {
    const there = await opened();
    expect(await there.call("insert_loans", { ...saw, note: "x".repeat(2_000_000) })).toMatchObject({
      ok: false,
      error: { code: "LIMIT" },
    });
    there.close();
  });
});

describe("PooledSession.callText()", () => {
  test.each([
    ["one line", '{"code":"saw","days":3}'],
    ["many lines", '{\r\n  "code": "saw",\n\t"days": 3\n}\n'],
    ["a line break in a text", '{"code":"saw","days":3,"note":"a\nb"}'],
    ["an escaped line break in a text", '{"code":"saw","days":3,"note":"a\\nb"}'],
    ["an integer beyond 2^53", '{"code":"saw","days":9007199254740993}'],
    ["a key twice", '{"code":"saw","code":"axe","days":3}'],
    ["half a document", '{"code":"saw",'],
    ["nothing", ""],
    ["70,000 bytes", `{"code":"saw","days":3,"note":"${"x".repeat(70_000)}"}`],
  ])("answers %s with the JSON of what a session in this process answers", async (_what, text) => {
    const there = await opened();
    const answer = await there.callText("insert_loans", text);
    let given: unknown;
    try {
      given = parseExactJson(text, callLimits);
    } catch {
      expect(JSON.parse(answer)).toMatchObject({ ok: false, error: { code: text.length > 65_536 ? "LIMIT" : "INVALID_ARGUMENTS" } });
      return;
    }
    expect(answer).toBe(stringifyExactJson(local().call("insert_loans", given)));
    there.close();
  });

  test("refuses what is no well-formed Unicode", async () => {
    const there = await opened();
    expect(JSON.parse(await there.callText("insert_loans", '{"code":"\ud800"}'))).toMatchObject({ error: { code: "INVALID_ARGUMENTS" } });
    there.close();
  });
});

describe("PooledSession.reward()", () => {
  test("follows a session as one in this process does, in another process than the one that answers", async () => {
    const there = await pool.open({ folder, target });
    const here = openRewardedSession({ ...desk, target: readFileSync(target) });
    expect(new Set(pool.pids()).size).toBe(2);
    const calls = [
      ["authenticate", ada],
      ["insert_loans", saw],
      ["insert_loans", { code: "saw", days: 0n }],
      ["query_loans", {}],
      ["insert_loans", { code: "nil", days: 3n }],
      ["insert_loans", { days: 3n }],
      ["insert_loans", axe],
      ["update_loans", { id: 1n, status: "RETURNED" }],
    ] as const;
    expect(await there.reward()).toEqual(here.reward());
    for (const [tool, given] of calls) {
      expect(await there.call(tool, given)).toEqual(here.call(tool, given));
      expect(await there.reward()).toEqual(here.reward());
      expect(await there.diff()).toEqual(here.diff());
    }
    for (const pid of pool.pids()) process.kill(pid, "SIGKILL");
    expect(await there.call("insert_loans", { code: "saw", days: 0n })).toEqual(here.call("insert_loans", { code: "saw", days: 0n }));
    expect(await there.reward()).toEqual(here.reward());
    for (const pid of pool.pids()) process.kill(pid, "SIGKILL");
    expect(await there.reward()).toEqual(here.reward());
    await there.reset();
    here.reset();
    expect(await there.reward()).toEqual(here.reward());
    const many = [...calls.slice(0, 2), ...calls.slice(6, 7)].map(async ([tool, given]) => there.call(tool, given));
    await Promise.all(many);
    expect(await there.reward()).toMatchObject({ paper: { r_final: 1 }, default: { success: 1 } });
    here.close();
    there.close();
  });

  test("is refused without a target", async () => {
    const there = await opened();
    await expect(there.reward()).rejects.toThrow("Cannot compare: the session was opened without a target");
    there.close();
  });

  test("cannot be had of a target that is no file, and leaves the pool as it was", async () => {
    await expect(pool.open({ folder, target: join(root, "nothing.sqlite") })).rejects.toThrow(/ENOENT/);
    expect(await (await opened()).call("insert_loans", saw)).toMatchObject({ ok: true });
  });
});

describe("Pool.open()", () => {
  test("opens an environment's files under their name, always the same, in a child started through the loader", async () => {
    const here = await openPool({ children: 1 });
    onTestFinished(() => {
      here.close();
    });
    const files = environmentFiles(desk);
    const manifest = Buffer.from(JSON.stringify(manifestOf(desk, files)));
    const whole = new Map([...files, ["manifest.json", manifest]]);
    await expect(here.open({ name: "part", files })).rejects.toThrow(/Cannot open "part": .*manifest\.json/);
    for (let i = 0; i < 2; i += 1)
      expect(await (await here.open({ name: "desk", files: whole })).call("authenticate", ada)).toMatchObject({ ok: true });
    await expect(here.open({ name: "desk", files })).rejects.toThrow('Cannot open "desk": other files are open under that name');
  });

  test("opens a session whose child, started through the loader, answers with far more than a pipe holds", async () => {
    const here = await openPool({ children: 1 });
    onTestFinished(() => {
      here.close();
    });
    const there = await here.open({ folder });
    expect(await there.call("authenticate", ada)).toMatchObject({ ok: true });
    expect(await there.call("insert_loans", { ...saw, note: "x".repeat(50_000) })).toMatchObject({ ok: true });
    const [pid] = here.pids();
    const answers = await Promise.all(Array.from({ length: 64 }, async () => there.call("query_loans", {})));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(here.pids()).toEqual([pid]);
  });

  test("refuses a folder that is no environment", async () => {
    await expect(pool.open({ folder: root })).rejects.toThrow(/Cannot open .*manifest\.json/);
  });
});
