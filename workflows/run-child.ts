/**
 * A child workflow and its result. It does not die with a parent that is restarted; one that still runs under the same id is
 * replaced, which costs nothing, since every reply it has had is journalled.
 */
import {
  type ChildWorkflowOptions,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
  type Workflow,
  type WorkflowResultType,
} from "@temporalio/workflow";
import { type Gate, pauseSignal } from "./gate.js";

export type ChildPlan<Kind extends Workflow> = Pick<ChildWorkflowOptions, "typedSearchAttributes"> & {
  readonly workflowId: string;
  readonly summary: string;
  readonly details: string;
  readonly input: Parameters<Kind>[0];
};

/** Starts the child once the gate is open and waits for its result. @throws {ChildWorkflowFailure} If it failed. */
export async function runChild<Kind extends Workflow>(
  gate: Gate,
  kind: Kind,
  { workflowId, summary, details, input, typedSearchAttributes }: ChildPlan<Kind>,
): Promise<WorkflowResultType<Kind>> {
  await gate.open();
  gate.below.add(workflowId);
  try {
    const child = await startChild<Workflow>(kind, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: "TERMINATE_IF_RUNNING",
      staticSummary: summary,
      staticDetails: details,
      ...(typedSearchAttributes === undefined ? {} : { typedSearchAttributes }),
    });
    const reason = gate.reason();
    if (reason !== null) await getExternalWorkflowHandle(workflowId).signal(pauseSignal, reason);
    return (await child.result()) as WorkflowResultType<Kind>; // typed by the workflow itself
  } finally {
    gate.below.delete(workflowId);
  }
}
