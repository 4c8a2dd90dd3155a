/**
 * Makes a fresh clone ready: the locked dependencies, installed when missing or stale, and the SQLite binding.
 * Plain JavaScript without dependencies, since it runs before there are any.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MODULES = join(ROOT, "node_modules");
const STAMP = join(MODULES, ".logigen-installed");
const LOCK = join(ROOT, ".logigen", "install.lock");
const OLDEST_NODE = [20, 19];
const TELL_EVERY_MS = 10_000;

/** Ends the process with one sentence and its fix where this machine cannot run logigen. */
export async function setup() {
  try {
    checkNode(process.versions.node);
    if (!isInstalled()) await alone(install);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n  fix: ${error.fix}\n`);
    process.exit(1);
  }
}

class SetupError extends Error {
  constructor(message, fix) {
    super(message);
    this.fix = fix;
  }
}

function checkNode(version) {
  const [major, minor] = version.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(`Cannot run on Node ${version}: 20.19 or newer is needed`, "install Node 20.19, 22 or 24");
}

/** The lock file and the Node that native modules were built for. */
function wanted() {
  const digest = createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
  return `${digest} node ${process.versions.modules} ${process.platform} ${process.arch}\n`;
}

function isInstalled() {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted();
}

async function install() {
  if (isInstalled()) return;
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  say("Installing the locked dependencies (about a minute, once)");
  const ticking = setInterval(() => say(`Installing the locked dependencies: ${seconds()} s`), TELL_EVERY_MS);
  const { code, output } = await run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund", "--foreground-scripts"]);
  clearInterval(ticking);
  const complaint = bindingComplaint();
  if (complaint !== null) throw new SetupError(`Cannot load the SQLite binding: ${complaint}`, bindingFix(output));
  if (code !== 0)
    throw new SetupError(`Cannot install the dependencies: npm ci ended with ${code}\n${tail(output)}`, "see npm's message above");
  writeFileSync(STAMP, wanted());
  say(`Installed in ${seconds()} s`);
}

/** Where the prebuilt binding cannot be fetched it is compiled; Node's own headers spare the download of theirs. */
function installEnvironment() {
  const prefix = dirname(dirname(process.execPath));
  const hasHeaders = existsSync(join(prefix, "include", "node", "node.h"));
  const isSet = process.env.npm_config_nodedir !== undefined;
  return hasHeaders && !isSet ? { ...process.env, npm_config_nodedir: prefix } : process.env;
}

function run(command, args) {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, args, {
      cwd: ROOT,
      env: installEnvironment(),
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (text) => {
      output = (output + text).slice(-100_000);
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    child.once("error", (error) => resolve({ code: error.message, output }));
    child.once("close", (code) => resolve({ code, output }));
  });
}

/** Tried in a process of its own: a binding for another Node can end the process that loads it. */
function bindingComplaint() {
  if (!existsSync(join(MODULES, "better-sqlite3"))) return null;
  const script = 'new (require("better-sqlite3"))(":memory:").close()';
  const tried = spawnSync(process.execPath, ["-e", script], { cwd: ROOT, encoding: "utf8" });
  if (tried.status === 0) return null;
  return tried.stderr.split("\n").find((line) => line.startsWith("Error")) ?? `exit code ${tried.status}`;
}

function bindingFix(output) {
  const missing = [
    ...["make", "python3"].filter((tool) => !isOnPath(tool)),
    ...(["c++", "g++", "clang++"].some(isOnPath) ? [] : ["a C++ compiler (g++ or clang++)"]),
    ...(existsSync(join(dirname(dirname(process.execPath)), "include", "node", "node.h"))
      ? []
      : ["Node's headers (include/node beside Node, or npm_config_nodedir)"]),
  ];
  const needs =
    missing.length === 0
      ? "see the compiler's message below"
      : `its prebuilt file could not be fetched, and to compile it these are missing: ${missing.join(", ")}`;
  return `${needs}\n${tail(output)}`;
}

function isOnPath(tool) {
  return spawnSync(tool, ["--version"], { stdio: "ignore" }).error === undefined;
}

/** Two commands at once install once; a lock whose holder is gone is taken over. */
async function alone(work) {
  mkdirSync(dirname(LOCK), { recursive: true });
  while (!takesLock()) await sleep(500);
  try {
    await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

function takesLock() {
  try {
    const file = openSync(LOCK, "wx");
    writeFileSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw new SetupError(`Cannot write ${LOCK}: ${error.code}`, "make the folder writable");
    if (!isAlive(Number(readFileSync(LOCK, "utf8")))) rmSync(LOCK, { force: true });
    return false;
  }
}

function isAlive(pid) {
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function tail(output) {
  return output.trim().split("\n").slice(-15).join("\n");
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Loads a TypeScript file of the project through tsx. */
export async function importTypeScript(file) {
  const { register } = await import("tsx/esm/api");
  register();
  return import(pathToFileURL(join(ROOT, file)).href);
}
