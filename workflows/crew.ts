/**
 * Who does the work of a workflow: model calls on one queue (minutes, retried for hours), SQLite work on another (seconds,
 * few attempts), each with the line that a person reads in the history, and all through the gate.
 */
import { proxyActivities } from "@temporalio/workflow";
import type { Activities } from "../activities/create-activities.js";
import { hopelessFailures } from "../activities/failure-types.js";
import type { Gate } from "./gate.js";

/** Names of the two task queues of a campaign. */
export interface Queues {
  readonly models: string;
  readonly environments: string;
}

type Models = Activities["models"];
type Environments = Activities["environments"];

/** Of the campaign's own making: its budget is spent, or a step was answered before to another request. */
const hopeless = [...hopelessFailures, "BUDGET_REACHED", "REQUEST_CHANGED"];
/**
 * SQLite work blocks its process and cannot send heartbeats, so a killed process is noticed when the time is up: short for
 * what takes milliseconds, long for proofs.
 */
const longWork: ReadonlySet<string> = new Set([
  "checkRules",
  "checkBoundaries",
  "certifyTask",
  "checkProjection",
  "packageTasks",
  "assembleDataset",
]);
const LONG = "3 minutes";
/** Longest summary that the server takes is 400 bytes; the timeline shows 120 characters. */
const SUMMARY = 120;

export interface Crew {
  /** A model call. */
  ask<Name extends Extract<keyof Models, string>>(
    name: Name,
    summary: string,
    input: Parameters<Models[Name]>[0],
  ): Promise<Awaited<ReturnType<Models[Name]>>>;
  /** Work on SQLite in a process of its own. */
  run<Name extends Extract<keyof Environments, string>>(
    name: Name,
    summary: string,
    input: Parameters<Environments[Name]>[0],
  ): Promise<Awaited<ReturnType<Environments[Name]>>>;
}

export function crewOf(queues: Queues, gate: Gate): Crew {
  const models = proxyActivities({
    taskQueue: queues.models,
    startToCloseTimeout: "15 minutes",
    heartbeatTimeout: "25 seconds",
    scheduleToCloseTimeout: "12 hours",
    retry: { initialInterval: "2 seconds", backoffCoefficient: 2, maximumInterval: "2 minutes", nonRetryableErrorTypes: hopeless },
  });
  const environments = proxyActivities({
    taskQueue: queues.environments,
    startToCloseTimeout: "20 seconds",
    retry: {
      initialInterval: "1 second",
      backoffCoefficient: 2,
      maximumInterval: "1 minute",
      maximumAttempts: 20,
      nonRetryableErrorTypes: hopeless,
    },
  });
  function call(
    proxy: typeof models,
    name: string,
    { summary, input }: { readonly summary: string; readonly input: unknown },
  ): Promise<never> {
    const activity = proxy[name];
    if (activity === undefined) throw new TypeError(`Cannot call activity "${name}"`);
    const long = longWork.has(name) ? { startToCloseTimeout: LONG } : {};
    return activity.executeWithOptions({ summary: summary.slice(0, SUMMARY), ...long }, [input]) as Promise<never>; // typed by the activity itself at `ask` and `run`
  }
  return {
    ask: (name, summary, input) => gate.spend(() => call(models, name, { summary, input })),
    run: (name, summary, input) => gate.pass(() => call(environments, name, { summary, input })),
  };
}
