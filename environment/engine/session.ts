/**
 * A session: an origin in memory and the ordered log of accepted writes; its state is always recomputable from the two.
 *
 * Everything happens in one transaction that is never committed: a reset is its ROLLBACK, which takes microseconds
 * whatever the size of the origin.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import { type LoggedCall, openExecutor } from "./executor.js";
import { type Db, openSnapshot } from "./snapshot.js";
import type { ToolResult } from "./tool-result.js";

export type { LoggedCall } from "./executor.js";
export type { ToolError, ToolResult } from "./tool-result.js";

export interface Session {
  /** The session's database, for reading; its integers are bigint. */
  readonly db: Db;
  /** One tool call; an agent's fault is an answer, never an exception. @throws {Error} If the environment left its transaction. */
  call(tool: string, given: unknown): ToolResult;
  /** The accepted writes in order, `authenticate` and the transfer among them; called again they give the same state. */
  log(): readonly LoggedCall[];
  /** Back to the origin. */
  reset(): void;
  close(): void;
}

/** What a session is opened on; `install` may put TEMP objects of its own on the connection, before the transaction begins. */
export type SessionSource = { readonly compiled: Compiled; readonly origin: Buffer; readonly install?: (db: Db) => void };

/** Opens a session on a snapshot of the environment. */
export function openSession({ compiled, origin, install }: SessionSource): Session {
  const db = openSnapshot(origin);
  const executor = openExecutor({ db, compiled });
  install?.(db);
  const begin = db.prepare("BEGIN");
  const rollback = db.prepare("ROLLBACK");
  let log: LoggedCall[] = [];
  begin.run();

  function call(tool: string, given: unknown): ToolResult {
    const { result, logged } = executor.call(tool, given);
    if (!db.inTransaction) throw new Error(`Cannot go on after a call of "${tool}": the environment ended the session's transaction`);
    if (logged !== null) log.push(logged);
    return result;
  }

  function reset(): void {
    rollback.run();
    begin.run();
    executor.forget();
    log = [];
  }

  function close(): void {
    db.close();
  }

  return { db, call, log: () => [...log], reset, close };
}
