/** `play` at a prompt: a person types calls and sees what the engine says, the diff so far and the reward. */
import { createInterface, type Interface } from "node:readline/promises";
import { PoolError } from "../environment/child/pool-error.js";
import type { DiffRow } from "../environment/compare/diff.js";
import { ExactJsonError, parseExactJson, stringifyExactJson } from "../environment/engine/exact-json.js";
import type { ToolResult } from "../environment/engine/session.js";
import type { Tool } from "../environment/engine/tools.js";
import { type Row, setMember } from "../environment/core/values.js";
import type { Playable } from "./playable.js";
import { textTable } from "./table.js";

const lineLimits = { maxBytes: 1_048_576, maxDepth: 32 };

const HELP = `A call is a tool's name and its arguments, as name=value or as JSON:
  query_<table> limit=5 descending=true
  query_<table> {"limit": 5, "descending": true}
Commands: tools, tool <name>, diff, reward, log, reset, help, quit`;

/** Reads lines until `quit` or the end of the input. */
export async function playPrompt(
  playable: Playable,
  streams: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream },
): Promise<void> {
  const prompt = createInterface({
    ...streams,
    prompt: "> ",
    completer: (line: string): [string[], string] => [playable.tools.map(({ name }) => name).filter((name) => name.startsWith(line)), line],
  });
  streams.output.write(`${playable.title}\n\n${listTools(playable.tools)}\n\n${HELP}\n`);
  try {
    await readPrompt(playable, prompt, streams.output);
  } finally {
    prompt.close();
  }
}

async function readPrompt(playable: Playable, prompt: Interface, output: NodeJS.WritableStream): Promise<void> {
  prompt.prompt();
  for await (const line of prompt) {
    const typed = line.trim();
    if (typed === "quit" || typed === "exit") return;
    if (typed !== "") output.write(`${await answerOrReason(playable, typed)}\n`);
    prompt.prompt();
  }
}

/** An import that was stopped too often answers nothing more, and the prompt says so. */
async function answerOrReason(playable: Playable, typed: string): Promise<string> {
  try {
    return await answerTyped(playable, typed);
  } catch (error) {
    if (error instanceof PoolError) return `refused: INTERNAL\n  ${error.message}`;
    throw error;
  }
}

/** What a typed line is answered with, as text. */
export async function answerTyped(playable: Playable, typed: string): Promise<string> {
  const [, word = "", rest = ""] = /^(\S+)\s*([\s\S]*)$/.exec(typed) ?? [];
  switch (word) {
    case "help":
      return HELP;
    case "tools":
      return listTools(playable.tools);
    case "tool":
      return describeTool(playable.tools, rest);
    case "diff":
      return describeDiff(playable);
    case "reward":
      return describeReward(playable);
    case "log":
      return (
        (await playable.session.log()).map((call) => `${call.tool} ${stringifyExactJson(call.arguments)}`).join("\n") ||
        "nothing written yet"
      );
    case "reset":
      await playable.restart();
      return "back at the origin";
    default:
      return callTyped(playable, word, rest);
  }
}

async function callTyped(playable: Playable, name: string, rest: string): Promise<string> {
  const tool = playable.tools.find((each) => each.name === name);
  const given = readArguments(tool, rest);
  if (given.kind === "unreadable") return given.message;
  const result = await playable.session.call(name, given.value);
  const isWrite = result.ok && "row" in result;
  return [
    describeResult(result),
    ...(isWrite && playable.rewarded !== null ? [await describeDiff(playable), await describeReward(playable)] : []),
  ].join("\n");
}

type Given = { readonly kind: "read"; readonly value: unknown } | { readonly kind: "unreadable"; readonly message: string };

function readArguments(tool: Tool | undefined, text: string): Given {
  if (text.startsWith("{")) return readJson(text);
  const value: Record<string, unknown> = {};
  for (const pair of text.matchAll(/([^\s=]+)=("(?:[^"\\]|\\.)*"|\S*)/g)) {
    const [, name = "", typed = ""] = pair;
    const type = tool?.parameters.properties[name]?.type;
    const read: Given =
      typed.startsWith('"') || (type !== undefined && type !== "string") ? readJson(typed) : { kind: "read", value: typed };
    if (read.kind === "unreadable") return read;
    setMember(value, name, read.value);
  }
  return { kind: "read", value };
}

function readJson(text: string): Given {
  try {
    return { kind: "read", value: parseExactJson(text, lineLimits) };
  } catch (error) {
    if (error instanceof ExactJsonError) return { kind: "unreadable", message: error.message };
    throw error;
  }
}

function listTools(tools: readonly Tool[]): string {
  return textTable(
    [
      { title: "tool", side: "left" },
      { title: "what it does", side: "left" },
    ],
    tools.map(({ name, description }) => [name, description.split(/(?<=\.) /)[0] ?? ""]),
  );
}

function describeTool(tools: readonly Tool[], name: string): string {
  const tool = tools.find((each) => each.name === name);
  if (tool === undefined) return `there is no tool "${name}"`;
  const { properties, required } = tool.parameters;
  const lines = Object.entries(properties).map(([property, { type, description, enum: values }]) => {
    const closed = values === undefined ? "" : ` (${values.join(", ")})`;
    return `  ${property}${required.includes(property) ? "" : "?"}: ${type}${closed} – ${description}`;
  });
  return [tool.description, ...lines].join("\n");
}

function describeResult(result: ToolResult): string {
  if (!result.ok) {
    const { code, message, violated_rule: rule, hint } = result.error;
    return [`refused: ${code}${rule === null ? "" : ` by ${rule}`}`, `  ${message}`, ...(hint === null ? [] : [`  ${hint}`])].join("\n");
  }
  if ("row" in result) {
    const effects = result.effects.map(
      ({ table, key, columns }) => `  and in ${table} ${stringifyExactJson(key)}: ${stringifyExactJson(columns)}`,
    );
    return [`done: ${stringifyExactJson(result.row)}`, ...effects].join("\n");
  }
  const more = result.truncated ? `\nmore with cursor=${result.cursor ?? ""}` : "";
  return `${tableOfRows(result.rows)}${more}`;
}

function tableOfRows(rows: readonly Row[]): string {
  const [first] = rows;
  if (first === undefined) return "no rows";
  const columns = Object.keys(first);
  return textTable(
    columns.map((title) => ({ title, side: rows.every((row) => typeof row[title] !== "string") ? "right" : "left" })),
    rows.map((row) => columns.map((column) => cell(row[column]))),
  );
}

function cell(value: unknown): string {
  return typeof value === "string" ? value : stringifyExactJson(value ?? null);
}

async function describeDiff({ rewarded }: Playable): Promise<string> {
  if (rewarded === null) return "an environment without a target has no diff";
  const diff = await rewarded.diff();
  if (diff.kind === "undecided") return "diff: undecided within its limit of work";
  if (diff.equal) return "diff: none, this is the target";
  return [`diff: ${String(diff.missing)} missing, ${String(diff.collateral)} collateral`, ...diff.rows.map(describeDifference)].join("\n");
}

function describeDifference({ table, key, column, wanted, found }: DiffRow): string {
  return `  ${table} ${stringifyExactJson(key)}${column === null ? "" : ` ${column}`}: wanted ${stringifyExactJson(wanted)}, found ${stringifyExactJson(found)}`;
}

async function describeReward({ rewarded, refusalReads }: Playable): Promise<string> {
  if (rewarded === null) return "an environment without a target has no reward";
  const { default: own, paper } = await rewarded.reward();
  const success = own.success === null ? "undecided" : own.success === 1 ? "reached" : "not reached";
  const reward = `reward: target ${success}, p ${own.p.toFixed(3)}, r ${own.r.toFixed(3)} (paper: diff ${String(paper.diff)}, p ${paper.p.toFixed(3)}, r ${paper.r.toFixed(3)})`;
  const reads = refusalReads();
  return reads === null ? reward : `${reward}\nreads that the refusal stands on: ${reads.made} of ${reads.needed}`;
}
