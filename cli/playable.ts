/** An opened environment that a person or a program plays: its tools, its session, and, of a task package, its reward. */
import { type Catalogue, columnOf, tableOf } from "../environment/core/catalogue.js";
import type { Compiled } from "../environment/compile/compile-sheet.js";
import { quoteIdentifier } from "../environment/core/identifier.js";
import { openRewardedSession, type RewardedSession } from "../environment/compare/rewarded-session.js";
import { openSession, type Session } from "../environment/engine/session.js";
import { type Tool, toolsOf } from "../environment/engine/tools.js";
import type { Value } from "../environment/core/values.js";
import { UsageError } from "./command-error.js";

export type Playable = {
  readonly title: string;
  readonly tools: readonly Tool[];
  readonly session: Session;
  /** The same session where there is a target to compare it with. */
  readonly rewarded: RewardedSession | null;
  /** Back to where the play began: the origin, with the actor authenticated where one was named. */
  readonly restart: () => void;
};

type Source = { readonly compiled: Compiled; readonly origin: Buffer; readonly target: Buffer | null; readonly actor: string | null };

/** Opens a session, and authenticates `actor` where it is given. @throws {UsageError} If that user cannot be authenticated. */
export function openPlayable({ compiled, origin, target, actor }: Source): Playable {
  const rewarded = target === null ? null : openRewardedSession({ compiled, origin, target });
  const session = rewarded ?? openSession({ compiled, origin });

  function start(): void {
    if (actor !== null) authenticate(session, compiled.catalogue, actor);
  }

  function restart(): void {
    session.reset();
    start();
  }

  start();
  return { title: compiled.sheet.title, tools: toolsOf(compiled), session, rewarded, restart };
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
