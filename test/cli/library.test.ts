import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

/** The page's program. */
function example(): string {
  const page = readFileSync(join(root, "docs", "library.md"), "utf8");
  const found = /^```ts example\n([\s\S]*?)^```$/m.exec(page)?.[1];
  if (found === undefined) throw new Error("Cannot find the example in docs/library.md");
  return found;
}

describe("logigen/environment", () => {
  test("runs the page's example in another package, typed strictly, on plain Node", () => {
    writeFileSync(join(consumer, "example.ts"), example());
    writeFileSync(
      join(consumer, "misuse.ts"),
      `import { compileSheet, openSession } from "logigen/environment";
       const compilation = compileSheet({});
       // @ts-expect-error: a compilation has failed until it is asked
       openSession({ compiled: compilation.compiled, origin: Buffer.from("") });
       // @ts-expect-error: an origin is bytes
       if (compilation.ok) openSession({ compiled: compilation.compiled, origin: "origin.sqlite" });`,
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
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["example.ts", "misuse.ts"] }));
    run(process.execPath, [join(modules, "typescript", "bin", "tsc"), "-p", "."], consumer);

    expect(
      run(process.execPath, [join("built", "example.js"), "task"], consumer)
        .trim()
        .split("\n"),
    ).toEqual([
      "Tool library: 7 tools, 3 gold calls",
      "authenticate: ok, r 0.00, p 0.00, success 0",
      "update_loans: ok, r 0.50, p 0.50, success 0",
      "insert_loans: ok, r 0.50, p 1.00, success 1",
      "after the reset: p 0.00",
      "without the last call: 1 missing, 0 collateral",
      "  loans.*",
      "advantages: [[0.71,0.71,0.71],[-0.71,-0.71,-0.71]]",
    ]);
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
});
