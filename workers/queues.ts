/** Which kind of work a worker process does: workflows and model calls, or SQLite work. */
export type WorkerKind = "models" | "environments";

/** The task queues of a campaign, one a kind of work. */
export function queuesOf(campaign: string): Readonly<Record<WorkerKind, string>> {
  return { models: `logigen-${campaign}-models`, environments: `logigen-${campaign}-environments` };
}
