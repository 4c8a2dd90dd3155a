/** The wiki policy as people and agents read it. */
import type { Clause, Sheet } from "./sheet.js";

/**
 * Markdown: a section from each heading on, and for each first number that has none; a numbered clause a line, marked where it
 * is one of conduct; then what was added where the source was silent. Prompts, packages and views all show this text.
 */
export function policyText({ title, policy }: Pick<Sheet, "title" | "policy">): string {
  const sections = policy.flatMap((clause, index) => {
    const heading = headingAt(policy, index);
    return [
      ...(heading === null ? [] : ["", `## ${heading}`, ""]),
      `${clause.id} ${clause.text}${clause.kind === "conduct" ? " [conduct]" : ""}`,
    ];
  });
  const ours = policy.filter((clause) => clause.ours !== undefined);
  const added =
    ours.length === 0 ? [] : ["", "## Added where the source was silent", "", ...ours.map(({ id, ours: why }) => `${id}: ${why ?? ""}`)];
  return `${[`# ${title}`, ...sections, ...added].join("\n")}\n`;
}

/** The heading that begins at a clause; null where the section before goes on. */
function headingAt(policy: readonly Clause[], index: number): string | null {
  const clause = policy[index];
  const before = policy[index - 1];
  if (clause === undefined) return null;
  if (clause.heading !== undefined) return clause.heading === before?.heading ? null : clause.heading;
  return before !== undefined && numberOf(before) === numberOf(clause) ? null : `Section ${numberOf(clause)}`;
}

function numberOf({ id }: Clause): string {
  return id.split(".")[0] ?? id;
}
