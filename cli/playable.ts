/** An opened environment that a person or a program plays: its tools, its session, and, of a task package, its reward. */
import { type Catalogue, columnOf, tableOf } from "../environment/core/catalogue.js";
import type { Compiled } from "../environment/compile/compile-sheet.js";
import { quoteIdentifier } from "../environment/core/identifier.js";
import { openPool } from "../environment/child/pool.js";
import type { Diff } from "../environment/compare/diff.js";
import type { Reward } from "../environment/compare/reward.js";
import { openRewardedSession } from "../environment/compare/rewarded-session.js";
import type { Imported } from "../environment/engine/imported.js";
import { type LoggedCall, openSession, type Session, type ToolResult } from "../environment/engine/session.js";
import { type AnsweredCall, type ReadsMade, readsMade, type RefusalReads } from "../environment/task/refusal-reads.js";
import { type Tool, toolsOf } from "../environment/engine/tools.js";
import type { Value } from "../environment/core/values.js";
import { UsageError } from "./command-error.js";

/** A session in this process answers at once, one in a process of its own in time. */
type Soon<T> = T | Promise<T>;

export type Playable = {
  readonly title: string;
  readonly tools: readonly Tool[];
  readonly session: {
    readonly call: (tool: string, given: unknown) => Soon<ToolResult>;
    readonly log: () => Soon<readonly LoggedCall[]>;
  };
  /** The same session where there is a target to compare it with. */
  readonly rewarded: { readonly reward: () => Soon<Reward>; readonly diff: () => Soon<Diff> } | null;
  /** Of a refusal task: which of the reads that the refusal stands on were made since the play began; null of any other. */
  readonly refusalReads: () => ReadsMade | null;
  /** Back to where the play began: the origin, with the actor authenticated where one was named. */
  readonly restart: () => Soon<void>;
  readonly close: () => void;
};

type Source = {
  readonly compiled: Compiled;
  readonly origin: Buffer;
  readonly target: Buffer | null;
  readonly actor: string | null;
  /** Of a refusal task: the reads that the refusal stands on. */
  readonly reads?: RefusalReads | null;
};

/** Opens a session, and authenticates `actor` where it is given. @throws {UsageError} If that user cannot be authenticated. */
export function openPlayable({ compiled, origin, target, actor, reads = null }: Source): Playable {
  const rewarded = target === null ? null : openRewardedSession({ compiled, origin, target });
  const inner = rewarded ?? openSession({ compiled, origin });
  const made: AnsweredCall[] = [];
  const session: Session = { ...inner, call };

  function call(tool: string, given: unknown): ToolResult {
    const result = inner.call(tool, given);
    if (reads !== null) made.push({ tool, result });
    return result;
  }

  function start(): void {
    if (actor !== null) authenticate(session, compiled.catalogue, actor);
  }

  function restart(): void {
    session.reset();
    made.length = 0;
    start();
  }

  start();
  const close = (): void => {
    session.close();
  };
  const refusalReads = (): ReadsMade | null => (reads === null ? null : readsMade(compiled, reads, made));
  return { title: compiled.sheet.title, tools: toolsOf(compiled), session, rewarded, refusalReads, restart, close };
}

type ImportedSource = {
  readonly title: string;
  readonly compiled: Imported;
  readonly folder: string;
  /** Path of a SQLite file. */
  readonly target: string | null;
};

/** Opens a session on an imported environment in a process of its own: nobody knows what its triggers do. */
export async function openImported({ title, compiled, folder, target }: ImportedSource): Promise<Playable> {
  const pool = await openPool({ children: 1 });
  try {
    const session = await pool.open({ folder, ...(target !== null && { target }) });
    const close = (): void => {
      session.close();
      pool.close();
    };
    const rewarded = target === null ? null : session;
    return { title, tools: toolsOf(compiled), session, rewarded, refusalReads: () => null, restart: () => session.reset(), close };
  } catch (error) {
    pool.close();
    throw error;
  }
}

function authenticate(session: Session, catalogue: Catalogue, actor: string): void {
  if (catalogue.actor === null)
    throw new UsageError("Cannot authenticate: in this environment the agent names the actors in columns", { fix: "leave --actor out" });
  const { table, key, evidence } = catalogue.actor;
  const value: Value = columnOf(tableOf(catalogue, table), key).type === "integer" && /^-?[0-9]{1,18}$/.test(actor) ? BigInt(actor) : actor;
  const columns = [key, ...evidence];
  const row = session.db
    .prepare<[Value], Value[]>(
      `SELECT ${columns.map(quoteIdentifier).join(", ")} FROM ${quoteIdentifier(table)} WHERE ${quoteIdentifier(key)} = ?`,
    )
    .raw(true)
    .get(value);
  if (row === undefined) throw new UsageError(`Cannot authenticate ${JSON.stringify(actor)}: no such row in "${table}"`);
  const result = session.call("authenticate", Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])));
  if (!result.ok) throw new UsageError(`Cannot authenticate ${JSON.stringify(actor)}: ${result.error.message}`);
}
