/**
 * The journal of model calls: each step of a workflow is answered once. A call is noted before it is made, its reply before anything
 * uses it; whoever takes the step again finds the reply and pays nothing. What was noted and never ended may have been paid.
 */
import { z } from "zod";
import { type Digest, digestSchema } from "./content-digest.js";
import type { Store } from "./store.js";

/** A step of a workflow; the same step asked again is the same call. */
export interface StepKey {
  readonly workflowId: string;
  readonly step: string;
}

/** What the journal knows of a step. */
export type Lookup =
  | { readonly kind: "absent" }
  | { readonly kind: "found"; readonly reply: Digest }
  /** Another request was answered under this key; its reply must not be used. */
  | { readonly kind: "request_changed"; readonly recorded: Digest };

export interface Journal {
  find(key: StepKey, request: Digest): Lookup;
  /** Notes, durably, that a call is about to be made; returns its number. */
  begin(key: StepKey, call: { readonly request: Digest; readonly startedMs: number }): number;
  /** Ends a call with its reply. The first reply of a step stays: returns that one, which may be another call's. */
  succeed(call: number, end: { readonly reply: Digest; readonly endedMs: number }): Lookup;
  /** Ends a call that gave no reply: a code, what the endpoint said (without key), and whether it may have been charged all the same. */
  fail(
    call: number,
    end: { readonly outcome: string; readonly detail: string; readonly charged: "no" | "perhaps"; readonly endedMs: number },
  ): void;
  /** Calls noted, steps answered, and calls that may have been charged without giving a reply: killed, cancelled or broken off. */
  counts(): { readonly calls: number; readonly replies: number; readonly perhapsCharged: number };
}

const recordSchema = z.strictObject({ request: digestSchema, reply: digestSchema });
const callSchema = z.strictObject({ workflow: z.string(), step: z.string(), request: digestSchema });
const countsSchema = z.strictObject({ calls: z.int(), replies: z.int(), perhapsCharged: z.int() });

/** The journal in a store's database. */
export function openJournal(store: Store): Journal {
  const { database } = store;
  store.transaction(() => database.exec(tables));
  const findReply = database.prepare("SELECT request, reply FROM reply WHERE workflow = ? AND step = ?");
  const insertCall = database.prepare("INSERT INTO call (workflow, step, request, started_ms) VALUES (?, ?, ?, ?)");
  const findCall = database.prepare("SELECT workflow, step, request FROM call WHERE id = ?");
  const endCall = database.prepare("UPDATE call SET outcome = ?, detail = ?, charged = ?, ended_ms = ? WHERE id = ?");
  const insertReply = database.prepare("INSERT INTO reply (workflow, step, request, reply) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const count = database.prepare(
    "SELECT count(*) AS calls, (SELECT count(*) FROM reply) AS replies, count(*) FILTER (WHERE charged = 'perhaps') AS perhapsCharged FROM call",
  );

  function find({ workflowId, step }: StepKey, request: Digest): Lookup {
    const row = findReply.get(workflowId, step);
    if (row === undefined) return { kind: "absent" };
    const record = recordSchema.parse(row);
    return record.request === request ? { kind: "found", reply: record.reply } : { kind: "request_changed", recorded: record.request };
  }

  return {
    find,
    begin: ({ workflowId, step }, { request, startedMs }) =>
      store.transaction(() => Number(insertCall.run(workflowId, step, request, startedMs).lastInsertRowid)),
    succeed: (call, { reply, endedMs }) =>
      store.transaction(() => {
        const { workflow, step, request } = callSchema.parse(findCall.get(call));
        endCall.run("reply", "", "yes", endedMs, call);
        insertReply.run(workflow, step, request, reply);
        return find({ workflowId: workflow, step }, request);
      }),
    fail: (call, { outcome, detail, charged, endedMs }) => {
      store.transaction(() => endCall.run(outcome, detail, charged, endedMs, call));
    },
    counts: () => countsSchema.parse(count.get()),
  };
}

const tables = `
CREATE TABLE IF NOT EXISTS call (
  id INTEGER PRIMARY KEY,
  workflow TEXT NOT NULL,
  step TEXT NOT NULL,
  request TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  outcome TEXT,
  detail TEXT NOT NULL DEFAULT '',
  charged TEXT NOT NULL DEFAULT 'perhaps'
) STRICT;
CREATE INDEX IF NOT EXISTS call_by_step ON call (workflow, step);
CREATE TABLE IF NOT EXISTS reply (
  workflow TEXT NOT NULL,
  step TEXT NOT NULL,
  request TEXT NOT NULL,
  reply TEXT NOT NULL,
  PRIMARY KEY (workflow, step)
) STRICT, WITHOUT ROWID;`;
