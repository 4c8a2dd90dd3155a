import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { writePackage } from "../../datasets/package.js";
import { certified, libraryTask, refusals } from "../doubles/tool-library.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const modules = join(root, "node_modules");

let consumer = "";

/** Another package beside ours: the packed project is extracted where npm would, its dependencies are linked from here. */
beforeAll(() => {
  consumer = mkdtempSync(join(tmpdir(), "logigen-consumer-"));
  const [packed] = z
    .array(z.looseObject({ filename: z.string() }))
    .parse(JSON.parse(run("npm", ["pack", "--json", "--silent", "--pack-destination", consumer], root)));
  run("tar", ["-xzf", packed?.filename ?? ""], consumer);
  const target = join(consumer, "node_modules", "logigen");
  mkdirSync(dirname(target));
  renameSync(join(consumer, "package"), target);
  const { dependencies } = z
    .looseObject({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(target, "package.json"), "utf8")));
  linkModules(consumer, [...Object.keys(dependencies), "@types/node"]);
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ name: "consumer", type: "module", private: true }));
  writeTask(join(consumer, "task"));
});

afterAll(() => {
  rmSync(consumer, { recursive: true, force: true });
});

function linkModules(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(modules, name), link);
  }
}

function writeTask(folder: string): void {
  const task = libraryTask();
  const { compiled, origin, target, log, description } = task;
  writePackage(folder, {
    task: "library/task-1",
    author: "builtin",
    environment: { compiled, origin },
    target,
    log,
    refusals,
    description,
    certificate: certified(task),
    trajectories: [],
    provenance: {},
  });
}

/** What the command says; its own loader and settings are kept from it. */
function run(command: string, args: readonly string[], cwd: string): string {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot go on: ${command} ${args.join(" ")} ended with ${String(status)}\n${stdout}\n${stderr}`);
  return stdout;
}

/** A program of the page. */
function program(name: string): string {
  const page = readFileSync(join(root, "docs", "library.md"), "utf8");
  const found = new RegExp(`^\`\`\`ts ${name}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(page)?.[1];
  if (found === undefined) throw new Error(`Cannot find the program "${name}" in docs/library.md`);
  return found;
}

function linesOf(command: readonly string[]): readonly string[] {
  return run(process.execPath, command, consumer).trimEnd().split("\n");
}

describe("logigen/environment", () => {
  beforeAll(() => {
    for (const name of ["trainer", "raw"]) writeFileSync(join(consumer, `${name}.ts`), program(name));
    writeFileSync(
      join(consumer, "misuse.ts"),
      `import type { ChatCompletionTool } from "openai/resources/chat/completions";
       import { compileSheet, openSession, toolsOf } from "logigen/environment";
       const compilation = compileSheet({});
       // @ts-expect-error: a compilation has failed until it is asked
       openSession({ compiled: compilation.compiled, origin: Buffer.from("") });
       // @ts-expect-error: an origin is bytes
       if (compilation.ok) openSession({ compiled: compilation.compiled, origin: "origin.sqlite" });
       if (compilation.ok) toolsOf(compilation.compiled).map((tool): ChatCompletionTool => ({ type: "function", function: tool }));`,
    );
    const options = {
      target: "ES2023",
      module: "NodeNext",
      moduleResolution: "NodeNext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      types: ["node"],
      outDir: "built",
    };
    const files = ["trainer.ts", "raw.ts", "misuse.ts"];
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }));
    run(process.execPath, [join(modules, "typescript", "bin", "tsc"), "-p", "."], consumer);
  });

  test("runs the page's training loop in another package, typed strictly, on plain Node", () => {
    expect(linesOf([join("built", "trainer.js"), "task"])).toEqual([
      "Tool library: query_members, query_tools, query_loans, insert_loans, update_loans, authenticate, transfer_to_human_agents",
      "rollout 0",
      "  authenticate: ok (64 characters), r 0.00, p 0.00",
      "  update_loans: ok (156 characters), r 0.50, p 0.50",
      "  insert_loans: ok (152 characters), r 0.50, p 1.00",
      "rollout 1",
      "  authenticate: ok (64 characters), r 0.00, p 0.00",
      "  update_loans: ok (156 characters), r 0.50, p 0.50",
      "  missing: loans.*",
      "rollout 2",
      "  authenticate: ok (64 characters), r 0.00, p 0.00",
      "  update_loans: ok (156 characters), r 0.50, p 0.50",
      "  query_loans: INVALID_ARGUMENTS (134 characters), r 0.00, p 0.50",
      "  missing: loans.*",
      "rollout 3",
      "  authenticate: ok (64 characters), r 0.00, p 0.00",
      "  update_loans: ok (156 characters), r 0.50, p 0.50",
      "  insert_loans: ok (152 characters), r 0.50, p 1.00",
      "  insert_loans: POLICY_VIOLATION (142 characters), r -0.10, p 1.00",
      "advantages: [[0.87,0.87,0.87],[-0.87,-0.87],[-0.87,-0.87,-0.87],[0.87,0.87,0.87,0.77]]",
      "scored again: 0.00 0.50 0.50",
      "interpreted: refused by loans.own",
      "proof: ok, 0 witnesses fail, 0 cases fail",
      expect.stringMatching(/^mutants: [1-9][0-9]* of [1-9][0-9]* noticed$/),
    ]);
  });

  test("imports the page's raw SQL in a process of its own, and plays it in another", () => {
    expect(linesOf([join("built", "raw.js"), "imported"])).toEqual([
      expect.stringContaining("unguarded-table seats"),
      "ok",
      "POLICY_VIOLATION SEAT_TAKEN",
      '{"ok":true,"rows":[],"truncated":false,"cursor":null}',
    ]);
    expect(readdirSync(join(consumer, "imported")).sort()).toEqual([
      "columns.json",
      "manifest.json",
      "origin.sqlite",
      "policy.md",
      "schema.sql",
      "tools.json",
      "triggers.sql",
    ]);
  });

  test("has every function and constant on the page", async () => {
    const page = readFileSync(join(root, "docs", "library.md"), "utf8");
    const rows = page.split("\n").filter((line) => line.startsWith("| `"));
    const listed = rows.flatMap((line) => [...(line.split(" | ")[0] ?? "").matchAll(/`([A-Za-z]+)[(`]/g)].map(([, name]) => name));
    const names = Object.keys(await import("../../environment/environment.js"));
    expect(names.filter((name) => !listed.includes(name))).toEqual([]);
    expect(listed.filter((name) => /^[a-z]+[A-Z]/.test(name ?? "") && !names.includes(name ?? ""))).toEqual([]);
  });

  test("brings the command along", () => {
    const bin = join("node_modules", "logigen", "bin", "logigen.js");
    expect(run(process.execPath, [bin, "view", "task", "agent"], consumer)).toContain("A loan is for 1 to 7 days.");
  });

  test("lets nothing be imported but what it names", () => {
    writeFileSync(join(consumer, "inside.mjs"), 'await import("logigen/dist/compile/compile-sheet.js");');
    expect(() => run(process.execPath, ["inside.mjs"], consumer)).toThrow("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  test("links a clone by its path, which npm prepares", () => {
    const clone = join(consumer, "clone");
    const kept = ["bin", "environment", "package.json", "tsconfig.json", "tsconfig.build.json"];
    for (const name of kept) cpSync(join(root, name), join(clone, name), { recursive: true });
    linkModules(clone, ["typescript", "better-sqlite3", "zod", "yaml", "@types/node", "@types/better-sqlite3"]);
    const other = join(consumer, "other");
    mkdirSync(other);
    writeFileSync(join(other, "package.json"), JSON.stringify({ name: "other", private: true }));
    run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--install-links=false", clone], other);
    writeFileSync(join(other, "main.mjs"), 'import { compileSheet } from "logigen/environment"; console.log(compileSheet({}).ok);');
    expect(run(process.execPath, ["main.mjs"], other)).toBe("false\n");
  });

  test.each([
    ["a draft that cannot be emitted", ["typescript", "@types/node"], "the compiler objects"],
    ["no development tools", [], "typescript is not installed"],
  ])("%s stops no install of a clone, but stops packing", (_, linked, message) => {
    const clone = mkdtempSync(join(consumer, "draft-"));
    for (const name of ["bin", "package.json", "tsconfig.json", "tsconfig.build.json"])
      cpSync(join(root, name), join(clone, name), { recursive: true });
    mkdirSync(join(clone, "environment"));
    writeFileSync(join(clone, "environment", "environment.ts"), "export const half = ");
    linkModules(clone, linked);
    const prepared = spawnSync("npm", ["run", "--silent", "prepare"], { cwd: clone, encoding: "utf8" });
    expect([prepared.status, prepared.stderr]).toEqual([0, expect.stringContaining(message)]);
    expect(spawnSync("npm", ["pack", "--silent", "--dry-run"], { cwd: clone, encoding: "utf8" }).status).not.toBe(0);
  });
});
