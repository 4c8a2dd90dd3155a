/**
 * What the operating system adds to the fences round untrusted SQL, found by trying it: a program may be present and yet be
 * denied what it does, as `unshare` is in many containers.
 *
 * @see https://man7.org/linux/man-pages/man2/getrlimit.2.html
 * @see https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
 */
import { execFile } from "node:child_process";

/** `prefix` is what stands before the command that is to be fenced. */
export type Fence =
  | { readonly kind: "present"; readonly prefix: readonly string[]; readonly how: string }
  | { readonly kind: "absent"; readonly reason: string };

/**
 * - `limits` (`prlimit`): caps on the child's memory and processor time, and no file written
 * - `network` (`unshare`): no network, in a user namespace where this user may not do without
 * - `orphan` (`setpriv`): the child is killed with its parent, even when it is stuck in SQLite, and gains no privileges
 */
export type Fences = { readonly limits: Fence; readonly network: Fence; readonly orphan: Fence };

/** Caps of one child. `dataBytes` is on top of what the process holds when it is ready: how much that is differs by Node's version. */
export type ProcessLimits = {
  readonly dataBytes: number;
  readonly cpuSeconds: number;
  readonly openFiles: number;
};

/** The reason of a fence whose program cannot be found. */
export const NOT_INSTALLED = "not installed";

/** Tries each fence on a process that does nothing. */
export async function probeFences(): Promise<Fences> {
  const [limits, network, orphan] = await Promise.all([probeLimits(), probeNetwork(), probeOrphan()]);
  return { limits, network, orphan };
}

/** The shell stands for the child: its limits are set from another process, as the child's are. */
async function probeLimits(): Promise<Fence> {
  const file = await locate("prlimit");
  if (file === null) return { kind: "absent", reason: NOT_INSTALLED };
  const caps = prlimitArguments({ dataBytes: 1 << 30, cpuSeconds: 3600, openFiles: 64 });
  const { failure } = await run("sh", ["-c", '"$0" --pid "$$" "$@"', file, ...caps]);
  return failure === null
    ? { kind: "present", prefix: [file], how: "caps memory and processor time, and lets no file be written" }
    : { kind: "absent", reason: failure };
}

async function probeNetwork(): Promise<Fence> {
  const plain = await probe("unshare", ["-n"], "takes the network away");
  if (plain.kind === "present") return plain;
  const mapped = await probe("unshare", ["-rn"], "takes the network away, in a user namespace");
  return mapped.kind === "present" ? mapped : plain;
}

function probeOrphan(): Promise<Fence> {
  return probe("setpriv", ["--pdeathsig", "KILL", "--no-new-privs"], "ends the child with its parent");
}

async function probe(tool: string, options: readonly string[], how: string): Promise<Fence> {
  const file = await locate(tool);
  if (file === null) return { kind: "absent", reason: NOT_INSTALLED };
  const { failure } = await run(file, [...options, "true"]);
  return failure === null ? { kind: "present", prefix: [file, ...options], how } : { kind: "absent", reason: failure };
}

/** Where a program is: the child is started without a search path. */
async function locate(tool: string): Promise<string | null> {
  const { failure, output } = await run("sh", ["-c", 'command -v "$0"', tool]);
  return failure === null && output.startsWith("/") ? output : null;
}

/** What stands before the child's command; a user namespace comes first, since entering one forgets the parent's death. */
export function fencePrefix({ network, orphan }: Fences): readonly string[] {
  return [network, orphan].flatMap((fence) => (fence.kind === "present" ? fence.prefix : []));
}

/**
 * Puts a child that is ready, and has run nothing untrusted yet, under its limits; null, or why it could not be done.
 * From then on it writes no file: the write fails.
 */
export async function limitProcess(
  fence: Fence,
  { pid, heldBytes, limits }: { readonly pid: number; readonly heldBytes: number; readonly limits: ProcessLimits },
): Promise<string | null> {
  if (fence.kind === "absent") return null;
  const [file = "", ...prefix] = fence.prefix;
  const caps = prlimitArguments({ ...limits, dataBytes: heldBytes + limits.dataBytes });
  return (await run(file, [...prefix, "--pid", String(pid), ...caps])).failure;
}

function prlimitArguments({ dataBytes, cpuSeconds, openFiles }: ProcessLimits): readonly string[] {
  // Past the soft limit of time a signal comes that tells its reason; at the hard one, SIGKILL.
  const cpu = `${cpuSeconds}:${cpuSeconds + 5}`;
  return [`--data=${dataBytes}`, "--fsize=0", `--cpu=${cpu}`, `--nofile=${openFiles}`, "--core=0"];
}

type Ran = { readonly failure: string | null; readonly output: string };

function run(file: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 5000, killSignal: "SIGKILL" }, (error, output, complaint) => {
      const failure = error === null ? null : complaint.trim() === "" ? error.message : complaint.trim();
      resolve({ failure, output: output.trim() });
    });
  });
}
