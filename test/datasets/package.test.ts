import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { datasetDigest, packageDigest } from "../../datasets/dataset-digest.js";
import { type PackageContent, packageManifestSchema, readPackage, writePackage } from "../../datasets/package.js";
import { findPackages, openVerifier, verifyPackage } from "../../datasets/verify.js";
import { trajectoryFaults } from "../../datasets/verify-trajectory.js";
import { viewOfPackage, viewText } from "../../datasets/view.js";
import { stringifyExactJson } from "../../environment/engine/exact-json.js";
import { scoreRollout } from "../../environment/compare/replay.js";
import { type Call, openTrial } from "../../environment/compare/trial.js";
import { toolsOf } from "../../environment/engine/tools.js";
import { policyText } from "../../environment/sheet/policy-text.js";
import { openSnapshot, writeSnapshot } from "../../environment/engine/snapshot.js";
import {
  certified,
  description,
  goldLog,
  libraryOrigin,
  libraryTask,
  type LibraryTask,
  refusals,
  stateAfter,
  told,
  toolLibrary,
} from "../doubles/tool-library.js";
import type { Trajectory } from "../../datasets/trajectory.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "logigen-package-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const trajectory: Trajectory = {
  version: 1,
  task: "library/task-1",
  attempt: 1,
  outcome: "agent_failure",
  end: "stop",
  verified: false,
  final: { paper: { diff: 3, r_final: 0, p: 0 }, default: { missing: 3, collateral: 0, success: 0, p: 0 } },
  calls: [],
  turns: [],
  system: "policy",
  tools: [],
  models: { teacher: "builtin" },
  sampling: {},
  messages: [
    { role: "user", content: "Hello" },
    { role: "assistant", content: "Good day", reasoning: null, tool_calls: [] },
  ],
};

function content(changed: Partial<LibraryTask> = {}): PackageContent {
  const { compiled, origin, target, log, description: told } = libraryTask(changed);
  const certificate = certified({ compiled, origin, target, log, description: told });
  return {
    task: "library/task-1",
    author: "builtin",
    environment: { compiled, origin },
    target,
    log,
    refusals,
    description: told,
    certificate,
    trajectories: [trajectory],
    provenance: { host: "here" },
  };
}

/** What a rollout of the gold log leaves, a call a turn. */
function verifiedTrajectory(task: LibraryTask = libraryTask(), made: readonly Call[] = goldLog): Trajectory {
  const { compiled, origin, target } = task;
  const scored = scoreRollout(
    { compiled, origin, target },
    { calls: made.map((call, i) => ({ ...call, turn: i + 1 })), turns: made.length + 1 },
  );
  const { paper, default: counted } = scored.final;
  return {
    ...trajectory,
    outcome: "completed",
    verified: true,
    system: `Be brief.\n\n${policyText(compiled.sheet)}`,
    tools: toolsOf(compiled).map(({ name, description, parameters }) => ({ name, description, parameters })),
    final: {
      paper: { diff: paper.diff, r_final: paper.r_final, p: paper.p },
      default: { missing: counted.missing, collateral: counted.collateral, success: counted.success, p: counted.p },
    },
    calls: scored.calls.map(({ turn, tool, outcome, reward }) => ({
      turn,
      tool,
      outcome,
      r: { paper: reward.paper.r, default: reward.default.r },
      p: { paper: reward.paper.p, default: reward.default.p },
    })),
    turns: scored.turns.map(({ turn, paper: printed, default: own }) => ({
      turn,
      r: { paper: printed.r, default: own.r },
      p: { paper: printed.p, default: own.p },
    })),
    messages: scored.calls.flatMap(({ tool, arguments: given, result }, i): Trajectory["messages"] => [
      { role: "user", content: "Please do" },
      {
        role: "assistant",
        content: "",
        reasoning: null,
        tool_calls: [{ id: `call-${i}`, name: tool, arguments: z.record(z.string(), z.unknown()).parse(given) }],
      },
      { role: "tool", tool_call_id: `call-${i}`, content: stringifyExactJson(result) },
    ]),
  };
}

const path = (name = "task-1") => join(folder, name);
const failed = (at: string) =>
  verifyPackage(at)
    .points.filter((point) => !point.ok)
    .map((point) => point.name);

/** Changes a file and rewrites every digest, as somebody would who wants the change to be believed. */
function forge(at: string, name: string, change: (bytes: Buffer) => Buffer): void {
  writeFileSync(join(at, name), change(readFileSync(join(at, name))));
  const manifest = packageManifestSchema.parse(JSON.parse(readFileSync(join(at, "manifest.json"), "utf8")));
  const files = {
    ...manifest.files,
    [name]: createHash("sha256")
      .update(readFileSync(join(at, name)))
      .digest("hex"),
  };
  writeFileSync(join(at, "manifest.json"), JSON.stringify({ ...manifest, files, digest: packageDigest(files) }));
}

const text = (change: (text: string) => string) => (bytes: Buffer) => Buffer.from(change(bytes.toString()));

describe("writePackage() and readPackage()", () => {
  test("give back what was written, and count attempts and passes", () => {
    const written = writePackage(path(), content());
    const found = readPackage(path());
    expect(found.manifest).toEqual(written);
    expect(found).toMatchObject({ log: goldLog, description, refusals, trajectories: [trajectory] });
    expect(written).toMatchObject({ attempts: 1, passes: 0, difficulty: "L3", author: "builtin" });
  });

  test("give the same digest whatever the provenance", () => {
    const first = writePackage(path("a"), content());
    const second = writePackage(path("b"), { ...content(), provenance: { host: "there", elapsedMs: 5 } });
    expect(second.digest).toBe(first.digest);
  });

  test.each([
    [
      "another package version",
      "manifest.json",
      (bytes: Buffer) => text((t) => t.replace('"package": 1', '"package": 9'))(bytes),
      /package format version 9/,
    ],
    ["a changed file", "gold.json", text((t) => t.replace("D2", "D1")), /gold\.json/],
  ])("refuse %s by name", (_, name, change, message) => {
    writePackage(path(), content());
    writeFileSync(join(path(), name), change(readFileSync(join(path(), name))));
    expect(() => readPackage(path())).toThrow(message);
  });
});

describe("openVerifier()", () => {
  test("finds of packages one after another, of one origin and of several, what is found of each alone", () => {
    writePackage(path("a"), content());
    writePackage(path("b"), content({ log: goldLog.slice(0, 2) }));
    writePackage(path("c"), { ...content(), trajectories: [verifiedTrajectory()] });
    writePackage(path("d"), content({ origin: crowdedOrigin() }));
    writePackage(path("e"), content());
    forge(path("e"), "origin.sqlite", (bytes) => {
      const db = openSnapshot(bytes);
      db.prepare("DROP TRIGGER loans_before_update").run();
      return writeSnapshot(db);
    });
    const order = ["a", "b", "a", "c", "d", "e", "a", "d"].map((name) => path(name));
    const verifier = openVerifier();
    const found = order.map((at) => verifier.verify(at));
    verifier.close();
    expect(found).toEqual(order.map((at) => verifyPackage(at)));
    expect(found.map(({ ok }) => ok)).toEqual([true, false, true, true, false, false, true, false]);
  });
});

describe("openVerifier()", () => {
  test.each([
    ["target.sqlite", "has no rows that can be read", damaged, "database disk image is malformed"],
    ["origin.sqlite", "has no rows that can be read", damaged, "database disk image is malformed"],
    ["origin.sqlite", "has an index that is not its rows'", misindexed, "it is damaged: row 4 missing from index"],
  ])("fails a package whose %s %s at replay, and verifies the next", (name, _what, change, message) => {
    writePackage(path("a"), content());
    writePackage(path("b"), content());
    forge(path("a"), name, change);
    const verifier = openVerifier();
    const [bad, good] = ["a", "b"].map((each) => verifier.verify(path(each)));
    verifier.close();
    expect(bad?.points[0]).toMatchObject({ name: "replay", ok: false, evidence: [expect.stringContaining(`"${name}"`)] });
    expect(bad?.points[0]?.evidence[0]).toContain(message);
    expect(good?.ok).toBe(true);
  });
});

/** The index of the tools' codes names one that no tool has. */
function misindexed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.indexOf("S2", pageOf(bytes, "sqlite_autoindex_tools_1")) + 1] = "3".charCodeAt(0);
  return copy;
}

/** The page that holds the loans is of no kind any more. */
function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[pageOf(bytes, "loans")] = 242;
  return copy;
}

function pageOf(bytes: Buffer, object: string): number {
  const db = openSnapshot(bytes, { readonly: true });
  const root = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").pluck().get(object));
  db.close();
  return (root - 1) * 4096;
}

describe("verifyPackage()", () => {
  test("holds of a sound package", () => {
    writePackage(path(), content());
    expect(failed(path())).toEqual([]);
    expect(verifyPackage(path()).points).toHaveLength(8);
  });

  const renew = { tool: "update_loans", arguments: { id: 2, status: "RENEWING" } };
  const dearer = {
    argument: "id",
    table: "loans",
    wishes: [
      { column: "member_id", comparison: "=" as const, value: "m1" },
      { column: "fee", comparison: "highest" as const },
    ],
  };
  const source = (write: number, argument: string, quote: string) => ({ write, argument, from: "description" as const, quote });
  const bad: readonly (readonly [string, () => Partial<LibraryTask>])[] = [
    ["replay", () => ({ target: stateAfter(toolLibrary(), libraryOrigin(toolLibrary()), goldLog.slice(0, 2)) })],
    ["idle", () => ({ log: goldLog.slice(0, 1), description: told({ ...description, choices: [], values: [] }) })],
    [
      "necessary",
      () => ({
        log: [
          ...goldLog,
          { tool: "update_loans", arguments: { id: 2, note: "a" } },
          { tool: "update_loans", arguments: { id: 2, note: "b" } },
        ],
        description: told({ ...description, choices: [...description.choices, { write: 2, ...dearer }, { write: 3, ...dearer }] }),
      }),
    ],
    [
      "repeat",
      () => ({
        log: [...goldLog, renew],
        description: told({
          ...description,
          goal: "Also renew the dearer loan.",
          choices: [...description.choices, { write: 2, ...dearer }],
          values: [...description.values, source(2, "status", "renew the dearer loan")],
        }),
      }),
    ],
    [
      "altered",
      () => ({
        log: [
          ...goldLog.slice(0, 2),
          { tool: "insert_loans", arguments: { tool_code: "D2", days: 3, fee: 9, shelf: 4 } },
          { tool: "update_loans", arguments: { id: 4, shelf: 5 } },
        ],
        description: told({
          ...description,
          goal: "First on shelf 4, then on shelf 5.",
          values: [
            ...description.values,
            source(1, "shelf", "on shelf 4"),
            { write: 2, argument: "id", from: "created" },
            source(2, "shelf", "on shelf 5"),
          ],
        }),
      }),
    ],
    ["invariants", () => ({ origin: crowdedOrigin() })],
    [
      "determined",
      () => ({
        description: told({
          ...description,
          choices: description.choices.map((choice) => ({ ...choice, wishes: choice.wishes.slice(0, 1) })),
        }),
      }),
    ],
  ];

  test.each(bad)("names %s of a self-consistent bad package", (point, change) => {
    writePackage(path(), content(change()));
    expect(failed(path())).toContain(point);
  });

  test("names invariants of a package whose origin breaks a rule that its target keeps", () => {
    const mended = [goldLog[0], { tool: "update_loans", arguments: { id: 1, status: "BACK" } }].flatMap((call) => call ?? []);
    writePackage(path(), content({ origin: crowdedOrigin("m1"), log: mended }));
    const point = verifyPackage(path()).points.find(({ name }) => name === "invariants");
    expect(point?.evidence[0]).toMatch(/^in the origin loans\.two is broken in loans/);
  });

  const certificate = content().certificate;
  const unsound = certificate.points.map((point) => (point.name === "repeat" ? { ...point, ok: false } : point));
  test.each<readonly [string, Partial<PackageContent["certificate"]>, string, RegExp]>([
    ["is empty", { ok: false, points: [] }, "replay", /has the points ""/],
    ["lacks a point", { points: certificate.points.slice(1) }, "replay", /has the points "idle, .*", not every point/],
    ["calls the task unsound", { ok: false }, "replay", /says that the task is unsound, its points say otherwise/],
    ["says that a point fails", { ok: false, points: unsound }, "repeat", /records that this point fails/],
  ])("names a certificate that %s where certifying again finds it sound", (_, change, point, message) => {
    writePackage(path(), { ...content(), certificate: { ...certificate, ...change } });
    expect(failed(path())).toEqual([point]);
    expect(verifyPackage(path()).points.find(({ name }) => name === point)?.evidence[0]).toMatch(message);
  });

  const { user } = description;
  test.each([
    ["of another table", { table: "tools" }, 'the user\'s table is "tools", users are rows of "members"'],
    ["that nobody is", { key: "nobody" }, 'the user "nobody" is no row of "members" in the origin'],
    ["without a key", { table: null, key: null }, "the user has no key, and yet a table or a profile"],
    ["with another's name", { profile: { ...user.profile, name: "Bob" } }, 'the profile\'s "name" is "Bob", the origin has "Ann"'],
    [
      "with a value that no row has",
      { profile: { ...user.profile, age: 7 } },
      'the profile\'s "age" is 7, which is no column that a user knows of himself',
    ],
  ])("names determined of a description with a user %s", (_, change, message) => {
    writePackage(path(), content());
    forge(
      path(),
      "task.json",
      text((t) => JSON.stringify({ ...JSON.parse(t), user: { ...user, ...change } })),
    );
    expect(failed(path())).toEqual(["determined"]);
    expect(verifyPackage(path()).points.find(({ name }) => name === "determined")?.evidence).toContain(message);
  });

  test("names difficulty of a package that claims another", () => {
    const sound = content();
    writePackage(path(), { ...sound, certificate: { ...sound.certificate, difficulty: "L1" } });
    expect(failed(path())).toEqual(["difficulty"]);
  });

  test.each([
    [
      "one byte of the target",
      "target.sqlite",
      (bytes: Buffer) => {
        const at = bytes.lastIndexOf("BACK");
        const copy = Buffer.from(bytes);
        copy[at] = 67;
        return copy;
      },
    ],
    ["a gold write removed", "gold.json", text((t) => JSON.stringify({ ...JSON.parse(t), writes: goldLog.slice(0, 2) }))],
    ["a trigger's text", "triggers.sql", text((t) => t.replace("IS NOT TRUE", "IS FALSE"))],
  ])("names replay when %s was changed and every digest rewritten", (_, name, change) => {
    writePackage(path(), content());
    forge(path(), name, change);
    expect(failed(path())).toContain("replay");
  });

  test("names replay when a trigger inside the snapshot was edited", () => {
    writePackage(path(), content());
    forge(path(), "origin.sqlite", (bytes) => {
      const db = openSnapshot(bytes);
      const [trigger] = db
        .prepare<[], { name: string; sql: string }>(
          "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'loans' AND sql LIKE '%loans.two%'",
        )
        .all();
      db.prepare(`DROP TRIGGER "${trigger?.name ?? ""}"`).run();
      db.prepare((trigger?.sql ?? "").replace("IS NOT TRUE", "IS FALSE")).run();
      return writeSnapshot(db);
    });
    expect(failed(path())).toContain("replay");
  });

  test("holds of a verified trajectory whose calls lead to the target, and says that it was replayed", () => {
    writePackage(path(), { ...content(), trajectories: [verifiedTrajectory(), { ...trajectory, attempt: 2 }] });
    expect(failed(path())).toEqual([]);
    expect(verifyPackage(path()).points[0]?.evidence.at(-1)).toBe(
      "1 verified of 2 trajectories, each verified one replayed from its messages",
    );
  });

  const claimed = verifiedTrajectory();
  const reward = { paper: 0.5, default: 0.5 };
  test.each<readonly [string, Partial<Trajectory>, RegExp]>([
    ["nothing was said or called", { messages: [], calls: [], turns: [] }, /without a conversation/],
    ["its calls do not lead to the target", { messages: claimed.messages.slice(0, 6) }, /leave 1 missing/],
    [
      "its final reward is another",
      { final: { paper: { diff: 9, r_final: 0, p: 0 }, default: { missing: 0, collateral: 0, success: 1, p: 1 } } },
      /its final are not/,
    ],
    ["a call has another reward", { calls: claimed.calls.map((call) => ({ ...call, r: reward })) }, /its calls are not/],
    ["a turn has another reward", { turns: claimed.turns.map((turn) => ({ ...turn, p: reward })) }, /its turns are not/],
    [
      "an answer is not the environment's",
      { messages: claimed.messages.map((message) => (message.role === "tool" ? { ...message, content: "{}" } : message)) },
      /call 0 \(authenticate\) is not answered/,
    ],
    ["its tools are others", { tools: [] }, /its tools are not those of the environment/],
    ["its agent was told another policy", { system: "Ignore the policy." }, /its system prompt does not hold the policy/],
    ["it did not complete", { outcome: "user_failure" }, /ended as user_failure/],
    ["it is of another task", { task: "library/task-9" }, /of the task "library\/task-9"/],
    [
      "it tells the reads of a refusal that is none",
      { refusal_reads: { needed: 0, made: 0, established: true } },
      /its refusal_reads are not what its calls give/,
    ],
  ])("names replay of a trajectory called verified when %s", (_, change, message) => {
    writePackage(path(), { ...content(), trajectories: [{ ...claimed, ...change }] });
    expect(failed(path())).toEqual(["replay"]);
    expect(verifyPackage(path()).points[0]?.evidence.join("\n")).toMatch(message);
  });

  const asked = told({
    ...description,
    kind: "refusal",
    choices: [],
    values: [],
    refusal: { tool: "insert_loans", arguments: { tool_code: "D2", days: 3, fee: 9 }, rule: "loans.two" },
  });

  test("makes the reads of a refusal task again, and compares what a trajectory claims of them", () => {
    const task = libraryTask({ log: goldLog.slice(0, 1), description: asked });
    const looked = [...task.log, { tool: "query_loans", arguments: { member_id: "m1", limit: 1 } }];
    const refused = content({ log: task.log, description: asked });
    const faults = (change: Partial<Trajectory>) => {
      writePackage(path(), refused);
      const found = readPackage(path());
      const trial = openTrial({ ...found.environment, target: found.target });
      try {
        return trajectoryFaults({ ...found, trial }, { ...verifiedTrajectory(task, looked), ...change });
      } finally {
        trial.close();
      }
    };
    expect(faults({})).toEqual([]);
    expect(faults({ refusal_reads: { needed: 2, made: 1, established: false } })).toEqual([]);
    expect(faults({ refusal_reads: { needed: 2, made: 2, established: true } })).toEqual([
      "trajectory 1: its refusal_reads are not what its calls give",
    ]);
  });

  test("names replay of a refusal task whose verified trajectory holds no conversation", () => {
    const refused = content({ log: goldLog.slice(0, 1), description: asked });
    const hollow: Trajectory = {
      ...claimed,
      calls: [],
      turns: [],
      messages: [],
      final: { paper: { diff: 0, r_final: 1, p: 0 }, default: { missing: 0, collateral: 0, success: 1, p: 1 } },
    };
    writePackage(path(), { ...refused, trajectories: [hollow] });
    expect(failed(path())).toEqual(["replay"]);
  });

  test.each([
    ["kind", { kind: "refusal" }, /calls it a refusal task/],
    ["author", { author: "models" }, /names "models" as its author/],
    ["task", { task: "library/task-9" }, /of the task "library\/task-1"/],
    ["passes", { passes: 0 }, /1 attempts and 0 passes/],
  ])("names replay when the manifest's %s is another than the files tell", (_, change, message) => {
    writePackage(path(), { ...content(), trajectories: [claimed] });
    const manifest = packageManifestSchema.parse(JSON.parse(readFileSync(join(path(), "manifest.json"), "utf8")));
    writeFileSync(join(path(), "manifest.json"), JSON.stringify({ ...manifest, ...change }));
    expect(failed(path())).toEqual(["replay"]);
    expect(verifyPackage(path()).points[0]?.evidence[0]).toMatch(message);
  });

  test("names determined when the text tells something else than its parts", () => {
    writePackage(path(), content());
    forge(
      path(),
      "task.md",
      text((t) => t.replace("cheapest", "finest")),
    );
    expect(failed(path())).toEqual(["determined"]);
  });
});

/** Bob, or Ann, has three loans out, one more than the rule allows. */
function crowdedOrigin(member: "m1" | "m2" = "m2"): Buffer {
  const compiled = toolLibrary();
  const db = openSnapshot(libraryOrigin(compiled));
  for (const name of db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all())
    db.prepare(`DROP TRIGGER "${name}"`).run();
  const names = db.prepare<[], string>("SELECT name FROM pragma_table_info('loans') WHERE name <> 'id'").pluck().all().join(", ");
  const [source, ids] = member === "m2" ? [3n, [4n, 5n]] : [2n, [4n]];
  for (const id of ids) db.prepare(`INSERT INTO loans (id, ${names}) SELECT ?, ${names} FROM loans WHERE id = ?`).run(id, source);
  for (const sql of compiled.triggerSql) db.prepare(sql).run();
  return writeSnapshot(db);
}

describe("findPackages()", () => {
  test("finds packages at any depth, in order", () => {
    for (const name of ["b/task-1", "a/task-2"]) writePackage(path(name), content());
    expect(findPackages(folder)).toEqual([path("a/task-2"), path("b/task-1")]);
    expect(findPackages(path("b/task-1"))).toEqual([path("b/task-1")]);
  });
});

describe("viewOfPackage()", () => {
  test("keeps from agent and simulator what is the grader's alone", () => {
    writePackage(path(), content());
    const found = readPackage(path());
    const secrets = [
      "insert_loans {",
      '"wishes"',
      '"choices"',
      '"writes"',
      "gold",
      "certificate",
      "target",
      found.manifest.digest,
      '"fee":9',
      "replayed twice",
    ];
    for (const viewer of ["agent", "simulator"] as const) {
      const seen = `${JSON.stringify(viewOfPackage(found, viewer))}\n${viewText(found, viewer)}`.toLowerCase();
      for (const secret of secrets) expect(seen).not.toContain(secret.toLowerCase());
    }
    expect(JSON.stringify(viewOfPackage(found, "agent"))).not.toContain("1234");
    expect(Object.keys(viewOfPackage(found, "simulator"))).toEqual(["profile", "description"]);
    const everything = JSON.stringify(viewOfPackage(found, "grader"));
    for (const part of ['"wishes"', '"writes"', "replayed twice", "1234", "Borrow a tool"]) expect(everything).toContain(part);
  });
});

describe("datasetDigest()", () => {
  test("does not depend on the order of packages, and counts every one", () => {
    expect(datasetDigest(["a", "b"])).toBe(datasetDigest(["b", "a"]));
    expect(datasetDigest(["a", "a"])).not.toBe(datasetDigest(["a"]));
  });
});

describe("scoreRollout()", () => {
  test("gives r_t of every call and turn; the gold log ends at 1, a doubled booking does not", () => {
    const task = libraryTask();
    const extra = { tool: "insert_loans", arguments: { tool_code: "S1", days: 1, fee: 4 } };
    const calls = [...goldLog.slice(0, 1), extra, ...goldLog.slice(1)].map((call, i) => ({ ...call, turn: i < 2 ? 1 : 3 }));
    const scored = scoreRollout(task, { calls, turns: 4 });
    expect(scored.calls.map((call) => call.outcome)).toEqual(["write", "violation", "write", "write"]);
    expect(scored.final.default).toMatchObject({ success: 1, missing: 0, collateral: 0, p: 1 });
    expect(scored.turns.map((turn) => turn.default.r)).toEqual([-0.1, 0, 1, 0]);
    const other = { tool: "insert_loans", arguments: { tool_code: "D1", days: 1, fee: 4 } };
    expect(
      scoreRollout(task, { calls: [...goldLog.slice(0, 2), other].map((call) => ({ ...call, turn: 1 })), turns: 1 }).final.default,
    ).toMatchObject({ success: 0, missing: 1, collateral: 1 });
  });
});
