import { expect, test } from "vitest";
import { forecast, type ForecastConfig } from "../../workers/forecast.js";

const config: ForecastConfig = {
  author: "models",
  environments: 2,
  tasks: 3,
  keep: 2,
  endpoints: {
    main: { base_url: "https://a.example.com", prices: { prompt: 2, cached: 0.2, completion: 3, currency: "CNY" } },
    free: { base_url: "https://b.example.com" },
  },
  roles: { default: { endpoint: "main", model: "small" }, teacher: { endpoint: "free", model: "own" } },
};

test("forecast() counts runs from what is wanted and the paper's success rates", () => {
  const { environments, tasks, trajectories, lines } = forecast(config, 5);
  expect({ environments, tasks, trajectories }).toEqual({ environments: 10, tasks: 30, trajectories: 60 });
  expect(lines.find(({ role, work }) => role === "architect" && work === "policy")).toMatchObject({
    runs: 15,
    calls: 41,
    promptTokens: 561_150,
    completionTokens: 93_825,
    model: "small",
  });
  expect(lines.find(({ role }) => role === "teacher")).toMatchObject({ runs: 81, calls: 2341, cost: 0, model: "own" });
});

test("forecast() prices each role at its endpoint and sums the lines", () => {
  const { lines, calls, promptTokens, cost, currency } = forecast(config, 1);
  const policy = lines.find(({ work }) => work === "policy");
  expect(policy?.cost).toBeCloseTo(3 * (37_410 * 2e-6 + 6_255 * 3e-6), 9);
  expect(calls).toBe(lines.reduce((sum, line) => sum + line.calls, 0));
  expect(promptTokens).toBe(lines.reduce((sum, line) => sum + line.promptTokens, 0));
  expect(cost).toBeCloseTo(
    lines.reduce((sum, line) => sum + line.cost, 0),
    9,
  );
  expect(currency).toBe("CNY");
});

test("forecast() of the built-in author costs nothing, and says where its means come from", () => {
  const { cost, currency, basis } = forecast({ ...config, author: "builtin" }, 1);
  expect({ cost, currency }).toEqual({ cost: 0, currency: null });
  expect(basis).toContain("Table 5");
});
