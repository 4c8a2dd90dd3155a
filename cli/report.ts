/** A campaign's report as text for people: the funnel, the corrective rounds, the cost table, the packages. Pure. */
import type { AgentCost, CampaignReport, CampaignRounds, FunnelStage } from "../datasets/campaign-report.js";
import { durationText } from "./duration.js";
import { type Column, textTable } from "./table.js";

const FUNNEL_COLUMNS: readonly Column[] = [
  { title: "stage", side: "left" },
  { title: "in", side: "right" },
  { title: "out", side: "right" },
  { title: "rejected", side: "left" },
];

const COST_COLUMNS: readonly Column[] = [
  { title: "agent", side: "left" },
  { title: "calls", side: "right" },
  { title: "success", side: "right" },
  { title: "mean turns", side: "right" },
  { title: "mean prompt", side: "right" },
  { title: "mean completion", side: "right" },
  { title: "cost", side: "right" },
];

/** The stages with what entered, what passed, and the reasons of the rest, most frequent first. */
export function funnelText(funnel: readonly FunnelStage[]): string {
  return textTable(
    FUNNEL_COLUMNS,
    funnel.map((line) => [line.stage, String(line.in), String(line.out), reasonsText(line.rejected)]),
  );
}

/** Reasons with their counts, most frequent first: "gap 3, quota 1". */
export function reasonsText(rejected: Readonly<Record<string, number>>): string {
  return Object.entries(rejected)
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .map(([reason, count]) => `${reason} ${String(count)}`)
    .join(", ");
}

/** The cost table, like the paper's Table 5: tokens are means a run. */
export function costText(cost: readonly AgentCost[]): string {
  return textTable(
    COST_COLUMNS,
    cost.map((line) => [
      line.agent,
      String(line.calls),
      line.success === null ? "-" : `${(line.success * 100).toFixed(1)} %`,
      line.turns.toFixed(1),
      line.promptTokens.toFixed(0),
      line.completionTokens.toFixed(0),
      line.currency === null ? "0" : `${line.cost.toFixed(4)} ${line.currency}`,
    ]),
  );
}

/** One sentence on Check–Fix–Verify. */
export function roundsText(rounds: CampaignRounds): string {
  const { drafts, corrections, injected, found, repaired, missed } = rounds;
  const onPurpose = `errors made on purpose: ${String(injected)} injected, ${String(found)} found, ${String(repaired)} repaired, ${String(missed)} missed`;
  return `Check-Fix-Verify: ${String(drafts)} drafts, ${String(corrections)} corrective rounds; ${onPurpose}`;
}

/** Where the results lie and how to look at them. */
export interface Places {
  readonly directory: string;
  readonly packagesFolder: string;
  readonly ui: string | null;
  readonly query: string;
}

/** What a person is shown when a campaign has ended, or asks for its status. */
export function reportText(report: CampaignReport, places: Places): string {
  const verified = report.packages.filter((line) => line.verified).length;
  const blocks = [
    `Campaign "${report.campaign}": ${report.state}, ${durationText(report.elapsedMs)}`,
    funnelText(report.funnel),
    ...(report.rounds === undefined ? [] : [roundsText(report.rounds)]),
    ...(report.cost.length === 0 ? [] : [costText(report.cost)]),
    [
      `packages    ${String(report.packages.length)} certified, ${String(verified)} verified, in ${places.packagesFolder}`,
      ...(report.dataset === null ? [] : [`dataset     ${report.dataset.path}, digest ${report.dataset.digest}`]),
      `verify      npx logigen verify ${places.packagesFolder}`,
      ...(places.ui === null ? [] : [`Temporal UI ${places.ui}`]),
      `its query   ${places.query}`,
    ].join("\n"),
  ];
  return `${blocks.join("\n\n")}\n`;
}
