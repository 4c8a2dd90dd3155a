/**
 * A child whose environments harm it: the lending desk, its tables and tools as they are, with a hostile trigger that goes off
 * when a loan's note is "bang". None of this passes the gate; here nothing but the process holds it.
 */
import { writeFileSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { serve } from "../../../environment/child/serve.js";
import type { SessionSource } from "../../../environment/engine/session.js";
import { openSnapshot } from "../../../environment/engine/snapshot.js";
import { openDesk } from "../../doubles/lending-desk.js";

const endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT";

/** Tables 0 to `depth`, each of which writes `width` rows into the next. */
function cascade(depth: number, width: number): readonly string[] {
  const tables = Array.from({ length: depth + 1 }, (_, i) => `CREATE TABLE f${String(i)} (a)`);
  const insert = (i: number): string => `INSERT INTO f${String(i)} VALUES (1); `.repeat(width);
  const triggers = Array.from(
    { length: depth },
    (_, i) => `CREATE TRIGGER g${String(i)} AFTER INSERT ON f${String(i)} BEGIN ${insert(i + 1)} END`,
  );
  return [...tables, ...triggers];
}

/** What goes off, by the environment's name: statements that prepare it, and the body of the trigger. */
const bombs: Readonly<Record<string, { readonly before?: readonly string[]; readonly body: string }>> = {
  "endless-query": { body: `SELECT (${endless} count(*) FROM n)` },
  "cross-join": { body: `SELECT count(*) FROM ${Array.from({ length: 40 }, (_, i) => `members AS m${String(i)}`).join(", ")}` },
  growth: { before: ["CREATE TABLE heap (a)"], body: `INSERT INTO heap SELECT a FROM (${endless} hex(zeroblob(1000)) AS a FROM n)` },
  "fan-out": { before: cascade(14, 4), body: "INSERT INTO f0 VALUES (1)" },
  "deep-chain": { before: cascade(1100, 1), body: "INSERT INTO f0 VALUES (1)" },
  hex: { body: "SELECT length(hex(zeroblob(400000000)))" },
  replace: { body: "SELECT length(replace(hex(zeroblob(1000000)), '00', hex(zeroblob(400))))" },
  "group-concat": { body: `SELECT length(group_concat(a)) FROM (${endless} hex(zeroblob(1000000)) AS a FROM n LIMIT 1000)` },
  sort: { body: `SELECT count(*) FROM (SELECT a FROM (${endless} hex(zeroblob(5000)) || i AS a FROM n) ORDER BY a)` },
  "one-opcode": { body: "SELECT instr(hex(zeroblob(40000000)), replace(hex(zeroblob(10000)), '00', '0') || 'x')" },
  rollback: { body: "SELECT RAISE(ROLLBACK, 'out')" },
  "long-row": { body: "UPDATE loans SET note = hex(zeroblob(1000000)) WHERE id = NEW.id" },
};

/** What the process does to itself when an environment of this name is opened. */
const deeds: Readonly<Record<string, (folder: string) => void>> = {
  file: (folder) => {
    writeFileSync(join(folder, "..", "large"), Buffer.alloc(100_000));
  },
  segfault: () => process.kill(process.pid, "SIGSEGV"),
  garbage: () => void writeSync(1, "<html>\n"),
  "forged-id": () => void writeSync(1, "999999 done null\n"),
  flood: () => {
    for (;;) writeSync(1, "x".repeat(65_536));
  },
  exit: () => process.exit(3),
  "js-memory": () => {
    const held: number[][] = [];
    for (;;) held.push(new Array<number>(1_000_000).fill(held.length));
  },
};

function load(folder: string): SessionSource {
  const name = basename(folder);
  deeds[name]?.(folder);
  const desk = openDesk();
  const bomb = bombs[name];
  if (bomb === undefined) return desk;
  const db = openSnapshot(desk.origin);
  for (const sql of bomb.before ?? []) db.exec(sql);
  db.exec(`CREATE TRIGGER bomb AFTER INSERT ON loans WHEN NEW.note = 'bang' BEGIN ${bomb.body}; END`);
  const origin = db.serialize();
  db.close();
  return { compiled: desk.compiled, origin };
}

const limitsSchema = z.strictObject({ answerBytes: z.int(), growthBytes: z.int() });

serve({ load, limits: limitsSchema.parse(JSON.parse(process.argv[2] ?? "{}")) });
