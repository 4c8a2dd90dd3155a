/** What the activities of a worker work with, and the few things they all do: read and leave artefacts, draw the random number of a step. */
import { createHash } from "node:crypto";
import { activityInfo } from "@temporalio/activity";
import type { z } from "zod";
import { type Finding, findingSchema } from "../agents/role.js";
import type { ModelRequest } from "../models/port.js";
import type { SelectedModel } from "../models/select-model.js";
import type { Budget } from "../storage/budget.js";
import type { Journal } from "../storage/journal.js";
import type { Ledger } from "../storage/ledger.js";
import type { Store } from "../storage/store.js";
import type { At, Place, Ref } from "./contract.js";

export interface Workshop {
  readonly store: Store;
  readonly journal: Journal;
  readonly ledger: Ledger;
  /** The model of a role. */
  readonly models: (role: string) => SelectedModel;
  /** What the built-in author put wrong on purpose in its answer to a request; null where nothing, or for other models. */
  readonly injected: (request: ModelRequest) => string | null;
  readonly budget: Budget;
  /** Who answers as every role: `builtin` or `models`; written into every package. */
  readonly author: string;
  /** The campaign's folder, where packages lie. */
  readonly directory: string;
  /** The time, as an epoch in ms; for journal, budget and provenance alone. */
  readonly clock: () => number;
}

/** An environment's name: `<scenario>-<n>`. */
export function environmentName({ scenario, environment }: Place): string {
  return `${scenario}-${String(environment)}`;
}

/**
 * The random number of a step: a one-way hash of the configuration's random number, scenario, environment, task and attempt,
 * role and step; the campaign's name does not enter. An integer of 48 bits.
 */
export function randomOf({ place, step }: At, role: string): number {
  const text = JSON.stringify([place.random, place.scenario, place.environment, place.task, place.attempt, role, step]);
  return createHash("sha256").update(text).digest().readUIntBE(0, 6);
}

/** The journal's key of a step. */
export function stepKey(at: At): { workflowId: string; step: string } {
  return { workflowId: activityInfo().workflowExecution?.workflowId ?? "", step: at.step };
}

/** Reads an artefact of the campaign by its reference. */
export function load<T>(workshop: Pick<Workshop, "store">, ref: Ref, schema: z.ZodType<T>): T {
  return workshop.store.getJson(ref, schema);
}

/** Leaves a report of findings. The line of the history tells how many and where the first one is: what is wrong may quote a reply. */
export function report(
  workshop: Pick<Workshop, "store">,
  findings: readonly Finding[],
): { kind: "failed"; report: Ref; problems: number; line: string } {
  const [first] = findings;
  const line = first === undefined ? "failed without a finding" : `${String(findings.length)} findings, first: ${placeName(first.where)}`;
  return { kind: "failed", report: workshop.store.putJson(findingSchema.array().parse(findings)), problems: findings.length, line };
}

/** The first word of a place: a clause, a column, a rule; what stands behind it may be quoted. */
function placeName(where: string): string {
  return /^[\w.[\]/-]{1,80}/.exec(where)?.[0] ?? "in the document";
}

/** A finding about a place in an artefact, with no clause of its own. */
export function finding(where: string, problem: string, expected: string, clause: string | null = null): Finding {
  return { clause, where, problem: problem.slice(0, 1000), expected: expected.slice(0, 1000) };
}
