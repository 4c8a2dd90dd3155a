/**
 * Calls through a child process: the median of one at a time against an echo over the same kind of pipe, and the rate of many
 * at a time against the same calls in this process. Blocks of both sides take turns, so that both meet the same machine.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { openPool } from "../environment/child/pool.js";
import type { PooledSession } from "../environment/child/pooled-session.js";
import { callLimits, parseExactJson, stringifyExactJson } from "../environment/engine/exact-json.js";
import { writeEnvironment } from "../environment/engine/folder-files.js";
import { openSession, type Session } from "../environment/engine/session.js";
import { compileSheet } from "../environment/compile/compile-sheet.js";
import { layRows } from "../environment/engine/lay-rows.js";
import { writeSnapshot } from "../environment/engine/snapshot.js";
import { median, type Result } from "./measure.js";

type Work = { readonly name: string; readonly tool: string; readonly args: string };

const BLOCKS = 8;
const CALLS_ALONE = 1000;
const CALLS_TOGETHER = 8000;
const SESSIONS = 64;
const EPISODE = 10;

const works: readonly Work[] = [
  { name: "guarded insert", tool: "insert_visits", args: '{"room":"hall","guests":3}' },
  { name: "query", tool: "query_rooms", args: '{"code":"hall"}' },
];

/** Ratios of both works, alone (goal ≤ 2) and together (goal ≥ 0.6). */
export async function benchChild(): Promise<readonly Result[]> {
  const house = openHouse();
  const folder = mkdtempSync(join(tmpdir(), "logigen-bench-"));
  writeEnvironment(folder, house);
  const pool = await openPool({ children: 1 });
  try {
    const there = await Promise.all(Array.from({ length: SESSIONS }, () => pool.open({ folder })));
    const here = Array.from({ length: SESSIONS }, () => openSession(house));
    const results: Result[] = [];
    for (const work of works) {
      for (const placement of placements) results.push(...(await benchAlone(work, { there, pids: pool.pids(), placement })));
      results.push(await benchTogether(work, { there, here }));
    }
    for (const session of here) session.close();
    return results;
  } finally {
    pool.close();
    rmSync(folder, { recursive: true });
  }
}

/** A small environment, whose insert has a guard that looks into another table. */
const houseSheet = {
  logigen: 1,
  id: "house",
  title: "House",
  actor: { mode: "columns" },
  policy: [{ id: "1", kind: "enforceable", heading: "Rooms", text: "A visit has at most as many guests as its room has seats." }],
  tables: {
    rooms: {
      label: "room",
      plural: "rooms",
      layer: "L0",
      key: "code",
      columns: { code: { type: "text" }, seats: { type: "integer" } },
    },
    visits: {
      label: "visit",
      plural: "visits",
      layer: "L2",
      key: "id",
      create: { by: "agent", phrase: "announce a visit" },
      duplicates: ["1"],
      columns: { id: { type: "integer" }, room: { type: "text", references: "rooms" }, guests: { type: "integer", min: 1 } },
    },
  },
  rules: [
    {
      id: "visit.seats",
      kind: "compare",
      table: "visits",
      at: "create",
      check: "new.guests <= new.room.seats",
      clauses: ["1"],
      message: "The room has too few seats.",
    },
  ],
};

function openHouse() {
  const compilation = compileSheet(houseSheet);
  if (!compilation.ok) throw new Error(`Cannot compile the house: ${JSON.stringify(compilation.errors)}`);
  const { compiled } = compilation;
  const db = layRows(compiled, { rooms: [{ code: "hall", seats: 20n }] }, { now: 1n });
  const origin = writeSnapshot(db);
  db.close();
  return { compiled, origin };
}

/**
 * Where the two sides of a pipe run. Waking a process on another core can cost several times what the pipe costs, and the
 * scheduler leaves one pair together and parts another; so both pairs are placed alike. A pool's children are there to run beside
 * their parent: the goal is for cores apart.
 */
const placements = [
  { name: "cores apart", child: "1", goal: 2 },
  { name: "on one core", child: "0", goal: null },
] as const;

/** Asked for before any process is moved: it then tells the cores that are left. */
const cores = availableParallelism();

/** Moves a process with its threads to these cores, where `taskset` is there to do it. */
function place(pid: number | undefined, where: string): void {
  if (pid !== undefined && cores > 1) spawnSync("taskset", ["-a", "-p", "-c", where, String(pid)]);
}

type Alone = {
  readonly there: readonly PooledSession[];
  readonly pids: readonly number[];
  readonly placement: (typeof placements)[number];
};

async function benchAlone({ name, tool, args }: Work, { there: [session], pids, placement }: Alone): Promise<readonly Result[]> {
  if (session === undefined) throw new RangeError("Cannot measure: there is no session");
  const echo = openEcho();
  place(process.pid, "0");
  for (const pid of [...pids, echo.pid]) place(pid, placement.child);
  const line = `1 text 1 ${tool} ${args}\n`;
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let block = 0; block <= BLOCKS; block += 1) {
    const calls = await times(CALLS_ALONE, async (i) => {
      if (i % EPISODE === 0) await session.reset();
      return timed(() => session.callText(tool, args));
    });
    const echoes = await times(CALLS_ALONE, () => timed(() => echo.send(line)));
    if (block === 0) continue; // both sides are compiled by now
    ours.push(...calls);
    theirs.push(...echoes);
  }
  echo.close();
  for (const pid of [process.pid, ...pids]) place(pid, `0-${cores - 1}`);
  const ratio = median(ours) / median(theirs);
  const goal = placement.goal === null ? { goal: "", ok: null } : { goal: `≤ ${placement.goal}`, ok: ratio <= placement.goal };
  return [
    { name: `child, ${name}, one at a time, ${placement.name} (µs)`, value: median(ours), goal: "", ok: null },
    { name: `echo over such a pipe, ${placement.name} (µs)`, value: median(theirs), goal: "", ok: null },
    { name: `child, ${name}, one at a time, over the echo, ${placement.name} (×)`, value: ratio, ...goal },
  ];
}

async function benchTogether(
  { name, tool, args }: Work,
  { there, here }: { readonly there: readonly PooledSession[]; readonly here: readonly Session[] },
): Promise<Result> {
  const ratios: number[] = [];
  for (let block = 0; block <= BLOCKS; block += 1) {
    const inProcess = await timed(() => {
      for (let i = 0; i < CALLS_TOGETHER / SESSIONS; i += 1) for (const session of here) callHere(session, i, { tool, args });
      return Promise.resolve();
    });
    const inChild = await timed(() => Promise.all(there.map((session) => playThere(session, { tool, args }))));
    if (block > 0) ratios.push(inProcess / inChild);
  }
  const ratio = median(ratios);
  return {
    name: `child, ${name}, ${SESSIONS} sessions at a time, of the rate in this process (×)`,
    value: ratio,
    goal: "≥ 0.6",
    ok: ratio >= 0.6,
  };
}

function callHere(session: Session, i: number, { tool, args }: Pick<Work, "tool" | "args">): string {
  if (i % EPISODE === 0) session.reset();
  return stringifyExactJson(session.call(tool, parseExactJson(args, callLimits)));
}

async function playThere(session: PooledSession, { tool, args }: Pick<Work, "tool" | "args">): Promise<void> {
  for (let i = 0; i < CALLS_TOGETHER / SESSIONS; i += 1) {
    if (i % EPISODE === 0) await session.reset();
    await session.callText(tool, args);
  }
}

type Echo = { readonly pid: number | undefined; readonly send: (line: string) => Promise<void>; readonly close: () => void };

/** The least a child can do with a line: its bytes back as they came. */
function openEcho(): Echo {
  const loop = "const f=require('fs'),b=Buffer.alloc(65536);for(let n;(n=f.readSync(0,b))>0;)f.writeSync(1,b,0,n)";
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, ["-e", loop], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let heard: () => void = () => undefined;
  child.stdout.on("data", () => {
    heard();
  });
  const send = (line: string): Promise<void> =>
    new Promise((resolve) => {
      heard = resolve;
      child.stdin.write(line);
    });
  return { pid: child.pid, send, close: () => void child.stdin.end() };
}

async function times<T>(count: number, act: (i: number) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let i = 0; i < count; i += 1) results.push(await act(i));
  return results;
}

/** Microseconds. */
async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await act();
  return Number(process.hrtime.bigint() - start) / 1000;
}
