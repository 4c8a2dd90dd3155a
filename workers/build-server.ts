/** Builds the pinned Temporal CLI from the Go module proxy: the module in `server/` names version and checksums. */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Notice } from "./notice.js";
import { ServerError } from "./server-error.js";

const MODULE_FOLDER = fileURLToPath(new URL("../server", import.meta.url));
const PACKAGE = "github.com/temporalio/cli/cmd/temporal";
const NOTICE_EVERY_MS = 10_000;
const OLDEST_GO = { major: 1, minor: 21 };

/** The version of Go on the path when it can build the server ("1.26.4"), or why not. */
export async function findGo(): Promise<{ kind: "usable"; version: string } | { kind: "absent" } | { kind: "old"; version: string }> {
  try {
    const { stdout } = await promisify(execFile)("go", ["env", "GOVERSION"]);
    const version = stdout.trim().replace(/^go/, "");
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const usable = major > OLDEST_GO.major || (major === OLDEST_GO.major && minor >= OLDEST_GO.minor);
    return { kind: usable ? "usable" : "old", version };
  } catch {
    return { kind: "absent" };
  }
}

/**
 * Builds the server into `target`, which appears whole or not at all. About three minutes on two cores, once.
 * @throws {ServerError} If the build fails.
 */
export async function buildServer(target: string, notice: Notice): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  const unfinished = `${target}.${String(process.pid)}.building`;
  const started = Date.now();
  const tell = (): void => {
    notice(`Building the Temporal server with Go (about three minutes, once): ${String(Math.round((Date.now() - started) / 1000))} s`);
  };
  tell();
  const ticking = setInterval(tell, NOTICE_EVERY_MS);
  try {
    await runGo(["build", "-mod=readonly", "-trimpath", "-ldflags", "-s -w", "-o", unfinished, PACKAGE]);
    renameSync(unfinished, target);
  } finally {
    clearInterval(ticking);
  }
}

function runGo(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CGO_ENABLED: "0" };
    const go = spawn("go", args, { cwd: MODULE_FOLDER, env, stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    go.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    go.once("error", reject);
    go.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new ServerError(`Cannot build the Temporal server: go exited with ${String(code)}: ${complaint.trim()}`, GO_FIX));
    });
  });
}

const GO_FIX = "let Go reach its module proxy (GOPROXY) and the disk hold 3 GB of build cache, or install the Temporal CLI on the path";
