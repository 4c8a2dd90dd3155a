/**
 * The library: everything that a program outside this project may rely on, by name (docs/library.md).
 *
 * It is imported as `logigen/environment`, needs neither a model nor a server, and holds no state of its own: what is open
 * is what the caller opened, and closes. Names that are absent here may change at any time.
 */

/** From a rule sheet to SQL. A sheet is untrusted: what is wrong with it is an answer. */
export { compileSheet, type Compilation, type Compiled, type Engine } from "./compile/compile-sheet.js";
export type { SheetError } from "./core/sheet-error.js";
export type { Catalogue, CatalogueColumn, CatalogueTable } from "./core/catalogue.js";
/** The sheet's schema (zod), for those who write sheets by program, and its type. */
export { sheetSchema, type Sheet } from "./sheet/sheet.js";
/** The meaning of a sheet without SQLite: the verdict on a write and the rows after it. */
export { interpretWrite, type EffectWrite, type Verdict, type Write } from "./compile/interpret-write.js";
/** Stored values: INTEGER is bigint, REAL is number. */
export type { Row, Rows, Value } from "./core/values.js";

/** Folders: environments, and task packages, which are environments with more files. */
export {
  EnvironmentFolderError,
  type KnownEnvironments,
  noneKnown,
  readCompiledEnvironment,
  type ReadEnvironment,
  readEnvironment,
  readListed,
} from "./engine/folder.js";
export { type Environment, type ImportedEnvironment, type Manifest, writeEnvironment, writeFiles } from "./engine/folder-files.js";

/** Origins: by rows laid down, or by a history of real writes. */
export { type LayContext, layRows, type RowProblem, RowsError } from "./engine/lay-rows.js";
export { buildOrigin, type BuiltOrigin, type HistoryStep, type OriginPlan, type OriginProblem } from "./engine/build-origin.js";

/** Snapshots: a state as the bytes of a SQLite file, equal states as equal bytes. */
export { type Db, openSnapshot, stateDigest, writeSnapshot } from "./engine/snapshot.js";

/** What an agent is shown, and the session its calls are made in. */
export { type Tool, type ToolProperty, toolsOf } from "./engine/tools.js";
export { type LoggedCall, type Mark, type MarkedSession, openSession, type Session, type SessionSource } from "./engine/session.js";
/** Thousands of live sessions on few connections. */
export { openSessionPool, type SessionPool } from "./engine/session-pool.js";
export type { ErrorCode, Refusal, ToolError, ToolResult } from "./engine/tool-result.js";
export type { Effect } from "./engine/effect-log.js";
/** JSON with exact integers and without duplicate keys, as arguments and answers have it. */
export { callLimits, type ExactJson, ExactJsonError, type JsonLimits, parseExactJson, stringifyExactJson } from "./engine/exact-json.js";

/** What two states of one origin differ in. */
export { classesOf, type ColumnClass, type ColumnClasses, type StateView, viewOf } from "./compare/state-view.js";
export { type Diff, type DiffRow, diffStates } from "./compare/diff.js";

/** Rewards: a session that knows its target; a recorded rollout scored again; and the parts of both. */
export { openRewardedSession, type RewardedSession } from "./compare/rewarded-session.js";
export { type RolloutCall, type ScoredCall, type ScoredRollout, type ScoredTurn, scoreRollout } from "./compare/replay.js";
export type { Call } from "./compare/trial.js";
export {
  type CallOutcome,
  type Goal,
  outcomeOf,
  prepareGoal,
  type Reward,
  rewardConstants,
  type RewardTracker,
  trackReward,
} from "./compare/reward.js";
export { type ChangeLog, installChangeNotes, type Noted, openChangeLog } from "./compare/change-log.js";
/** Turn-aware advantages of a group of rollouts. */
export {
  type AdvantageOptions,
  type Advantages,
  defaultAdvantageOptions,
  type RewardGroup,
  turnAdvantages,
} from "./compare/advantages.js";
/** A metric of refusal tasks: were the reads made that establish the refusal. */
export { type AnsweredCall, type ReadsMade, readsMade, type RefusalReads, refusalReads, type RefusalTask } from "./task/refusal-reads.js";

/** Raw SQL, which is untrusted: it is read here, imported and played in processes of their own. */
export { type ReadImport, readImport } from "./import/read-import.js";
export type { Import, ImportSource, Refused } from "./import/import-raw.js";
export type { Finding } from "./import/facts.js";
export { importInChild, type ImportLimits } from "./child/import-in-child.js";
export { openPool, type Pool, type PoolOptions, type PoolSource } from "./child/pool.js";
export type { PooledSession } from "./child/pooled-session.js";
export { PoolError } from "./child/pool-error.js";
export { type Fence, type Fences, probeFences } from "./child/fences.js";

/** Proofs: of an environment by witnesses, write matrix and mutants; of an environment by examples; of a task by its certificate. */
export { type Evidence, type Failure, type Proof, type ProofOptions, prove } from "./proof/prove.js";
export type { MutationReport } from "./proof/mutation-report.js";
export { type Disagreement, type ExamplesReport, runExamples } from "./proof/run-examples.js";
export { type ClauseExample, clauseExampleSchema } from "./proof/clause-example.js";
export { type Certificate, certify } from "./task/certificate.js";
export type { CertificatePoint, CertifyInput } from "./task/certificate-point.js";
export { type TaskDescription, taskDescriptionSchema } from "./task/task-description.js";
