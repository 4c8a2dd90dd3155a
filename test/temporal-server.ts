/** One Temporal server a test run, on a database file of its own; the tests read its address by `inject("temporal")`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { readProcessConfig } from "../workers/config.js";
import { ensureServer } from "../workers/connect.js";
import { stopLocalServer } from "../workers/local-server.js";

declare module "vitest" {
  interface ProvidedContext {
    /** host:port of the run's Temporal server; namespace `default`. */
    temporal: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const out = mkdtempSync(join(tmpdir(), "logigen-temporal-"));
  const server = await ensureServer(out, { ...readProcessConfig(), namedServer: null }, (line) => {
    process.stderr.write(`${line}\n`);
  });
  project.provide("temporal", server.address);
  return async () => {
    await stopLocalServer(out);
    rmSync(out, { recursive: true, force: true });
  };
}
