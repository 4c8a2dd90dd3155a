/** What each side may see of a task: the agent policy and tools, the simulator profile and description, the grader everything. */
import { policyText } from "../environment/sheet/policy-text.js";
import { toolsOf } from "../environment/engine/tools.js";
import type { TaskPackage } from "./package.js";

export const viewers = ["agent", "simulator", "grader"] as const;
export type Viewer = (typeof viewers)[number];

/** A view as JSON-safe data. */
export function viewOfPackage(found: TaskPackage, viewer: Viewer): Readonly<Record<string, unknown>> {
  switch (viewer) {
    case "agent":
      return agentView(found);
    case "simulator":
      return simulatorView(found);
    case "grader":
      return {
        ...agentView(found),
        ...simulatorView(found),
        task: found.task,
        description_parts: found.description,
        gold: { writes: found.log, refusals: found.refusals },
        certificate: found.certificate,
        manifest: found.manifest,
      };
  }
}

/** A view as text for people. */
export function viewText(found: TaskPackage, viewer: Viewer): string {
  const { compiled } = found.environment;
  const agent = [
    policyText(compiled.sheet).trimEnd(),
    "",
    "# Tools",
    "",
    ...toolsOf(compiled).map((tool) => `- \`${tool.name}\`: ${tool.description}`),
  ];
  const simulator = [
    "# Profile",
    "",
    ...Object.entries(found.description.user.profile).map(([label, value]) => `- ${label}: ${String(value)}`),
    "",
    "# Task",
    "",
    found.text.trimEnd(),
  ];
  switch (viewer) {
    case "agent":
      return `${agent.join("\n")}\n`;
    case "simulator":
      return `${simulator.join("\n")}\n`;
    case "grader":
      return `${[...agent, "", ...simulator, "", ...graderLines(found)].join("\n")}\n`;
  }
}

function agentView({ environment: { compiled } }: TaskPackage): Readonly<Record<string, unknown>> {
  return { policy: policyText(compiled.sheet), tools: toolsOf(compiled) };
}

function simulatorView({ description, text }: TaskPackage): Readonly<Record<string, unknown>> {
  return { profile: description.user.profile, description: text };
}

function graderLines({ manifest, log, certificate, description }: TaskPackage): readonly string[] {
  const { difficulty, tags, attempts, passes } = manifest;
  return [
    "# Solution",
    "",
    ...log.map((call, i) => `${i}. ${call.tool} ${JSON.stringify(call.arguments)}`),
    ...(description.refusal === null
      ? []
      : [`Refused: ${description.refusal.tool} ${JSON.stringify(description.refusal.arguments)} by ${description.refusal.rule}`]),
    "",
    "# Certificate",
    "",
    `${difficulty}: ${tags.join(", ")}; ${passes} of ${attempts} attempts verified`,
    ...certificate.points.flatMap((point) => [
      `- ${point.ok ? "holds" : "FAILS"} ${point.name}`,
      ...point.evidence.map((line) => `  - ${line}`),
    ]),
  ];
}
