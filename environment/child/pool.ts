/**
 * A pool of child processes that execute untrusted environments: whatever an environment does to its process, the parent
 * answers in time and its memory does not grow, and the sessions of other environments go on.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { writeFiles } from "../engine/folder-files.js";
import { type ChildCommand, entryBeside } from "./child-process.js";
import { type Fences, probeFences } from "./fences.js";
import { keepChild, type Keeper, type SeatRecord } from "./keeper.js";
import { openPooledSession, type PooledSession } from "./pooled-session.js";
import { PoolError } from "./pool-error.js";
import type { Op } from "./wire.js";

/** Every cap has a default; bytes, milliseconds, seconds. */
export type PoolOptions = {
  /** How many processes execute calls; as many again, started when needed, hold targets. */
  readonly children: number;
  /** A call that takes longer is answered with an error, and its process replaced: 10,000. */
  readonly deadlineMs?: number;
  /** The same for opening a session, which reads and compiles its environment: 10,000. */
  readonly openMs?: number;
  /** What a child may hold on top of Node itself, all its sessions together: 512 MiB. */
  readonly memoryBytes?: number;
  /** What one session's database may grow by: 64 MiB. */
  readonly growthBytes?: number;
  /** Longest answer: 1 MiB. */
  readonly answerBytes?: number;
  /** Processor time over a child's whole life, after which another takes over: one hour. It bounds a child that lost its parent. */
  readonly cpuSeconds?: number;
  /** Kills that an environment may cause before nothing of it is executed any more: 3. */
  readonly killsAllowed?: number;
  /** Found by {@link probeFences} unless given. */
  readonly fences?: Fences;
  /** The children's entry, in place of the one beside this file; it calls `serve`. */
  readonly entry?: string;
};

/**
 * An environment folder, or an environment's files under a name of their own. `target` is the path of a SQLite file: a process
 * other than the one that answers the agent compares with it.
 */
export type PoolSource = ({ readonly folder: string } | { readonly name: string; readonly files: ReadonlyMap<string, Buffer> }) & {
  readonly target?: string;
};

export interface Pool {
  readonly fences: Fences;
  /** Opens a session at its origin. @throws {PoolError} If the environment is unsound or quarantined, or the pool is closed. */
  open(source: PoolSource): Promise<PooledSession>;
  /** Names (or folders) of environments of which nothing is executed any more. */
  quarantined(): readonly string[];
  /** Process ids of the children that live. */
  pids(): readonly number[];
  /** Kills the children; what still waits is refused. A pool that is not closed keeps the process alive. */
  close(): void;
}

const MiB = 2 ** 20;

const OPEN_FILES = 64;

/** Opens a pool; its children start with their first session. @throws {RangeError} If it has no children. */
export async function openPool(options: PoolOptions): Promise<Pool> {
  if (options.children < 1) throw new RangeError(`Cannot open a pool of ${options.children} children`);
  const fences = options.fences ?? (await probeFences());
  const kills = new Map<string, number>();
  const { answerBytes = MiB, killsAllowed = 3, deadlineMs: callMs = 10_000, openMs = 10_000 } = options;
  const command = commandOf({ ...options, answerBytes }, fences);
  const lineBytes = 4 * answerBytes; // a character has up to three bytes, and the line a head
  const deadlineMs = (op: Op): number => (op === "open" ? openMs : callMs);
  const keepers = (): readonly Keeper[] =>
    Array.from({ length: options.children }, () => keepChild({ command, lineBytes, deadlineMs, blame, quarantine }));
  const players = keepers();
  const judges = keepers();
  const folders = keepFolders();
  let lastSeat = 0;
  process.once("exit", close);

  function blame(environment: string): void {
    kills.set(environment, (kills.get(environment) ?? 0) + 1);
  }

  function quarantined(): readonly string[] {
    return [...kills].flatMap(([name, count]) => (count >= killsAllowed ? [name] : []));
  }

  function quarantine(name: string): string | null {
    const count = kills.get(name) ?? 0;
    return count >= killsAllowed ? `The environment "${name}" is quarantined: its process had to be stopped ${count} times` : null;
  }

  async function open(source: PoolSource): Promise<PooledSession> {
    const { name, folder } = "folder" in source ? locate(source.folder) : { name: source.name, folder: folders.folderOf(source) };
    const seat = (target: string | null): SeatRecord => newSeat(++lastSeat, name, { folder, target });
    const player = await seatAt(players, seat(null));
    if (source.target === undefined) return openPooledSession(player, null);
    try {
      return openPooledSession(player, await seatAt(judges, seat(resolve(source.target))));
    } catch (error) {
      void player.keeper.send(player.seat, "shut", "");
      throw error;
    }
  }

  function close(): void {
    process.off("exit", close);
    for (const keeper of [...players, ...judges]) keeper.close();
    folders.remove();
  }

  const pids = (): readonly number[] => [...players, ...judges].flatMap((keeper) => keeper.pid() ?? []);
  return { fences, open, quarantined, pids, close };
}

function commandOf(options: PoolOptions & { readonly answerBytes: number }, fences: Fences): ChildCommand {
  const { memoryBytes = 512 * MiB, growthBytes = 64 * MiB, answerBytes, cpuSeconds = 3600 } = options;
  return {
    entry: options.entry ?? entryBeside("main"),
    argument: JSON.stringify({ answerBytes, growthBytes }),
    fences,
    limits: { dataBytes: memoryBytes, cpuSeconds, openFiles: OPEN_FILES },
  };
}

function locate(folder: string): { readonly name: string; readonly folder: string } {
  const path = resolve(folder);
  return { name: path, folder: path };
}

function newSeat(id: number, environment: string, source: SeatRecord["source"]): SeatRecord {
  return { id, environment, source, accepted: [], acceptedChars: 0, tail: null, isOpen: false, isSuspect: false, lost: null };
}

/** Seats a session with the child that has fewest. */
async function seatAt(keepers: readonly Keeper[], seat: SeatRecord): Promise<{ readonly keeper: Keeper; readonly seat: SeatRecord }> {
  const keeper = keepers.reduce((least, each) => (each.seats() < least.seats() ? each : least));
  const reply = await keeper.send(seat, "open", JSON.stringify(seat.source));
  if (reply.kind === "refused") throw new PoolError(reply.reason);
  if (reply.flag === "failed") throw new PoolError(`Cannot open "${seat.environment}": ${reply.payload}`);
  return { keeper, seat };
}

type NamedFiles = { readonly name: string; readonly files: ReadonlyMap<string, Buffer> };

/** Environments given as files are laid down once, for every child that comes to need them. */
function keepFolders(): { readonly folderOf: (named: NamedFiles) => string; readonly remove: () => void } {
  const known = new Map<string, { readonly folder: string; readonly files: NamedFiles["files"] }>();
  let root: string | null = null;

  function folderOf({ name, files }: NamedFiles): string {
    const found = known.get(name);
    if (found !== undefined) {
      if (!sameFiles(found.files, files)) throw new PoolError(`Cannot open "${name}": other files are open under that name`);
      return found.folder;
    }
    root ??= mkdtempSync(join(tmpdir(), "logigen-pool-"));
    const folder = join(root, String(known.size));
    writeFiles(folder, files);
    known.set(name, { folder, files });
    return folder;
  }

  function remove(): void {
    if (root !== null) rmSync(root, { recursive: true, force: true });
    root = null;
    known.clear();
  }

  return { folderOf, remove };
}

function sameFiles(some: ReadonlyMap<string, Buffer>, others: ReadonlyMap<string, Buffer>): boolean {
  return some.size === others.size && [...some].every(([name, bytes]) => others.get(name)?.equals(bytes) === true);
}
