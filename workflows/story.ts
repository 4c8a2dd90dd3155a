/** What a person sees of a workflow in the Temporal UI: search attributes and current details. */
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { setCurrentDetails, upsertSearchAttributes } from "@temporalio/workflow";
import type { Place } from "../activities/contract.js";

const keyword = SearchAttributeType.KEYWORD;
const campaignKey = defineSearchAttributeKey("LogigenCampaign", keyword);
const scenarioKey = defineSearchAttributeKey("LogigenScenario", keyword);
const stageKey = defineSearchAttributeKey("LogigenStage", keyword);
const outcomeKey = defineSearchAttributeKey("LogigenOutcome", keyword);
const difficultyKey = defineSearchAttributeKey("LogigenDifficulty", keyword);
const costKey = defineSearchAttributeKey("LogigenCost", SearchAttributeType.DOUBLE);

/** Search attributes that a workflow is started with. */
export function attributesOf(
  place: Pick<Place, "campaign"> & { readonly scenario?: string },
  stage: string,
): { key: typeof campaignKey; value: string }[] {
  return [
    { key: campaignKey, value: place.campaign },
    { key: stageKey, value: stage },
    ...(place.scenario === undefined ? [] : [{ key: scenarioKey, value: place.scenario }]),
  ];
}

/** Names the stage that the workflow has reached. */
export function enterStage(stage: string): void {
  upsertSearchAttributes([{ key: stageKey, value: stage }]);
}

/** Names how the workflow ended, and what it cost in the configuration's currency. */
export function concludeStory(end: { readonly outcome: string; readonly cost: number; readonly difficulty?: string }): void {
  upsertSearchAttributes([
    { key: outcomeKey, value: end.outcome },
    { key: costKey, value: end.cost },
    ...(end.difficulty === undefined ? [] : [{ key: difficultyKey, value: end.difficulty }]),
  ]);
}

/** Replaces the workflow's current details (Markdown, at most 20 KB). */
export function tell(lines: readonly string[]): void {
  setCurrentDetails(lines.join("\n").slice(0, 18_000));
}
