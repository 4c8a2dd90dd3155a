import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection } from "@temporalio/client";
import { afterEach, expect, test } from "vitest";
import { readProcessConfig } from "../../workers/config.js";
import { findServer, type ServerBinary } from "../../workers/find-server.js";
import { localServerState, startLocalServer, stopLocalServer } from "../../workers/local-server.js";
import { retentionDays, SEARCH_ATTRIBUTES } from "../../workers/namespace.js";
import { readServerRecord, writeServerRecord } from "../../workers/server-record.js";

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await stopLocalServer(folder);
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "logigen-server-"));
  folders.push(folder);
  return folder;
}

async function pinnedBinary(): Promise<ServerBinary> {
  const source = await findServer({ ...readProcessConfig(), namedServer: null }, () => undefined);
  if (source.kind !== "binary") throw new TypeError("a named server was found");
  return source;
}

const start = (out: string, notices: string[] = []) =>
  startLocalServer({ out, binary: pinnedBinary, ui: "none", notice: (line) => notices.push(line) });

test("startLocalServer() keeps closed workflows for 90 days and knows the search attributes", async () => {
  const server = await start(newFolder());
  const connection = await Connection.connect({ address: server.address });
  expect(await retentionDays(connection, "default")).toBe(90);
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: "default" });
  expect(customAttributes).toMatchObject(SEARCH_ATTRIBUTES);
  await connection.close();
});

test("startLocalServer() called twice at once starts one process", async () => {
  const out = newFolder();
  const [first, second] = await Promise.all([start(out), start(out)]);
  expect(second.pid).toBe(first.pid);
});

test("startLocalServer() takes another port when the recorded one is taken, and says so", async () => {
  const out = newFolder();
  const before = await start(out);
  await stopLocalServer(out);
  const port = Number(before.address.split(":")[1]);
  const squatter = createServer().listen(port, "127.0.0.1");
  const notices: string[] = [];
  const after = await start(out, notices);
  squatter.close();
  expect(after.address).not.toBe(before.address);
  expect(notices[0]).toContain(`Port ${String(port)} is taken`);
});

test("localServerState() counts a record as stopped when its process number belongs to another program", async () => {
  const out = newFolder();
  const server = await start(out);
  await stopLocalServer(out);
  writeServerRecord(out, { ...server, pid: process.pid });
  expect(localServerState(out).kind).toBe("stopped");
});

test("startLocalServer() starts again after the process was killed, on the same port and file", async () => {
  const out = newFolder();
  const before = await start(out);
  process.kill(before.pid, "SIGKILL");
  await expect.poll(() => localServerState(out).kind).toBe("stopped");
  const after = await start(out);
  expect(after.address).toBe(before.address);
});

test("startLocalServer() refuses a database file of another server version, naming both", async () => {
  const out = newFolder();
  const server = await start(out);
  await stopLocalServer(out);
  writeServerRecord(out, { ...server, pid: null, version: "1.29.1" });
  await expect(start(out)).rejects.toThrow(new RegExp(`with Temporal server ${server.version}.*made by server 1\\.29\\.1`));
});

test("startLocalServer() refuses a database file that nobody vouches for", async () => {
  const out = newFolder();
  writeFileSync(join(out, "temporal.sqlite"), "");
  await expect(start(out)).rejects.toThrow(/left no temporal\.json/);
});

test("stopLocalServer() leaves a record that names the version and no process", async () => {
  const out = newFolder();
  const server = await start(out);
  expect(await stopLocalServer(out)).toBe(true);
  expect(readServerRecord(out)).toEqual({ ...server, pid: null });
  expect(await stopLocalServer(out)).toBe(false);
  expect(readFileSync(join(out, "temporal.log"), "utf8")).not.toContain("panic");
});
