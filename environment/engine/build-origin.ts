/**
 * The origin of an environment: resources laid down, then a history of real writes while the clock still runs, then sealed.
 *
 * The history goes through the tools and triggers of the environment, so that the origin is a state that its own rules
 * let come about.
 */
import Database from "better-sqlite3";
import { CONTEXT_TABLE } from "../core/catalogue.js";
import type { Compiled } from "../compile/compile-sheet.js";
import { type Executor, openExecutor } from "./executor.js";
import { quoteIdentifier } from "../core/identifier.js";
import { brokenInvariants } from "./invariants.js";
import { evidenceOf, layRows, RowsError } from "./lay-rows.js";
import { type Db, writeSnapshot } from "./snapshot.js";
import { refusalOf } from "./tool-result.js";
import type { Row, Rows, Value } from "../core/values.js";

/** One step: the clock moves forward, or a user (null where the agent names actors in columns) has a call made. */
export type HistoryStep =
  | { readonly kind: "tick"; readonly now: bigint }
  | { readonly kind: "call"; readonly actor: Value; readonly tool: string; readonly arguments: unknown };

/** Rows laid before, the clock before the history, what happened, and the clock at the origin. */
export type OriginPlan = {
  readonly rows: Rows;
  readonly history: readonly HistoryStep[];
  readonly start: bigint;
  readonly now: bigint;
  readonly desk?: string;
};

/** What is wrong: `step` counts the history from 0, absent where the rows or the final state are at fault. */
export type OriginProblem = { readonly step?: number; readonly table?: string; readonly rule?: string; readonly message: string };

export type BuiltOrigin =
  | { readonly ok: true; readonly origin: Buffer }
  | { readonly ok: false; readonly problems: readonly OriginProblem[] };

/** Builds the origin, or says everything that is wrong with the plan; after a refused step the next ones are still tried. */
export function buildOrigin(compiled: Compiled, { rows, history, start, now, desk }: OriginPlan): BuiltOrigin {
  const laid = lay(compiled, rows, { now: start, sealed: false, ...(desk !== undefined && { desk }) });
  if (!laid.ok) return laid;
  const { db } = laid;
  try {
    const scribe = openScribe(compiled, db);
    const steps: readonly HistoryStep[] = [...history, { kind: "tick", now }];
    const problems = [
      ...steps.flatMap((step, index) =>
        scribe.write(step).map((problem) => (index < history.length ? { step: index, ...problem } : problem)),
      ),
      ...scribe.seal(),
    ];
    if (problems.length > 0) return { ok: false, problems };
    const broken = brokenInvariants(db, compiled);
    if (broken.length > 0) return { ok: false, problems: broken.map(({ rule, table, message }) => ({ rule, table, message })) };
    return { ok: true, origin: writeSnapshot(db) };
  } finally {
    db.close();
  }
}

function lay(
  compiled: Compiled,
  rows: Rows,
  context: Parameters<typeof layRows>[2],
): { readonly ok: true; readonly db: Db } | { readonly ok: false; readonly problems: readonly OriginProblem[] } {
  try {
    return { ok: true, db: layRows(compiled, rows, context) };
  } catch (error) {
    if (!(error instanceof RowsError)) throw error;
    return {
      ok: false,
      problems: error.problems.map(({ path, table, rule, message }) => ({
        table,
        message: `${path}: ${message}`,
        ...(rule !== undefined && { rule }),
      })),
    };
  }
}

type Fault = { readonly rule?: string; readonly message: string };
type Scribe = { readonly write: (step: HistoryStep) => readonly Fault[]; readonly seal: () => readonly Fault[] };

function openScribe(compiled: Compiled, db: Db): Scribe {
  const { catalogue, normal } = compiled;
  const executor = openExecutor({ db, compiled });
  const rules = new Map(normal.guards.map(({ id, message, hint }) => [id, { message, hint }]));

  function setContext(values: Row): readonly Fault[] {
    const names = Object.keys(values);
    if (names.length === 0) return [];
    const set = names.map((name) => `${quoteIdentifier(name)} = ?`).join(", ");
    try {
      db.prepare<Value[]>(`UPDATE ${CONTEXT_TABLE} SET ${set} WHERE id = 1`).run(...Object.values(values));
      return [];
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
      const { violated_rule: rule, message } = refusalOf(error, rules).error;
      return [{ message, ...(rule !== null && { rule }) }];
    }
  }

  function setActor(user: Value): readonly Fault[] {
    const { actor } = catalogue;
    if (actor === null)
      return user === null ? [] : [{ message: "here the agent names the actors in columns: the step's actor must be null" }];
    const none = Object.fromEntries(actor.evidence.map((column) => [`evidence_${column}`, null]));
    return setContext({ actor: user, ...none, ...(user === null ? {} : evidenceOf(db, actor, user)) });
  }

  function write(step: HistoryStep): readonly Fault[] {
    if (step.kind === "tick") return setContext({ now: step.now });
    if (step.tool === "authenticate" || step.tool === "transfer_to_human_agents")
      return [{ message: `a history has no call of "${step.tool}": its steps name their actor` }];
    const faults = setActor(step.actor);
    return faults.length > 0 ? faults : callFaults(executor, step);
  }

  function seal(): readonly Fault[] {
    const faults = setActor(null);
    return faults.length > 0 ? faults : setContext({ sealed: 1n });
  }

  return { write, seal };
}

function callFaults(executor: Executor, step: Extract<HistoryStep, { kind: "call" }>): readonly Fault[] {
  const { result } = executor.call(step.tool, step.arguments);
  if (result.ok) return [];
  const { code, message, violated_rule: rule, hint } = result.error;
  return [{ message: `${code}: ${message}${hint === null ? "" : ` (${hint})`}`, ...(rule !== null && { rule }) }];
}
