/** One Temporal worker in this process, with the slots that its kind of work bears. */
import { DefaultLogger, type NativeConnection, Runtime, Worker, type WorkerOptions } from "@temporalio/worker";
import { pino, stdSerializers } from "pino";
import type { WorkerKind } from "./queues.js";

export interface WorkerSetup {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly kind: WorkerKind;
  readonly taskQueue: string;
  /** Path of the workflow bundle; only the kind `models` runs workflows. */
  readonly bundle: string;
  readonly activities: object;
}

/** Sends the SDK's log to standard output as JSON lines and leaves signals to this process. Once a process, before any connection. */
export function installRuntime(): void {
  const log = pino({ base: { pid: process.pid }, serializers: { error: stdSerializers.err } });
  const level = { TRACE: "trace", DEBUG: "debug", INFO: "info", WARN: "warn", ERROR: "error" } as const;
  Runtime.install({
    logger: new DefaultLogger("WARN", (entry) => {
      log[level[entry.level]](entry.meta ?? {}, entry.message);
    }),
    shutdownSignals: [],
  });
}

/** Runs until `stop` aborts, then lets calls in flight end; rejects if the worker fails. */
export async function runWorker(setup: WorkerSetup, stop: AbortSignal): Promise<void> {
  const worker = await Worker.create({ ...setupOptions(setup), ...slots(setup) });
  const shutDown = (): void => {
    if (worker.getState() === "RUNNING") worker.shutdown();
  };
  stop.addEventListener("abort", shutDown, { once: true });
  const running = worker.run();
  if (stop.aborted) shutDown();
  await running;
}

function setupOptions({ connection, namespace, taskQueue, activities }: WorkerSetup): WorkerOptions {
  return { connection, namespace, taskQueue, activities, shutdownGraceTime: "60 seconds", shutdownForceTime: "75 seconds" };
}

/** Model calls wait, SQLite work computes: hundreds in flight for one, one at a time for the other. */
function slots({ kind, bundle }: WorkerSetup): Partial<WorkerOptions> {
  if (kind === "environments") return { maxConcurrentActivityTaskExecutions: 1 };
  return {
    workflowBundle: { codePath: bundle },
    maxConcurrentActivityTaskExecutions: 300,
    maxConcurrentWorkflowTaskExecutions: 20,
    workflowTaskPollerBehavior: { type: "simple-maximum", maximum: 4 },
    maxCachedWorkflows: 500,
    // After a kill, workflows wait this long for the dead process before another one takes them; replaying one is cheap.
    stickyQueueScheduleToStartTimeout: "4 seconds",
  };
}
