import type { Finding, ImportFacts } from "../facts.js";

/** Columns that date functions read: the tools refuse what would read the clock there, other clients of the file do not. */
export function clockColumns({ timed }: ImportFacts): readonly Finding[] {
  return [...timed].map((object) => ({
    kind: "clock-column",
    object,
    message:
      "a date function reads it: the tools refuse texts such as 'now' there, but who writes SQL may store one, which reads the clock",
  }));
}
