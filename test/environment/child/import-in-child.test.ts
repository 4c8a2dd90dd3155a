import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importInChild } from "../../../environment/child/import-in-child.js";
import { importRaw } from "../../../environment/import/import-raw.js";
import { compileChild } from "./compiled-child.js";

const folder = mkdtempSync(join(tmpdir(), "logigen-import-child-"));
let entry: string;

beforeAll(() => {
  entry = compileChild(fileURLToPath(new URL("../../../environment/child/import-main.ts", import.meta.url)));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const shelf = {
  id: "shelf",
  schema: "CREATE TABLE boxes (id INTEGER PRIMARY KEY, label TEXT NOT NULL, weight INTEGER NOT NULL);",
  triggers: "CREATE TRIGGER boxes_light BEFORE INSERT ON boxes WHEN NEW.weight > 30 BEGIN SELECT RAISE(ABORT, 'box.light'); END;",
  rows: "INSERT INTO boxes (label, weight) VALUES ('Bücher', 9007199254740993), ('a\nb', 2);",
  policy: "# Shelf\nNo box weighs more than 30.\n",
};

/** Ten rows, joined with themselves often enough for a lifetime. */
const endless = `INSERT INTO boxes (label, weight) SELECT a.label, 1 FROM ${Array.from({ length: 40 }, (_, i) => `boxes AS ${i === 0 ? "a" : `b${String(i)}`}`).join(", ")};`;

function entryThat(name: string, does: string): string {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, `import { readFileSync, writeSync } from "node:fs";\nwriteSync(1, "ready\\n");\nreadFileSync(0);\n${does}\n`);
  return file;
}

describe("importInChild()", () => {
  test("answers as importRaw() does in this process, through the loader", async () => {
    const found = await importInChild(shelf);
    expect(found).toMatchObject({ ok: true });
    expect(found).toEqual(importRaw(shelf));
  });

  test("answers through the loader with far more than a pipe holds", async () => {
    const rows = Array.from({ length: 200 }, () => `INSERT INTO boxes (label, weight) VALUES ('${"x".repeat(10_000)}', 1);`);
    const found = await importInChild({ ...shelf, rows: rows.join("\n") });
    expect(found).toMatchObject({ ok: true });
    expect((found.ok ? found.files.get("origin.sqlite") : undefined)?.length).toBeGreaterThan(1_000_000);
  });

  test("answers with what importRaw() refuses", async () => {
    const source = { ...shelf, triggers: "DROP TABLE boxes;" };
    const found = await importInChild(source, { entry });
    expect(found).toMatchObject({ ok: false });
    expect(found).toEqual(importRaw(source));
  });

  test("refuses SQL that does not come to an end", async () => {
    expect(await importInChild({ ...shelf, rows: `${shelf.rows}\n${endless}` }, { entry, deadlineMs: 400 })).toEqual({
      ok: false,
      refused: [
        {
          file: ".",
          statement: null,
          code: "TIME",
          message: expect.stringMatching(/^the SQL did not load within 0\.4 seconds, and its process was stopped; /) as string,
        },
      ],
    });
  });

  test("says what to do about a process that ended, by the files that there are", async () => {
    const ending = { entry: entryThat("short-lived", "process.exit(3)") };
    const { rows, ...rowless } = shelf;
    expect(await importInChild({ ...rowless, rows }, ending)).toMatchObject({
      refused: [{ message: expect.stringContaining("rows.sql") as string }],
    });
    expect(await importInChild(rowless, ending)).toMatchObject({
      refused: [{ message: expect.stringMatching(/exit code 3; give fewer and shorter statements/) as string }],
    });
  });

  test.each([
    ["ends", "process.exit(3)", "PROCESS", /ended with exit code 3/],
    ["dies", "process.kill(process.pid, 'SIGSEGV'); for (;;);", "PROCESS", /ended with SIGSEGV/],
    ["fills its memory", "const held = []; for (;;) held.push(new Array(1e6).fill(held.length))", "PROCESS", /ran out of memory/],
    ["says nothing", "", "ANSWER", /gave no answer/],
    ["says something else", "writeSync(1, '{\"ok\":true}')", "ANSWER", /gave no answer/],
    ["names other files", parcelOf({ ok: true, findings: [] }, "../evil"), "ANSWER", /gave no answer/],
  ])("refuses when the process %s", async (name, does, code, message) => {
    const found = await importInChild(shelf, { entry: entryThat(name.replaceAll(" ", "-"), does), memoryBytes: 256 * 2 ** 20 });
    expect(found).toMatchObject({ ok: false, refused: [{ file: ".", code, message: expect.stringMatching(message) as string }] });
  });
});

/** Writes a parcel with one file of three bytes. */
function parcelOf(head: unknown, file: string): string {
  const list = JSON.stringify(JSON.stringify({ head, parts: [[file, 3]] }));
  return `const list = Buffer.from(${list}); const n = Buffer.alloc(4); n.writeUInt32BE(list.length); writeSync(1, Buffer.concat([n, list, Buffer.from("abc")]))`;
}
