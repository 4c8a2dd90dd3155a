/** Scripts spoilt by chance: what an attacker, or a model that loses the thread, would hand in. */
import { ordinaryScripts } from "./ordinary.js";

/** What is thrown into a script. */
const splinters = [
  ..."; ' \" ` [ ] ( ) -- /* */ , . || END BEGIN CASE OR AND WITH AS FROM JOIN TEMP VIEW VIRTUAL RECURSIVE REPLACE CREATE SELECT".split(
    " ",
  ),
  ..."\u00a0 \ufeff \u2028 \0 \r \v \f".split(" "),
  "; ATTACH 'attached.db' AS stolen;",
  "; VACUUM INTO 'vacuumed.db';",
  "; PRAGMA foreign_keys = 1;",
  "; PRAGMA recursive_triggers = 1;",
  "; DROP TABLE customers;",
  "; COMMIT;",
  "; ROLLBACK;",
  "ATTACH 'attached.db' AS stolen --",
  "VACUUM INTO 'vacuumed.db' --",
  "CREATE TEMP TABLE x (a);",
  "CREATE TEMP TRIGGER x AFTER INSERT ON customers BEGIN SELECT 1; END;",
  "CREATE VIEW x AS SELECT 1;",
  "CREATE TABLE",
  "TEMP TABLE",
  "OR ROLLBACK",
  "OR REPLACE",
  "main.",
  "temp.",
  "sqlite_schema",
  "random()",
  "load_extension('x')",
  "date('now')",
  "RAISE(ROLLBACK, 'x')",
  "ON CONFLICT ROLLBACK",
  "IF NOT EXISTS",
  "STRICT",
];

/** Pieces of the ordinary scripts, to be put together anew. */
const pieces = ordinaryScripts.flatMap(({ schema, triggers = "", rows = "" }) => `${schema} ${triggers} ${rows}`.split(/(?<=[;,()])/));

/** A generator of numbers below a bound, from a seed (mulberry32). */
export function randomBelow(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** The text with one to four small changes. */
export function mutateScript(text: string, below: (bound: number) => number): string {
  let mutant = text;
  for (let changes = 1 + below(4); changes > 0; changes -= 1) {
    const at = below(mutant.length + 1);
    const to = Math.min(mutant.length, at + 1 + below(8));
    const splinter = (below(3) === 0 ? pieces[below(pieces.length)] : splinters[below(splinters.length)]) ?? "";
    const ways = [
      () => mutant.slice(0, at) + mutant.slice(to),
      () => `${mutant.slice(0, at)}${splinter}${mutant.slice(at)}`,
      () => `${mutant.slice(0, at)} ${splinter} ${mutant.slice(to)}`,
      () => `${splinter} ${mutant}`,
      () => `${mutant} ${splinter}`,
      () => mutant.slice(0, at) + mutant.slice(at, to) + mutant.slice(at),
      () => mutant.slice(0, at) + mutant.slice(at).replace(/[A-Za-z_]+/, splinter.replaceAll("$", "")),
      () => mutant.slice(0, at) + (below(2) === 0 ? mutant.slice(at).toUpperCase() : mutant.slice(at).toLowerCase()),
    ];
    mutant = ways[below(ways.length)]?.() ?? mutant;
  }
  return mutant;
}
