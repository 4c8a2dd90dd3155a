/** A whole lifecycle over HTTP: every role is answered by one endpoint, which once breaks a schema, once asks to wait, and refuses one trade for good. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { temporal } from "@temporalio/proto";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { agentNames } from "../../agents/role.js";
import { stopSignal, userSimulator } from "../../agents/user-simulator.js";
import { teacher } from "../../agents/teacher.js";
import { EXIT } from "../../cli/command-error.js";
import type { CampaignAnswer } from "../../cli/json-shapes.js";
import { readPackage, type TaskPackage } from "../../datasets/package.js";
import { verifyPackage } from "../../datasets/verify.js";
import { type ScriptedAnswer, type ScriptedEndpoint, startScriptedEndpoint } from "../doubles/scripted-endpoint.js";
import type { Finished } from "../cli/command.js";
import { answerOf, outputFolder, prepareCampaign, runToTheEnd } from "./campaign-command.js";
import { historiesOf, type Recorded } from "./histories.js";
import { answerAsked, type Asked, blocksOf, firstAsked, readAsked, roleVersions } from "./role-script.js";

const KEY = "sk-canary-7d1f0c52e9b84a36";
/** Of every reply, in tokens; and prices of a million. */
const usage = { prompt_tokens: 1200, completion_tokens: 300 };
const prices = { prompt: 2.5, completion: 10, currency: "EUR" };
const out = outputFolder();

let endpoint: ScriptedEndpoint;
let finished: Finished;
let answer: CampaignAnswer;
let asked: readonly Asked[];
let packages: readonly TaskPackage[];
let recorded: readonly Recorded[];

beforeAll(async () => {
  endpoint = await startScriptedEndpoint(lifecycle());
  const campaign = prepareCampaign(
    out,
    {
      name: "scripted",
      author: "models",
      environments: 1,
      tasks: 1,
      endpoints: { scripted: { base_url: endpoint.baseUrl, key_env: "SCRIPTED_KEY", prices } },
      roles: { default: { model: "scripted-1", temperature: 0.7, max_tokens: 9000 } },
    },
    { seeds: ["education-knowledge/librarian", "technology-media/telecom-support"], env: { SCRIPTED_KEY: KEY } },
  );
  finished = await runToTheEnd(campaign);
  expect(finished.code, finished.stderr).toBe(EXIT.belowYield);
  answer = answerOf(finished);
  asked = endpoint.requests.map(readAsked);
  packages = answer.packages.map(({ path }) => readPackage(path));
  const connection = await Connection.connect({ address: inject("temporal") });
  recorded = await historiesOf(new Client({ connection }), "scripted");
  await connection.close();
}, 240_000);
afterAll(() => endpoint.close());

/** Good answers, save for the first tables (off contract), the first word of a Consultant (wait), and every policy of one trade (refused). */
function lifecycle(): (request: RecordedRequest) => ScriptedAnswer {
  const done = new Set<string>();
  const isFirst = (what: string): boolean => !done.has(what) && done.add(what).has(what);
  return (request) => {
    const now = readAsked(request);
    const isRefused = seedOf(now).includes("telecom-support");
    if (now.version === "consultant@1" && isFirst("word")) {
      return { kind: "body", status: 429, headers: { "retry-after": "1" }, body: JSON.stringify({ error: { message: `Rate limit reached for ${KEY}`, code: "rate_limit_exceeded" } }) };
    }
    if (now.version === "architect.tables@1" && isFirst("tables")) return { kind: "reply", text: '{"declarations":{}}', usage };
    if (now.version === "verifier.policy@1" && isRefused) return { kind: "reply", text: JSON.stringify(complaint), usage };
    return { ...answerAsked(isRefused || now.version === "architect.tables@1" ? firstAsked(now) : now), usage };
  };
}

const complaint = { ok: false, findings: [{ clause: null, where: "policy", problem: "it is silent on emergencies", expected: "a clause on emergencies" }] };
const seedOf = ({ request }: Asked): string => readBlock(request.messages, "seed") ?? "";
const askedAs = (version: string): readonly Asked[] => asked.filter((one) => one.version === version);
const systemOf = ({ request }: Asked): string => request.messages[0]?.content ?? "";

test("every role asks the endpoint, and what it answers becomes verified packages that hold", () => {
  expect([...new Set(asked.map(({ version }) => version))].sort()).toEqual([...roleVersions].sort());
  expect(endpoint.requests.every(({ model, temperature, max_tokens }) => model === "scripted-1" && temperature === 0.7 && max_tokens === 9000)).toBe(true);
  expect(answer.packages.filter(({ verified }) => verified).length).toBe(1);
  expect(answer.packages.flatMap(({ path }) => verifyPackage(path).points.filter((point) => !point.ok))).toEqual([]);
  expect(packages.map(({ manifest }) => manifest.author)).toEqual(packages.map(() => "models"));
});

test("a reply off its schema comes back with a report, and is right in the next round", () => {
  const [, second, ...others] = askedAs("architect.tables@1");
  expect(others).toEqual([]);
  expect(second?.request.messages[2]).toEqual({ role: "assistant", content: '{"declarations":{}}' });
  expect(second?.request.messages[3]?.content).toMatch(/<report>[\s\S]*tables: /);
  expect(answer.rounds?.corrections).toBeGreaterThan(0);
});

test("a request that was told to wait is sent again, and is the only call without a reply", () => {
  const [first, again] = askedAs("consultant@1");
  expect(again).toEqual(first);
  expect(journalOf("SELECT outcome, charged, count(*) AS calls FROM call GROUP BY outcome, charged ORDER BY outcome")).toEqual([
    { outcome: "RATE_LIMITED", charged: "no", calls: 1 },
    { outcome: "reply", charged: "yes", calls: asked.length - 1 },
  ]);
});

test("a stage that refuses every draft ends its environment as rejected, with the report, and the campaign goes on", async () => {
  const rejected = recorded.filter(({ workflowId }) => /\/telecom-support-\d$/.test(workflowId)).map(resultOf);
  expect(rejected).toHaveLength(4);
  for (const result of rejected) expect(result).toMatchObject({ outcome: "rejected", line: "policy: 1 findings, first: policy: it is silent on emergencies", packages: [], rounds: { drafts: 6, corrections: 4 } });
  const policy = answer.funnel.find(({ stage }) => stage === "policy");
  expect(policy).toEqual({ stage: "policy", in: 5, out: 1, rejected: { unresolved: 4 } });
  expect(answer.state).toBe("complete");
});

test("the cost table sums what every reply cost", () => {
  const agents = answer.cost.filter(({ agent }) => agentNames.some((name) => name === agent));
  const replies = asked.length - 1;
  expect(agents.map(({ agent }) => agent).sort()).toEqual([...agentNames].sort());
  expect(agents.reduce((sum, line) => sum + line.calls, 0)).toBe(replies);
  expect(agents.reduce((sum, line) => sum + line.cost, 0)).toBeCloseTo((replies * (usage.prompt_tokens * prices.prompt + usage.completion_tokens * prices.completion)) / 1e6, 6);
  expect(new Set(agents.map(({ currency }) => currency))).toEqual(new Set(["EUR"]));
});

test.each([
  ["architect.blueprint@1", ["seed"]],
  ["architect.policy@1", ["blueprint", "report", "seed"]],
  ["architect.tables@1", ["policy", "report", "seed"]],
  ["architect.rules@1", ["policy", "report", "tables"]],
  ["verifier.policy@1", ["blueprint", "policy", "seed"]],
  ["verifier.tables@1", ["policy", "tables"]],
  ["verifier.examples@1", ["policy", "tables"]],
  ["set_designer.resources@1", ["policy", "report", "seed", "tables"]],
  ["set_designer.cast@1", ["policy", "report", "resources", "seed", "tables"]],
  ["set_designer.boundaries@1", ["now", "policy", "report", "rows", "rules", "tables"]],
  ["client@1", ["profile", "story"]],
  ["consultant@1", ["policy"]],
  ["projector@1", ["dialogue", "profile", "refusals", "report", "story", "tables", "writes"]],
  ["user_simulator@1", ["task_description", "user_profile"]],
  ["teacher@1", ["policy"]],
])("%s is told nothing but %j", (version, allowed) => {
  const held = askedAs(version).flatMap(blocksOf);
  expect(held.length).toBeGreaterThan(0);
  expect(held.filter((name) => !allowed.includes(name))).toEqual([]);
});

test("only Consultant and Teacher have tools; the Teacher has the policy before it, the simulator profile and description, word for word", () => {
  const policies = packages.map(({ environment: { compiled } }) => systemOf({ version: "", request: { ...first(asked).request, messages: teacher.prompt({ policy: { title: compiled.sheet.title, clauses: compiled.sheet.policy }, conversation: [] }) } }));
});
