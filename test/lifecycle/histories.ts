/** The histories of a campaign's workflows, and what stands in them. */
import { type Client, defaultPayloadConverter } from "@temporalio/client";
import type { temporal } from "@temporalio/proto";
import { campaignQuery } from "../../workers/namespace.js";

type History = temporal.api.history.v1.IHistory;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payload = temporal.api.common.v1.IPayload;

/** A workflow with everything that happened in it. */
export interface Recorded {
  readonly workflowId: string;
  readonly history: History;
}

/** Every workflow that the one search query of a campaign finds. */
export async function historiesOf(client: Client, campaign: string): Promise<readonly Recorded[]> {
  const found: Recorded[] = [];
  for await (const { workflowId } of client.workflow.list({ query: campaignQuery(campaign) })) {
    found.push({ workflowId, history: await client.workflow.getHandle(workflowId).fetchHistory() });
  }
  return found;
}

/** Ids of the children that a workflow started. */
export function childrenOf({ history }: Recorded): readonly string[] {
  return eventsOf(history).flatMap((event) => event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId ?? []);
}

/** Every activity that was scheduled, with the line that a person reads; empty where there is none. */
export function activitiesOf({ history }: Recorded): readonly { readonly name: string; readonly summary: string }[] {
  return eventsOf(history).flatMap(({ activityTaskScheduledEventAttributes: scheduled, userMetadata }) =>
    !scheduled ? [] : [{ name: scheduled.activityType?.name ?? "", summary: textOf(userMetadata?.summary) }],
  );
}

/** What a workflow returned. */
export function resultOf({ history }: Recorded): unknown {
  const completed = eventsOf(history).flatMap((event) => event.workflowExecutionCompletedEventAttributes?.result?.payloads ?? []);
  return completed.map((payload) => defaultPayloadConverter.fromPayload<unknown>(payload))[0];
}

/** Every payload of a history, wherever it stands. */
export function payloadsOf({ history }: Recorded): readonly Buffer[] {
  return eventsOf(history).flatMap((event) => dataWithin(event));
}

function eventsOf({ events }: History): readonly HistoryEvent[] {
  return events ?? [];
}

function textOf(payload: Payload | null | undefined): string {
  return !payload ? "" : defaultPayloadConverter.fromPayload<string>(payload);
}

/** A payload is what has bytes under `data`. */
function dataWithin(value: unknown): Buffer[] {
  if (typeof value !== "object" || value === null) return [];
  if ("data" in value && value.data instanceof Uint8Array) return [Buffer.from(value.data)];
  return Object.values(value).flatMap(dataWithin);
}
