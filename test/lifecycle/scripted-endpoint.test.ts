/** A whole lifecycle over HTTP: every role is answered by one endpoint, which once breaks a schema, once asks to wait, and refuses one trade for good. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { temporal } from "@temporalio/proto";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { z } from "zod";
import { readBlock } from "../../agents/block.js";
import { agentNames, findingSchema } from "../../agents/role.js";
import { teacher } from "../../agents/teacher.js";
import { userSimulator } from "../../agents/user-simulator.js";
import { EXIT } from "../../cli/command-error.js";
import type { CampaignAnswer } from "../../cli/json-shapes.js";
import { readPackage, type TaskPackage } from "../../datasets/package.js";
import { verifyPackage } from "../../datasets/verify.js";
import { stringifyExactJson } from "../../environment/engine/exact-json.js";
import { toolsOf } from "../../environment/engine/tools.js";
import { openStore, type Store } from "../../storage/store.js";
import type { Finished } from "../cli/command.js";
import { type RecordedRequest, type ScriptedAnswer, type ScriptedEndpoint, startScriptedEndpoint } from "../doubles/scripted-endpoint.js";
import { answerOf, outputFolder, prepareCampaign, startCommand } from "./campaign-command.js";
import { historiesOf, type Recorded, resultOf } from "./histories.js";
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
let store: Store;

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
  finished = await startCommand(campaign).finished;
  expect(finished.code, finished.stderr).toBe(EXIT.belowYield);
  answer = answerOf(finished);
  asked = endpoint.requests.map(readAsked);
  packages = answer.packages.map(({ path }) => readPackage(path));
  const connection = await Connection.connect({ address: inject("temporal") });
  recorded = await historiesOf(new Client({ connection }), "scripted");
  await connection.close();
  store = openStore(campaign.folder.store);
}, 240_000);
afterAll(async () => {
  store.close();
  await endpoint.close();
});

/** Good answers, save for the first tables (off contract), the first word of a Consultant (wait), and every policy of one trade (refused). */
function lifecycle(): (request: RecordedRequest) => ScriptedAnswer {
  const done = new Set<string>();
  const isFirst = (what: string): boolean => !done.has(what) && done.add(what).has(what);
  return (request) => {
    const now = readAsked(request);
    const isRefused = seedOf(now).includes("telecom-support");
    if (now.version === "consultant@1" && isFirst("word")) {
      return {
        kind: "body",
        status: 429,
        headers: { "retry-after": "1" },
        body: JSON.stringify({ error: { message: `Rate limit reached for ${KEY}`, code: "rate_limit_exceeded" } }),
      };
    }
    if (now.version === "architect.tables@1" && isFirst("tables")) return { kind: "reply", text: '{"declarations":{}}', usage };
    if (now.version === "verifier.policy@1" && isRefused) return { kind: "reply", text: JSON.stringify(complaint), usage };
    return { ...answerAsked(isRefused || now.version === "architect.tables@1" ? firstAsked(now) : now), usage };
  };
}

const complaint = {
  ok: false,
  findings: [{ clause: null, where: "policy", problem: "it is silent on emergencies", expected: "a clause on emergencies" }],
};
const rejectedSchema = z.looseObject({ report: z.string() });
const seedOf = ({ request }: Asked): string => readBlock(request.messages, "seed") ?? "";
const askedAs = (version: string): readonly Asked[] => asked.filter((one) => one.version === version);
const systemOf = ({ request }: Asked): string => request.messages[0]?.content ?? "";

test("every role asks the endpoint, and what it answers becomes verified packages that hold", () => {
  expect([...new Set(asked.map(({ version }) => version))].sort()).toEqual([...roleVersions].sort());
  expect(
    endpoint.requests.every(({ model, temperature, max_tokens }) => model === "scripted-1" && temperature === 0.7 && max_tokens === 9000),
  ).toBe(true);
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
  expect(
    store.database.prepare("SELECT outcome, charged, count(*) AS calls FROM call GROUP BY outcome, charged ORDER BY outcome").all(),
  ).toEqual([
    { outcome: "RATE_LIMITED", charged: "no", calls: 1 },
    { outcome: "reply", charged: "yes", calls: asked.length - 1 },
  ]);
  expect(store.database.prepare("SELECT detail FROM call WHERE outcome = 'RATE_LIMITED'").pluck().get()).toMatch(
    /Rate limit reached for (?!sk-)/,
  );
});

test("a stage that refuses every draft ends its environment as rejected, with the report, and the campaign goes on", () => {
  const rejected = recorded.filter(({ workflowId }) => /\/telecom-support-\d$/.test(workflowId)).map(resultOf);
  expect(rejected).toHaveLength(4);
  for (const result of rejected) {
    const { report } = rejectedSchema.parse(result);
    expect(result).toMatchObject({
      outcome: "rejected",
      line: "policy: 1 findings, first: policy",
      packages: [],
      rounds: { drafts: 6, corrections: 4 },
    });
    expect(store.getJson(report, findingSchema.array())).toEqual(complaint.findings);
  }
  const policy = answer.funnel.find(({ stage }) => stage === "policy");
  expect(policy).toEqual({ stage: "policy", in: 5, out: 1, rejected: { unresolved: 4 } });
  expect(answer.state).toBe("complete");
});

test("the cost table sums what every reply cost", () => {
  const agents = answer.cost.filter(({ agent }) => agentNames.some((name) => name === agent));
  const replies = asked.length - 1;
  expect(agents.map(({ agent }) => agent).sort()).toEqual([...agentNames].sort());
  expect(agents.reduce((sum, line) => sum + line.calls, 0)).toBe(replies);
  expect(agents.reduce((sum, line) => sum + line.cost, 0)).toBeCloseTo(
    (replies * (usage.prompt_tokens * prices.prompt + usage.completion_tokens * prices.completion)) / 1e6,
    6,
  );
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

test("only those who act have tools, and they have those of their environment", () => {
  const tools = packages.map(({ environment: { compiled } }) => toolsOf(compiled).map(({ name }) => name));
  for (const { version, request } of asked) {
    const names = request.tools.map(({ name }) => name);
    if (version === "consultant@1" || version === "teacher@1") expect(tools).toContainEqual(names);
    else expect(names).toEqual([]);
  }
});

test("the Teacher starts from the policy, the simulator from profile and description, word for word", () => {
  const policies = packages.map(
    ({ environment: { compiled } }) =>
      teacher.prompt({ policy: { title: compiled.sheet.title, clauses: compiled.sheet.policy }, conversation: [] })[0]?.content,
  );
  const stories = packages.map(
    ({ description, text }) => userSimulator.prompt({ profile: description.user.profile, description: text, conversation: [] })[0]?.content,
  );
  expect(new Set(askedAs("teacher@1").map(systemOf))).toEqual(new Set(policies));
  expect(new Set(askedAs("user_simulator@1").map(systemOf))).toEqual(new Set(stories));
});

test("no request holds the solution, and none what another role alone may know", () => {
  for (const { manifest, environment, log, text } of packages) {
    const target = [
      manifest.digest,
      manifest.files["target.sqlite"] ?? "",
      "SQLite format 3",
      Buffer.from("SQLite format 3").toString("base64"),
    ];
    const rules = environment.compiled.sheet.rules.map(({ id }) => `"${id}"`);
    const gold = log.filter(({ tool }) => tool !== "authenticate").flatMap((call) => [call.tool, stringifyExactJson(call.arguments)]);
    const subGoals = text.split("\n").filter((line) => /^\d+\. /.test(line));
    expect([rules.length, gold.length, subGoals.length]).not.toContain(0);
    expect(heldBy(asked, target)).toEqual([]);
    expect(
      heldBy(
        asked.filter(({ version }) => version.startsWith("verifier.")),
        rules,
      ),
    ).toEqual([]);
    expect(heldBy(askedAs("user_simulator@1"), [...rules, ...gold])).toEqual([]);
    expect(heldBy([...askedAs("teacher@1"), ...askedAs("consultant@1")], subGoals)).toEqual([]);
  }
});

test("the key goes to the endpoint, and stands in no file, no history and no output", () => {
  expect(new Set(endpoint.headers.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${KEY}`]));
  const files = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => readFileSync(file).includes(KEY))).toEqual([]);
  expect(recorded.length).toBeGreaterThan(5);
  expect(recorded.filter(({ history }) => Buffer.from(temporal.api.history.v1.History.encode(history).finish()).includes(KEY))).toEqual([]);
  expect(finished.stdout + finished.stderr).not.toContain(KEY);
});

/** Which of these texts stand in what was sent. */
function heldBy(requests: readonly Asked[], texts: readonly string[]): readonly string[] {
  expect(requests.length).toBeGreaterThan(0);
  const sent = requests.map(({ request }) => request.messages.map((message) => message.content).join("\n"));
  return texts.filter((text) => sent.some((one) => one.includes(text)));
}
