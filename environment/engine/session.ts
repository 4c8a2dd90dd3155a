/**
 * A session: an origin in memory and the ordered log of accepted writes; its state is always recomputable from the two.
 *
 * Everything happens in one transaction that is never committed: a reset is its ROLLBACK, which takes microseconds
 * whatever the size of the origin.
 */
import type { Engine } from "../compile/compile-sheet.js";
import { type AcceptedWrite, type LoggedCall, loggedCall, openExecutor } from "./executor.js";
import { type Db, openSnapshot } from "./snapshot.js";
import type { Notes } from "./notes.js";
import type { ToolResult } from "./tool-result.js";

export type { LoggedCall } from "./executor.js";
export type { ToolError, ToolResult } from "./tool-result.js";

export interface Session {
  /** The session's database, for reading; its integers are bigint. */
  readonly db: Db;
  /** What its writes have touched since the origin. */
  readonly notes: Notes;
  /** One tool call; an agent's fault is an answer, never an exception. @throws {Error} If the environment left its transaction. */
  call(tool: string, given: unknown): ToolResult;
  /** The accepted writes in order, `authenticate` and the transfer among them; called again they give the same state. */
  log(): readonly LoggedCall[];
  /** Back to the origin. */
  reset(): void;
  close(): void;
}

/** A session on a connection of its own, which can go back to a state that it was in. */
export interface MarkedSession extends Session {
  /** Marks the state as it is. */
  mark(): Mark;
  /** Back to the state of a mark; marks made after it are void, as all are after a reset. */
  back(mark: Mark): void;
}

/** A state of a session: how many marks, writes and notes came before it. */
export type Mark = { readonly depth: number; readonly writes: number; readonly notes: number };

type Savepoint = Readonly<Record<"set" | "undo" | "drop", { readonly run: () => unknown }>>;

/** What a session is opened on. */
export type SessionSource = { readonly compiled: Engine; readonly origin: Buffer };

/** Opens a session on a snapshot of the environment. */
export function openSession({ compiled, origin }: SessionSource): MarkedSession {
  const db = openSnapshot(origin);
  const executor = openExecutor({ db, compiled });
  const { notes } = executor;
  const begin = db.prepare("BEGIN");
  const rollback = db.prepare("ROLLBACK");
  let log: AcceptedWrite[] = [];
  const savepoints: Savepoint[] = [];
  let depth = 0;
  begin.run();

  function call(tool: string, given: unknown): ToolResult {
    const { result, accepted } = executor.call(tool, given);
    if (!db.inTransaction) throw new Error(`Cannot go on after a call of "${tool}": the environment ended the session's transaction`);
    if (accepted !== null) log.push(accepted);
    return result;
  }

  function reset(): void {
    rollback.run();
    begin.run();
    notes.cut(0);
    log = [];
    depth = 0;
  }

  function mark(): Mark {
    savepoint(depth).set.run();
    depth += 1;
    return { depth: depth - 1, writes: log.length, notes: notes.list.length };
  }

  function back(to: Mark): void {
    const { set, undo, drop } = savepoint(to.depth);
    undo.run();
    // What a savepoint keeps of the pages before it only grows as long as it stands, and is gone through at every return to it.
    drop.run();
    set.run();
    depth = to.depth + 1;
    log = log.slice(0, to.writes);
    notes.cut(to.notes);
  }

  function savepoint(at: number): Savepoint {
    const name = `logigen_mark_${at}`;
    return (savepoints[at] ??= {
      set: db.prepare(`SAVEPOINT ${name}`),
      undo: db.prepare(`ROLLBACK TO ${name}`),
      drop: db.prepare(`RELEASE ${name}`),
    });
  }

  function close(): void {
    db.close();
  }

  return { db, notes, call, log: () => log.map(loggedCall), reset, close, mark, back };
}
