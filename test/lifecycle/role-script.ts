/** Which role a chat completion request comes from, and what the built-in author's function of that role would answer to it. */
import { z } from "zod";
import { architectBlueprint } from "../../agents/architect-blueprint.js";
import { architectPolicy } from "../../agents/architect-policy.js";
import { architectRules } from "../../agents/architect-rules.js";
import { architectTables } from "../../agents/architect-tables.js";
import { client } from "../../agents/client.js";
import { consultant } from "../../agents/consultant.js";
import type { Message } from "../../agents/message.js";
import { projector } from "../../agents/projector.js";
import { setDesignerBoundaries } from "../../agents/set-designer-boundaries.js";
import { setDesignerCast } from "../../agents/set-designer-cast.js";
import { setDesignerResources } from "../../agents/set-designer-resources.js";
import { teacher } from "../../agents/teacher.js";
import { userSimulator } from "../../agents/user-simulator.js";
import { verifierExamples } from "../../agents/verifier-examples.js";
import { verifierPolicy } from "../../agents/verifier-policy.js";
import { verifierTables } from "../../agents/verifier-tables.js";
import { answerBlueprint } from "../../models/builtin/architect-blueprint.js";
import { answerPolicy } from "../../models/builtin/architect-policy.js";
import { answerRules } from "../../models/builtin/architect-rules.js";
import { answerTables } from "../../models/builtin/architect-tables.js";
import { answerClient } from "../../models/builtin/client.js";
import { answerConsultant } from "../../models/builtin/consultant.js";
import { answerProjector } from "../../models/builtin/projector.js";
import { answerBoundaries } from "../../models/builtin/set-designer-boundaries.js";
import { answerCast } from "../../models/builtin/set-designer-cast.js";
import { answerResources } from "../../models/builtin/set-designer-resources.js";
import { answerTeacher } from "../../models/builtin/teacher.js";
import { answerUserSimulator } from "../../models/builtin/user-simulator.js";
import { answerExamples } from "../../models/builtin/verifier-examples.js";
import { reviewPolicy } from "../../models/builtin/verifier-policy.js";
import { reviewTables } from "../../models/builtin/verifier-tables.js";
import { type ModelRequest, type ToolCall, toolSpecSchema } from "../../models/port.js";
import type { RecordedRequest, ScriptedAnswer } from "../doubles/scripted-endpoint.js";

const wireCall = z.strictObject({
  id: z.string(),
  type: z.literal("function"),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

/** Everything that may stand in a request; strict, so that anything else fails. */
const wireSchema = z.strictObject({
  model: z.string(),
  messages: z.array(
    z.discriminatedUnion("role", [
      z.strictObject({ role: z.enum(["system", "user"]), content: z.string() }),
      z.strictObject({ role: z.literal("assistant"), content: z.string(), tool_calls: z.array(wireCall).optional() }),
      z.strictObject({ role: z.literal("tool"), tool_call_id: z.string(), content: z.string() }),
    ]),
  ),
  temperature: z.number(),
  max_tokens: z.int(),
  seed: z.int(),
  tools: z.array(z.strictObject({ type: z.literal("function"), function: toolSpecSchema })).default([]),
  response_format: z
    .strictObject({
      type: z.literal("json_schema"),
      json_schema: z.strictObject({ name: z.string(), schema: z.unknown(), strict: z.boolean() }),
    })
    .optional(),
});

interface Part {
  /** `agent.task@version`. */
  readonly version: string;
  /** Name of the reply schema; for a role without one, how its first message begins. */
  readonly sign: string;
  readonly answer: (request: ModelRequest) => { readonly text: string; readonly toolCalls: readonly ToolCall[] };
}

const faultless = { first: 0, again: 0 };
const noPolicy = { policy: { title: "", clauses: [] }, conversation: [] };
const parts: readonly Part[] = [
  part(architectBlueprint, (request) => document(answerBlueprint(request, faultless).value)),
  part(architectPolicy, (request) => document(answerPolicy(request, faultless).value)),
  part(architectTables, (request) => document(answerTables(request, faultless).value)),
  part(architectRules, (request) => document(answerRules(request, faultless).value)),
  part(verifierPolicy, (request) => document(reviewPolicy(request))),
  part(verifierTables, (request) => document(reviewTables(request))),
  part(verifierExamples, (request) => document(answerExamples(request))),
  part(setDesignerResources, (request) => document(answerResources(request))),
  part(setDesignerCast, (request) => document(answerCast(request))),
  part(setDesignerBoundaries, (request) => document(answerBoundaries(request))),
  part(client, answerClient),
  part(projector, answerProjector),
  { version: consultant.version, sign: openingOf(consultant.prompt(noPolicy)), answer: answerConsultant },
  { version: teacher.version, sign: openingOf(teacher.prompt(noPolicy)), answer: answerTeacher },
  {
    version: userSimulator.version,
    sign: openingOf(userSimulator.prompt({ profile: {}, description: "", conversation: [] })),
    answer: answerUserSimulator,
  },
];

/** The roles that a whole lifecycle asks, by version. */
export const roleVersions: readonly string[] = parts.map(({ version }) => version);

/** A request as the port had it before it went over the wire, as far as the wire carries it. */
export interface Asked {
  readonly version: string;
  readonly request: ModelRequest;
}

/** @throws {z.ZodError} If the request holds anything that the protocol needs not. @throws {RangeError} If no role asks like this. */
export function readAsked(recorded: RecordedRequest): Asked {
  const { messages: wire, tools, seed, temperature, max_tokens: maxTokens, response_format: format } = wireSchema.parse(recorded);
  const messages = wire.map(messageOf);
  const sign = format?.json_schema.name ?? openingOf(messages);
  const version = parts.find((one) => one.sign === sign)?.version;
  if (version === undefined) throw new RangeError(`No role asks like this: ${sign}`);
  return {
    version,
    request: {
      role: version,
      promptVersion: version,
      messages,
      tools: tools.map((tool) => tool.function),
      reply: null,
      sampling: { temperature, maxTokens },
      random: seed,
    },
  };
}

/** The answer of the built-in author's function of that role, without slips. */
export function answerAsked({ version, request }: Asked): Extract<ScriptedAnswer, { kind: "reply" }> {
  const found = parts.find((one) => one.version === version);
  if (found === undefined) throw new RangeError(`No role ${version}`);
  const { text, toolCalls } = found.answer(request);
  return { kind: "reply", text, ...(toolCalls.length === 0 ? {} : { toolCalls }) };
}

/** The question as it was first asked, where this one is a corrective round. */
export function firstAsked({ version, request }: Asked): Asked {
  return { version, request: { ...request, messages: request.messages.slice(0, 2) } };
}

/** Names of the data blocks that a request holds, sorted. */
export function blocksOf({ request }: Asked): readonly string[] {
  const given = request.messages.filter((message) => message.role === "system" || message.role === "user");
  return [...new Set(given.flatMap(({ content }) => [...content.matchAll(/^<([a-z_]+)>$/gm)].map((match) => match[1] ?? "")))].sort();
}

function part(role: { readonly version: string }, answer: Part["answer"]): Part {
  return { version: role.version, sign: role.version.replace(/[^A-Za-z0-9_]/g, "_"), answer };
}

function document(value: unknown): ReturnType<Part["answer"]> {
  return { text: JSON.stringify(value), toolCalls: [] };
}

function openingOf(messages: readonly Message[]): string {
  return messages[0]?.content.split("\n")[0] ?? "";
}

function messageOf(message: z.infer<typeof wireSchema>["messages"][number]): Message {
  if (message.role === "tool") return { role: "tool", toolCallId: message.tool_call_id, content: message.content };
  if (message.role !== "assistant") return message;
  const toolCalls = message.tool_calls?.map((call) => ({ id: call.id, ...call.function }));
  return { role: "assistant", content: message.content, ...(toolCalls === undefined ? {} : { toolCalls }) };
}
