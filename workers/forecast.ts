/**
 * What a campaign may be expected to call, use and cost before it has run. Pure. The means are the paper's, of other models and other
 * scenarios: an order of magnitude, and labelled as such.
 */
import type { AgentName } from "../agents/role.js";
import { type Endpoint, resolveRole, type RoleSettings } from "../models/endpoint-config.js";
import { costNanos, nanosPerUnit } from "../models/price.js";

/** What a run belongs to: an environment wanted, a task wanted, or a trajectory wanted. */
type Per = "environment" | "task" | "trajectory";

interface PaperLine {
  readonly module: string;
  readonly work: string;
  readonly role: AgentName;
  readonly per: Per;
  /** Share of a module's runs that are accepted. */
  readonly success: number;
  /** Means of one run. */
  readonly turns: number;
  readonly prompt: number;
  readonly completion: number;
}

/** Table 5 of the paper. It has no lines for Verifier and Projector. */
const paperLines: readonly PaperLine[] = [
  {
    module: "Architect",
    work: "policy",
    role: "architect",
    per: "environment",
    success: 0.685,
    turns: 2.7,
    prompt: 37_410,
    completion: 6_255,
  },
  {
    module: "Architect",
    work: "tables",
    role: "architect",
    per: "environment",
    success: 0.685,
    turns: 7.1,
    prompt: 157_048,
    completion: 15_906,
  },
  {
    module: "Architect",
    work: "rules",
    role: "architect",
    per: "environment",
    success: 0.685,
    turns: 10,
    prompt: 327_096,
    completion: 38_654,
  },
  {
    module: "Set Designer",
    work: "origin",
    role: "set_designer",
    per: "environment",
    success: 0.728,
    turns: 41.4,
    prompt: 795_374,
    completion: 5_941,
  },
  { module: "Explorer", work: "episode", role: "client", per: "task", success: 0.993, turns: 8.74, prompt: 82_209, completion: 2_073 },
  {
    module: "Explorer",
    work: "episode",
    role: "consultant",
    per: "task",
    success: 0.993,
    turns: 23.86,
    prompt: 523_398,
    completion: 6_636,
  },
  {
    module: "Distill Trajectory",
    work: "rollout",
    role: "user_simulator",
    per: "trajectory",
    success: 0.742,
    turns: 8.8,
    prompt: 124_152,
    completion: 406,
  },
  {
    module: "Distill Trajectory",
    work: "rollout",
    role: "teacher",
    per: "trajectory",
    success: 0.742,
    turns: 28.9,
    prompt: 587_168,
    completion: 11_363,
  },
];

/** One agent's share; numbers are whole, `cost` is in the campaign's currency. */
export interface ForecastLine {
  readonly module: string;
  readonly work: string;
  readonly role: AgentName;
  readonly model: string;
  readonly runs: number;
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cost: number;
}

export interface Forecast {
  /** Where the means come from, to be printed with them. */
  readonly basis: string;
  readonly environments: number;
  readonly tasks: number;
  readonly trajectories: number;
  readonly lines: readonly ForecastLine[];
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cost: number;
  /** Null where no endpoint has prices, or the built-in author works. */
  readonly currency: string | null;
}

/** The parts of a configuration that a forecast needs. */
export interface ForecastConfig {
  readonly author: "builtin" | "models";
  readonly environments: number;
  readonly tasks: number;
  readonly keep: number;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly roles: Readonly<Partial<Record<string, RoleSettings>>>;
}

/** The forecast for so many seeds. Runs that fail are counted with those they stand before; caching of prompts is not assumed. */
export function forecast(config: ForecastConfig, seeds: number): Forecast {
  const environments = seeds * config.environments;
  const wanted: Readonly<Record<Per, number>> = {
    environment: environments,
    task: environments * config.tasks,
    trajectory: environments * config.tasks * config.keep,
  };
  const lines = paperLines.map((line) => lineOf(line, Math.ceil(wanted[line.per] / line.success), config));
  const sum = (part: (line: ForecastLine) => number): number => lines.reduce((total, line) => total + part(line), 0);
  const currencies = Object.values(config.endpoints).flatMap(({ prices }) => (prices === undefined ? [] : [prices.currency]));
  return {
    basis: "means a run and success rates of the paper's Table 5, which has none for Verifier and Projector; prompts at the full price",
    environments,
    tasks: wanted.task,
    trajectories: wanted.trajectory,
    lines,
    calls: sum((line) => line.calls),
    promptTokens: sum((line) => line.promptTokens),
    completionTokens: sum((line) => line.completionTokens),
    cost: sum((line) => line.cost),
    currency: config.author === "builtin" ? null : (currencies[0] ?? null),
  };
}

function lineOf({ module, work, role, turns, prompt, completion }: PaperLine, runs: number, config: ForecastConfig): ForecastLine {
  const { endpoint, model } = resolveRole(role, config);
  const prices = config.author === "builtin" || endpoint === undefined ? undefined : config.endpoints[endpoint]?.prices;
  const promptTokens = Math.round(runs * prompt);
  const completionTokens = Math.round(runs * completion);
  const cost = costNanos({ prompt: promptTokens, cached: 0, completion: completionTokens }, prices ?? null) / nanosPerUnit;
  return {
    module,
    work,
    role,
    model: config.author === "builtin" ? "builtin" : (model ?? ""),
    runs,
    calls: Math.round(runs * turns),
    promptTokens,
    completionTokens,
    cost,
  };
}
