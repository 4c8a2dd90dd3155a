import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findServer, locateServer } from "../../workers/find-server.js";

const silent = (): void => undefined;

/** A folder with a program `temporal` that says it is server `version`. */
function folderWithServer(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), "logigen-find-"));
  writeProgram(folder, version);
  return folder;
}

function writeProgram(folder: string, version: string): void {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, "temporal");
  writeFileSync(program, `#!/bin/sh\necho "temporal version 1.8.2 (Server ${version}, UI 2.50.1)"\n`);
  chmodSync(program, 0o755);
}

function places() {
  const cacheFolder = mkdtempSync(join(tmpdir(), "logigen-cache-"));
  return { namedServer: null, searchPath: [] as string[], cacheFolder, downloadSite: "http://127.0.0.1:9" };
}

test("findServer() prefers an address that the user named", async () => {
  const server = { address: "temporal.example:7233", namespace: "team", connection: {} };
  const found = await findServer({ ...places(), namedServer: server, searchPath: [folderWithServer("1.31.2")] }, silent);
  expect(found).toEqual({ kind: "named", server });
});

test("findServer() prefers the path to the cache, and reads the server's version", async () => {
  const here = places();
  writeProgram(join(here.cacheFolder, "temporal-1.8.2"), "1.31.2");
  const onPath = folderWithServer("1.29.1");
  expect(await findServer({ ...here, searchPath: ["/nowhere", onPath] }, silent)).toMatchObject({ from: "path", version: "1.29.1" });
  expect(await findServer(here, silent)).toMatchObject({ from: "cache", version: "1.31.2" });
});

test("findServer() names a program that is no Temporal server", async () => {
  const folder = folderWithServer("unknown");
  await expect(findServer({ ...places(), searchPath: [folder] }, silent)).rejects.toThrow(/Cannot tell the server version/);
});

test("locateServer() fetches nothing and says which way is left", async () => {
  expect(await locateServer(places())).toMatchObject({ kind: "absent" });
});

test("findServer() asks the download site before it builds", async () => {
  const asked: string[] = [];
  const { execFileSync } = await import("node:child_process");
  const folder = folderWithServer("1.31.2");
  execFileSync("tar", ["-czf", join(folder, "cli.tar.gz"), "-C", folder, "temporal"]);
  const { readFileSync } = await import("node:fs");
  const site = createServer((request, response) => {
    asked.push(request.url ?? "");
    const { port } = site.address() as { port: number };
    if (request.url?.startsWith("/cli/v1.8.2") === true) {
      response.end(JSON.stringify({ archiveUrl: `http://127.0.0.1:${String(port)}/cli.tar.gz`, fileToExtract: "temporal" }));
    } else response.end(readFileSync(join(folder, "cli.tar.gz")));
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const { port } = site.address() as { port: number };
  const found = await findServer({ ...places(), downloadSite: `http://127.0.0.1:${String(port)}` }, silent);
  site.close();
  expect(found).toMatchObject({ from: "download", version: "1.31.2" });
  expect(asked).toHaveLength(2);
});
