import { expect, test } from "vitest";
import { durationText } from "../../cli/duration.js";
import { changeLines, panelText } from "../../cli/progress.js";
import { reportText } from "../../cli/report.js";
import type { CampaignReport } from "../../datasets/campaign-report.js";

const report: CampaignReport = {
  campaign: "spring",
  state: "running",
  funnel: [
    { stage: "blueprint", in: 4, out: 3, rejected: { "off contract": 1 } },
    { stage: "policy", in: 3, out: 1, rejected: { gap: 1, contradiction: 1 } },
    { stage: "tables", in: 0, out: 0, rejected: {} },
  ],
  rounds: { drafts: 9, corrections: 4, injected: 3, found: 2, repaired: 2, missed: 1 },
  cost: [
    { agent: "architect", calls: 12, success: 0.75, turns: 3, promptTokens: 1200.4, completionTokens: 310, cost: 1.5, currency: "USD" },
  ],
  packages: [
    { path: "packages/a-1/task-1", difficulty: "L2", verified: true },
    { path: "packages/a-1/task-2", difficulty: "L1", verified: false },
  ],
  dataset: { path: "packages", digest: "a".repeat(64) },
  running: ["a-1", "a-2"],
  elapsedMs: 65_000,
  forecastMs: 30_000,
};

test.each([
  [900, "1 s"],
  [59_000, "59 s"],
  [185_000, "3 min 05 s"],
  [7_800_000, "2 h 10 min"],
])("durationText(%i) says %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test("panelText() shows state, times, every stage with its rejections by reason, and what is in flight", () => {
  expect(panelText(report)).toBe(`Campaign "spring": running, 1 min 05 s, about 30 s to go

stage      in  out  rejected
blueprint   4    3  off contract 1
policy      3    1  contradiction 1, gap 1
tables      0    0

  a-1
  a-2`);
});

test("changeLines() says why a campaign is paused and how it goes on", () => {
  const paused = { ...report, state: "paused", running: ["paused: the endpoint refuses the key"], forecastMs: null } as const;
  expect(changeLines(report, { ...paused, running: [...paused.running] })).toEqual([
    'Campaign "spring": paused, 1 min 05 s; paused: the endpoint refuses the key; `logigen resume spring` goes on',
  ]);
});

test("changeLines() has one line a stage that changed and none for the others", () => {
  const after = { ...report, funnel: report.funnel.map((line) => (line.stage === "policy" ? { ...line, in: 4, out: 2 } : line)) };
  expect(changeLines(report, after)).toEqual(["1 min 05 s  policy: 2 of 4 accepted; rejected: contradiction 1, gap 1"]);
  expect(changeLines(report, { ...report, elapsedMs: 66_000 })).toEqual([]);
});

test("reportText() shows funnel, rounds, cost table, packages, digest, the verify command, the UI and its query", () => {
  const places = {
    directory: "/data/spring",
    packagesFolder: "/data/spring/packages",
    ui: "http://127.0.0.1:8233/x",
    query: "LogigenCampaign = 'spring'",
  };
  expect(reportText({ ...report, state: "complete" }, places)).toBe(`Campaign "spring": complete, 1 min 05 s

stage      in  out  rejected
blueprint   4    3  off contract 1
policy      3    1  contradiction 1, gap 1
tables      0    0

Check-Fix-Verify: 9 drafts, 4 corrective rounds; errors made on purpose: 3 injected, 2 found, 2 repaired, 1 missed

agent      calls  success  mean turns  mean prompt  mean completion        cost
architect     12   75.0 %         3.0         1200              310  1.5000 USD

packages    2 certified, 1 verified, in /data/spring/packages
dataset     packages, digest ${"a".repeat(64)}
verify      npx logigen verify /data/spring/packages
Temporal UI http://127.0.0.1:8233/x
its query   LogigenCampaign = 'spring'
`);
});
