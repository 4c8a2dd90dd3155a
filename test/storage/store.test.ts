import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { sweepTemporaryFiles, writeFileAtomic } from "../../storage/atomic-file.js";
import { contentDigest } from "../../storage/content-digest.js";
import { openStore, type Store, StoreError } from "../../storage/store.js";

const large = Buffer.alloc(1_000_001, 7);
let directory: string;
const opened: Store[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "logigen-store-"));
});

afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  rmSync(directory, { recursive: true, force: true });
});

function open(): Store {
  const store = openStore(directory);
  opened.push(store);
  return store;
}

function largeFile(): string {
  const digest = contentDigest(large);
  return join(directory, "blobs", digest.slice(0, 2), digest);
}

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test.each([
  ["small, in the database", Buffer.from("small")],
  ["empty", Buffer.alloc(0)],
  ["at the limit", Buffer.alloc(1_000_000, 1)],
  ["large, as a file", large],
])("put() and get() keep content that is %s", (_name, content) => {
  const digest = open().put(content);
  expect(digest).toBe(contentDigest(content));
  expect(open().get(digest).equals(content)).toBe(true);
  expect(open().put(content)).toBe(digest);
});

test("a large artefact is one file named by its digest, with no temporary file left", () => {
  open().put(large);
  const files = readdirSync(join(directory, "blobs"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map((entry) => entry.name)).toEqual([contentDigest(large)]);
});

test("putJson() gives equal values one digest, and getJson() parses them by a schema", () => {
  const store = open();
  const digest = store.putJson({ b: 1, a: [true, null] });
  expect(store.putJson({ a: [true, null], b: 1 })).toBe(digest);
  expect(store.getJson(digest, z.object({ b: z.int() }))).toEqual({ b: 1 });
  expect(() => store.getJson(digest, z.object({ b: z.string() }))).toThrow(z.ZodError);
});

test("get() names an artefact that is missing", () => {
  expect(thrownBy(() => open().get(contentDigest("never")))).toMatchObject({
    name: "StoreError",
    kind: "missing",
    digest: contentDigest("never"),
  });
});

test("get() names an artefact of which one byte was flipped, and put() mends it", () => {
  const store = open();
  const digests = [store.put("small"), store.put(large)];
  store.database.prepare("UPDATE artefact SET content = ? WHERE digest = ?").run(Buffer.from("smalm"), digests[0]);
  const bytes = readFileSync(largeFile());
  writeFileSync(largeFile(), bytes.fill(8, 500_000, 500_001));
  for (const digest of digests) expect(thrownBy(() => store.get(digest))).toMatchObject({ kind: "damaged", digest });
  store.put("small");
  store.put(large);
  for (const digest of digests) expect(contentDigest(store.get(digest))).toBe(digest);
});

test("transaction() keeps all or nothing, nested ones included", () => {
  const store = open();
  expect(() =>
    store.transaction(() => {
      store.put("one");
      store.transaction(() => store.put("two"));
      throw new RangeError("no");
    }),
  ).toThrow(RangeError);
  expect([store.has(contentDigest("one")), store.has(contentDigest("two"))]).toEqual([false, false]);
});

test("openStore() is durable before it acknowledges: WAL with synchronous FULL", () => {
  const { database } = open();
  expect(database.pragma("journal_mode", { simple: true })).toBe("wal");
  expect(database.pragma("synchronous", { simple: true })).toBe(2);
});

test("openStore() refuses a store of another format", () => {
  open().database.pragma("user_version = 99");
  expect(thrownBy(open)).toMatchObject({ kind: "version", message: "The store has format 99; this version reads format 1" });
});

test("openStore() names a folder that cannot be made", () => {
  writeFileSync(join(directory, "file"), "");
  const error = thrownBy(() => openStore(join(directory, "file", "store")));
  expect(error).toBeInstanceOf(StoreError);
  expect(error).toMatchObject({ kind: "unwritable" });
  expect(String(error)).toContain(join(directory, "file", "store"));
});

test("put() on a full database says so and keeps what was there", () => {
  const store = open();
  const kept = store.put("kept");
  store.database.pragma(`max_page_count = ${String(store.database.pragma("page_count", { simple: true }))}`);
  const error = thrownBy(() => store.put(Buffer.alloc(500_000, 3)));
  expect(error).toMatchObject({ kind: "unwritable" });
  expect(String(error)).toContain("SQLITE_FULL");
  expect(store.get(kept).toString()).toBe("kept");
});

test("several processes may open and fill one new store at once", async () => {
  const program = `
    import { openStore } from ${JSON.stringify(new URL("../../storage/store.ts", import.meta.url).href)};
    const store = openStore(process.argv[1]);
    for (let n = 0; n < 100; n += 1) store.put("artefact " + n);
    store.close();`;
  await Promise.all(
    [1, 2, 3, 4].map(() => promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program, directory])),
  );
  const database = new Database(join(directory, "store.sqlite"), { readonly: true });
  expect(database.prepare("SELECT count(*) FROM artefact").pluck().get()).toBe(100);
  database.close();
}, 30_000);

test("sweepTemporaryFiles() takes those of dead processes and old ones, and no other file", () => {
  const name = (processId: number, random: string): string => join(directory, `a.tmp-${processId}-${random}`);
  const dead = name(2 ** 22 + 1, "000000000000");
  const current = name(process.pid, "000000000001");
  const old = name(process.pid, "000000000002");
  for (const path of [dead, current, old, join(directory, "a.tmp-notes")]) writeFileSync(path, "");
  utimesSync(old, 0, 0);
  expect(sweepTemporaryFiles(directory, Date.now())).toBe(2);
  expect(readdirSync(directory).toSorted()).toEqual([`a.tmp-${process.pid}-000000000001`, "a.tmp-notes"].toSorted());
});

test("writeFileAtomic() leaves the old file and nothing else where writing fails", () => {
  const path = join(directory, "folder", "file");
  writeFileAtomic(path, "old");
  expect(
    thrownBy(() => {
      writeFileAtomic(join(path, "below"), "new");
    }),
  ).toBeInstanceOf(Error);
  rmSync(path);
  writeFileAtomic(join(path, "below"), "a folder now");
  expect(
    thrownBy(() => {
      writeFileAtomic(path, "new");
    }),
  ).toBeInstanceOf(Error);
  expect(readdirSync(join(directory, "folder"), { recursive: true })).toEqual(["file", join("file", "below")]);
});
