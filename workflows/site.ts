/** What the halves of an environment's life share: who works, what has happened so far, and a Check–Fix–Verify stage. */
import { getExternalWorkflowHandle, workflowInfo } from "@temporalio/workflow";
import type { Checked, CorrectionRefs, Place, Ref, Rounds, Spent, Stage, StageEvent } from "../activities/contract.js";
import type { Crew } from "./crew.js";
import { addRounds, counted, funnelTable } from "./funnel.js";
import type { Gate } from "./gate.js";
import { progressSignal } from "./progress-signal.js";
import { refine } from "./refine.js";
import { enterStage, tell } from "./story.js";

/** Corrective rounds of each Check–Fix–Verify stage. */
const CORRECTIONS = 4;

/** An environment in the making; `standing` is what it has come to. */
export interface Site {
  readonly place: Place;
  readonly gate: Gate;
  readonly crew: Crew;
  readonly standing: {
    readonly events: StageEvent[];
    rounds: Rounds;
    spent: Spent;
    structure: string | null;
    /** Why a stage refused, and the findings that no round resolved. */
    reason: string;
    report: Ref | null;
    /** The budget was reached. */
    isBroke: boolean;
  };
}

/** Work of a stage: who drafts, from what, and the checks of a draft in their order. */
export interface StageWork {
  readonly name: Stage;
  /** The stage's place in the pipeline, as a history shows it. */
  readonly ordinal: string;
  readonly draft: "draftBlueprint" | "draftPolicy" | "draftTables" | "draftRules" | "designResources" | "assembleCast" | "nameBoundaries";
  readonly known: Readonly<Record<string, Ref>>;
  readonly checks: readonly ((artefact: Ref, round: number) => Promise<Checked>)[];
}

/** Adds what a call used. */
export function spend({ standing }: Site, more: Spent): void {
  standing.spent = { tokens: standing.spent.tokens + more.tokens, money: standing.spent.money + more.money };
}

/** Shows a line above the funnel so far. */
export function show({ standing }: Site, line: string): void {
  tell([line, "", funnelTable(counted([], standing.events))]);
}

/** Notes what became of something, and tells the campaign how far this environment is. */
export async function note({ place, standing }: Site, ...more: readonly StageEvent[]): Promise<void> {
  standing.events.push(...more);
  await getExternalWorkflowHandle(place.campaign)
    .signal(progressSignal, workflowInfo().workflowId, standing.events)
    .catch(() => undefined);
}

/** Runs one Check–Fix–Verify stage; null, with the reason noted, where it ran out of rounds. */
export async function runStage(site: Site, { name, ordinal, draft, known, checks }: StageWork): Promise<Ref | null> {
  const { place, crew, standing } = site;
  enterStage(name);
  show(site, `stage **${name}**`);
  const refined = await refine({
    corrections: CORRECTIONS,
    draft: async (correction: CorrectionRefs | null, round) => {
      const summary = correction === null ? `${ordinal} ${name} | draft` : `${ordinal} ${name} | fix ${String(round)}`;
      const drafted = await crew.ask(draft, summary, { at: { place, step: `${name} draft ${String(round)}` }, known, correction });
      spend(site, drafted.spent);
      return drafted;
    },
    checks,
  });
  standing.rounds = addRounds(standing.rounds, refined.rounds);
  await note(site, { stage: name, outcome: refined.kind === "accepted" ? "accepted" : "unresolved" });
  if (refined.kind === "accepted") return refined.artefact;
  standing.reason = `${name}: ${refined.line}`;
  standing.report = refined.report;
  return null;
}
