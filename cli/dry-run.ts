/** `run --dry-run`: the resolved configuration, the counts and the forecast; nothing is started. */
import { stringify } from "yaml";
import { forecast, type Forecast } from "../workers/forecast.js";
import type { CampaignPlan } from "../workers/plan-campaign.js";
import { writeAnswer } from "./answer.js";
import { dryRunAnswerSchema } from "./json-shapes.js";
import { textTable } from "./table.js";

/** Prints what a campaign would be. */
export function tellPlan({ config, scenarios }: CampaignPlan, form: "json" | "text"): void {
  const expected = forecast(config, scenarios.length);
  const answer = {
    config,
    scenarios: scenarios.map(({ id }) => id),
    environments: expected.environments,
    tasks: expected.tasks,
    forecast: { ...expected },
  };
  const counts = `${String(scenarios.length)} scenarios (${answer.scenarios.join(", ")}), ${String(expected.environments)} environments, ${String(expected.tasks)} verified tasks, ${String(expected.trajectories)} trajectories`;
  writeAnswer(form, dryRunAnswerSchema, answer, `${stringify(config)}\n${counts}\n\n${forecastText(expected)}`);
}

function forecastText({ lines, basis, calls, promptTokens, completionTokens, cost, currency }: Forecast): string {
  const columns = [
    { title: "module", side: "left" },
    { title: "work", side: "left" },
    { title: "model", side: "left" },
    { title: "calls", side: "right" },
    { title: "prompt tokens", side: "right" },
    { title: "completion tokens", side: "right" },
    { title: "cost", side: "right" },
  ] as const;
  const money = (value: number): string => (currency === null ? "0" : `${value.toFixed(2)} ${currency}`);
  const row = (
    name: string,
    work: string,
    model: string,
    line: { calls: number; promptTokens: number; completionTokens: number; cost: number },
  ): readonly string[] => [
    name,
    work,
    model,
    String(line.calls),
    String(line.promptTokens),
    String(line.completionTokens),
    money(line.cost),
  ];
  const total = row("all", "", "", { calls, promptTokens, completionTokens, cost });
  return `${textTable(columns, [...lines.map((line) => row(line.module, `${line.work} (${line.role})`, line.model, line)), total])}\n\nForecast from ${basis}`;
}
