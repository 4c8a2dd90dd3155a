/** `logigen doctor`: what this machine has and lacks, each with the fix. */
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { type Fence, NOT_INSTALLED, probeFences } from "../environment/child/fences.js";
import { findGo } from "../workers/build-server.js";
import { type ProcessConfig, readKey, readProcessConfig } from "../workers/config.js";
import { connectClient, ensureServer } from "../workers/connect.js";
import { CLI_VERSION, locateServer } from "../workers/find-server.js";
import { say, writeAnswer } from "./answer.js";
import { EXIT } from "./command-error.js";
import { type DoctorAnswer, doctorAnswerSchema } from "./json-shapes.js";
import { formOf, jsonOption, outOption, type SharedOptions } from "./options.js";
import { textTable } from "./table.js";

type Check = DoctorAnswer["checks"][number];

const OLDEST_NODE = [20, 19] as const;
const GIGABYTE = 1024 ** 3;
const ENOUGH_DISK = 2 * GIGABYTE;

/** Adds `doctor`. */
export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("check Node, the SQLite binding, the Temporal server, disk space and the configured endpoints")
    .addOption(outOption())
    .addOption(new Option("--config <file>", "campaign.yaml whose endpoints are checked too"))
    .addOption(jsonOption())
    .action(async (options: SharedOptions & { readonly config?: string }) => {
      const config = readProcessConfig();
      const checks: Check[] = [
        nodeCheck(process.versions.node),
        await bindingCheck(),
        await serverCheck(options.out, config),
        await goCheck(),
        diskCheck(options.out),
        folderCheck(options.out),
        ...(await fenceChecks()),
        ...(options.config === undefined ? [] : await endpointChecks(options.config)),
      ];
      const answer = { ok: checks.every((check) => check.verdict !== "failed"), checks };
      writeAnswer(formOf(options), doctorAnswerSchema, answer, checksText(checks));
      if (!answer.ok) process.exitCode = EXIT.internal;
    });
}

function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return isEnough ? passed("node", version) : failed("node", version, "install Node 20.19, 22 or 24");
}

async function bindingCheck(): Promise<Check> {
  try {
    const { default: Database } = await import("better-sqlite3");
    const database = new Database(":memory:");
    const version = database.prepare<[], string>("SELECT sqlite_version()").pluck().get() ?? "?";
    database.close();
    return passed("sqlite", `SQLite ${version}`);
  } catch (error) {
    return failed(
      "sqlite",
      messageOf(error),
      "remove node_modules and run npm start; a compiler and Node's headers are needed where no prebuilt file fits",
    );
  }
}

async function serverCheck(out: string, config: ProcessConfig): Promise<Check> {
  const source = await locateServer(config).catch((error: unknown) => ({ kind: "broken", reason: messageOf(error) }) as const);
  switch (source.kind) {
    case "named":
      return namedServerCheck(out, config);
    case "binary":
      return passed("temporal", `server ${source.version} from the ${source.from}: ${source.path}`);
    case "absent":
      if (source.next === "download or build")
        return passed("temporal", `not here yet; the first run downloads it, or builds CLI ${CLI_VERSION} with Go ${source.go}`);
      return warned(
        "temporal",
        `not here; only a download from ${config.downloadSite} is left (Go: ${source.go})`,
        "install the Temporal CLI or Go 1.21 or newer, or set TEMPORAL_ADDRESS",
      );
    case "broken":
      return failed("temporal", source.reason, "remove that program or mend it");
  }
}

async function namedServerCheck(out: string, config: ProcessConfig): Promise<Check> {
  try {
    const server = await ensureServer(out, config, say);
    const { close } = await connectClient(server, say);
    await close();
    return passed("temporal", `named by the user: ${server.address}, namespace "${server.namespace}"`);
  } catch (error) {
    return failed("temporal", messageOf(error), "start that server, or unset TEMPORAL_ADDRESS to use a local one");
  }
}

async function goCheck(): Promise<Check> {
  const go = await findGo();
  if (go.kind === "usable") return passed("go", go.version);
  return warned(
    "go",
    go.kind === "old" ? `${go.version}, too old` : "not installed",
    "needed only where no Temporal server can be found or downloaded: Go 1.21 or newer",
  );
}

function diskCheck(out: string): Check {
  const { bavail, bsize } = statfsSync(nearestFolder(out));
  const free = bavail * bsize;
  const found = `${(free / GIGABYTE).toFixed(1)} GB free for ${out}`;
  return free >= ENOUGH_DISK ? passed("disk", found) : warned("disk", found, "free 2 GB, or use another --out");
}

function folderCheck(out: string): Check {
  const folder = nearestFolder(out);
  try {
    accessSync(folder, constants.W_OK);
    return passed("out", `${out} can be written`);
  } catch {
    return failed("out", `${folder} cannot be written`, "make it writable, or use another --out");
  }
}

/**
 * What the operating system adds round the child process in which untrusted SQL runs, tried and not only looked for; without it
 * the gate, the caps in the child and the parent's deadline hold.
 */
async function fenceChecks(): Promise<readonly Check[]> {
  const { limits, network, orphan } = await probeFences();
  return [
    fenceCheck("prlimit", limits, "untrusted SQL is stopped at its deadline, but may fill this machine's memory until then"),
    fenceCheck("unshare", network, "the child process that runs untrusted SQL can reach the network, which SQLite has no use for"),
    fenceCheck("setpriv", orphan, "a child process that is stuck outlives a logigen that is killed, by an hour of processor time at most"),
  ];
}

function fenceCheck(tool: string, fence: Fence, meaning: string): Check {
  if (fence.kind === "present") return passed(tool, fence.how);
  return warned(
    tool,
    `${fence.reason}: ${meaning}`,
    fence.reason === NOT_INSTALLED ? "install util-linux" : `allow ${tool} to this user, or in this container`,
  );
}

async function endpointChecks(file: string): Promise<readonly Check[]> {
  const { loadCampaignConfig } = await import("../workers/campaign-config.js");
  const { endpoints } = loadCampaignConfig(file);
  return Promise.all(Object.entries(endpoints).map(([name, endpoint]) => endpointCheck(name, endpoint.base_url, endpoint.key_env)));
}

async function endpointCheck(name: string, baseUrl: string, variable: string | undefined): Promise<Check> {
  const key = variable === undefined ? null : readKey(variable);
  if (variable !== undefined && key === null)
    return failed(`endpoint ${name}`, `${variable} is not set`, `set ${variable} to the key of ${baseUrl}`);
  const headers = key === null ? {} : { authorization: `Bearer ${key}` };
  try {
    const answer = await fetch(`${baseUrl.replace(/\/$/, "")}/models`, {
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
    await answer.body?.cancel();
    if (answer.status === 401 || answer.status === 403)
      return failed(`endpoint ${name}`, `${baseUrl} refuses the key (HTTP ${String(answer.status)})`, `check ${variable ?? "key_env"}`);
    return passed(`endpoint ${name}`, `${baseUrl} answers (HTTP ${String(answer.status)})`);
  } catch (error) {
    return failed(`endpoint ${name}`, `${baseUrl} does not answer: ${messageOf(error)}`, "check base_url and the network");
  }
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}

function checksText(checks: readonly Check[]): string {
  const mark = { ok: "ok", warning: "warning", failed: "FAILED" };
  const columns = [
    { title: "check", side: "left" },
    { title: "", side: "left" },
    { title: "found", side: "left" },
  ] as const;
  const table = textTable(
    columns,
    checks.map((check) => [check.name, mark[check.verdict], check.found]),
  );
  const fixes = checks.flatMap((check) => (check.fix === null ? [] : [`${check.name}: ${check.fix}`]));
  return fixes.length === 0 ? table : `${table}\n\nfix:\n${fixes.map((fix) => `  ${fix}`).join("\n")}`;
}

function passed(name: string, found: string): Check {
  return { name, verdict: "ok", found, fix: null };
}

function warned(name: string, found: string, fix: string): Check {
  return { name, verdict: "warning", found, fix };
}

function failed(name: string, found: string, fix: string): Check {
  return { name, verdict: "failed", found, fix };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.message === "fetch failed" ? error.cause.message : error.message;
}
