import type { Finding, ImportFacts } from "../facts.js";

/** How many objects the statements of each file made. */
export function createdObjects({ files }: ImportFacts): readonly Finding[] {
  return files.map(({ file, given, created }) => ({
    kind: "objects",
    object: file,
    message: `${counted(given, "statement")} given, ${counted(created, file === "rows.sql" ? "row" : "object")} created`,
  }));
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
