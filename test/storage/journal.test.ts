import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contentDigest } from "../../storage/content-digest.js";
import { type Journal, openJournal } from "../../storage/journal.js";
import { openStore, type Store } from "../../storage/store.js";

const key = { workflowId: "c/librarian-1/task-2", step: "consultant/4" };
const request = contentDigest("request");
const reply = contentDigest("reply");
let directory: string;
let store: Store;
let journal: Journal;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "logigen-journal-"));
  store = openStore(directory);
  journal = openJournal(store);
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

test("a step is absent until a call of it has succeeded, then found, after reopening as well", () => {
  const call = journal.begin(key, { request, startedMs: 1 });
  expect(journal.find(key, request)).toEqual({ kind: "absent" });
  expect(journal.succeed(call, { reply, endedMs: 2 })).toEqual({ kind: "found", reply });
  store.close();
  store = openStore(directory);
  expect(openJournal(store).find(key, request)).toEqual({ kind: "found", reply });
});

test("a step answered to another request is request_changed", () => {
  journal.succeed(journal.begin(key, { request, startedMs: 1 }), { reply, endedMs: 2 });
  expect(journal.find(key, contentDigest("other"))).toEqual({ kind: "request_changed", recorded: request });
  expect(journal.find({ ...key, step: "consultant/5" }, request)).toEqual({ kind: "absent" });
});

test("of two calls of one step the first reply stays, for both", () => {
  const calls = [1, 2].map((startedMs) => journal.begin(key, { request, startedMs }));
  const replies = calls.map((call, position) => journal.succeed(call, { reply: contentDigest(`reply ${position}`), endedMs: 9 }));
  expect(replies).toEqual([
    { kind: "found", reply: contentDigest("reply 0") },
    { kind: "found", reply: contentDigest("reply 0") },
  ]);
});

test("begin() is seen by other processes before the call is made", () => {
  journal.begin(key, { request, startedMs: 1 });
  const other = openStore(directory);
  expect(openJournal(other).counts()).toEqual({ calls: 1, replies: 0, perhapsCharged: 1 });
  other.close();
});

test("counts() tells calls that may have been charged for nothing from those that were refused", () => {
  const [answered, refused, broken] = [1, 2, 3].map((startedMs) => journal.begin(key, { request, startedMs }));
  if (answered === undefined || refused === undefined || broken === undefined) throw new RangeError("Three calls were begun");
  journal.begin(key, { request, startedMs: 4 });
  journal.succeed(answered, { reply, endedMs: 5 });
  journal.fail(refused, { outcome: "RATE_LIMITED", detail: "", charged: "no", endedMs: 5 });
  journal.fail(broken, { outcome: "TIMEOUT", detail: "", charged: "perhaps", endedMs: 5 });
  expect(journal.counts()).toEqual({ calls: 4, replies: 1, perhapsCharged: 2 });
});
