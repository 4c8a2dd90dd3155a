/** The wiki policy as people and agents read it. */
import type { Clause, Sheet } from "./sheet.js";

/** Markdown: a section for each heading, or for each first number where clauses have none; then what was added where the source was silent. */
export function policyText({ title, policy }: Pick<Sheet, "title" | "policy">): string {
  const lines = [`# ${title}`];
  let section = "";
  for (const clause of policy) {
    const heading = headingOf(clause);
    if (heading !== section) lines.push("", `## ${heading}`, "");
    section = heading;
    lines.push(`- **${clause.id}** ${clause.text}`);
  }
  const ours = policy.filter((clause) => clause.ours !== undefined);
  if (ours.length > 0) lines.push("", "## Added where the source was silent", "", ...ours.map(({ id, ours: why }) => `- **${id}** ${why ?? ""}`));
  return `${lines.join("\n")}\n`;
}

function headingOf({ id, heading }: Clause): string {
  return heading ?? `Section ${id.split(".")[0] ?? id}`;
}
