/** A small environment and a sound task in it: a library that lends tools. */
import { type Certificate, certify } from "../../environment/task/certificate.js";
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { layRows } from "../../environment/engine/lay-rows.js";
import { openSession } from "../../environment/engine/session.js";
import { writeSnapshot } from "../../environment/engine/snapshot.js";
import { renderDescription, type TaskDescription } from "../../environment/task/task-description.js";
import type { Call } from "../../environment/compare/trial.js";
import type { Rows } from "../../environment/core/values.js";

const sheet = {
  logigen: 1,
  id: "tool-library",
  title: "Tool library",
  policy: [
    { id: "1.1", kind: "enforceable", text: "Members and tools are read, never written." },
    { id: "1.2", kind: "enforceable", text: "A member proves who he is by his pin before anything is written." },
    { id: "2.1", kind: "enforceable", text: "A loan is for 1 to 7 days." },
    { id: "2.2", kind: "enforceable", text: "The fee of a loan is its days times the tool's daily fee." },
    { id: "2.3", kind: "enforceable", text: "A member has at most 2 loans that are out." },
    { id: "2.4", kind: "enforceable", text: "A loan that is out may be brought back; the same tool may be lent twice." },
    { id: "2.5", kind: "enforceable", text: "Only a member's own loans are changed for him." },
    { id: "2.6", kind: "enforceable", text: "A loan that is out may be renewed, any number of times." },
    { id: "3.1", kind: "conduct", text: "Sum up what will be done before doing it." },
  ],
  actor: { mode: "session", table: "members", evidence: ["pin"], clauses: ["1.2"] },
  tables: {
    members: {
      label: "member",
      plural: "members",
      layer: "L1",
      key: "id",
      clauses: ["1.1"],
      columns: { id: { type: "text", label: "member id" }, name: { type: "text" }, pin: { type: "text", visible: false } },
    },
    tools: {
      label: "tool",
      plural: "tools",
      layer: "L0",
      key: "code",
      clauses: ["1.1"],
      columns: {
        code: { type: "text" },
        kind: { type: "text", values: ["DRILL", "SAW"] },
        daily_fee: { type: "integer", unit: "money", min: 0 },
      },
    },
    loans: {
      label: "loan",
      plural: "loans",
      layer: "L2",
      key: "id",
      duplicates: ["2.4"],
      live: ["OUT", "RENEWING"],
      create: { by: "agent", phrase: "borrow a tool", clauses: ["2.1"] },
      states: {
        column: "status",
        start: "OUT",
        end: ["BACK"],
        moves: [
          { from: "OUT", to: "BACK", when: "free", phrase: "bring back a tool", clauses: ["2.4"] },
          { from: "OUT", to: "RENEWING", when: "free", phrase: "renew a loan", clauses: ["2.6"] },
          { from: "RENEWING", to: "OUT", by: "system", when: "free", sets: ["renewed", "renewals"], clauses: ["2.6"] },
        ],
        clauses: ["2.4"],
      },
      columns: {
        id: { type: "integer", label: "loan number" },
        member_id: { type: "text", references: "members", by: "user" },
        tool_code: { type: "text", references: "tools" },
        days: { type: "integer", unit: "count", min: 1, max: 7, clauses: ["2.1"] },
        fee: { type: "integer", unit: "money", min: 0 },
        shelf: { type: "integer", unit: "count", min: 0, max: 9, update: "agent", default: 0 },
        note: { type: "text", class: "text", null: "none", update: "agent" },
        renewed: { type: "integer", unit: "flag", default: 0, insert: "system", update: "system" },
        renewals: { type: "integer", unit: "count", class: "technical", default: 0, insert: "system", update: "system" },
        status: { type: "text", values: ["OUT", "BACK", "RENEWING"] },
      },
    },
  },
  rules: [
    {
      kind: "calculation",
      id: "loans.fee_due",
      clauses: ["2.2"],
      table: "loans",
      at: "create",
      message: "The fee is the days times the tool's daily fee",
      column: "fee",
      is: "new.days * new.tool_code.daily_fee",
    },
    {
      kind: "quota",
      id: "loans.two",
      clauses: ["2.3"],
      table: "loans",
      holds: ["OUT", "RENEWING"],
      message: "A member has at most 2 loans that are out",
      per: ["member_id"],
      states: ["OUT", "RENEWING"],
      max: 2,
    },
    {
      kind: "ownership",
      id: "loans.own",
      clauses: ["2.5"],
      table: "loans",
      at: { change: ["status", "shelf", "note"] },
      message: "Only your own loans are changed",
      is: "new.member_id",
    },
    {
      kind: "propagate",
      id: "loans.renew",
      clauses: ["2.6"],
      table: "loans",
      at: "OUT>RENEWING",
      rows: { from: "loans", match: { id: "new.id" }, states: ["RENEWING"], not_self: false },
      set: { status: "'OUT'", renewed: "1", renewals: "row.renewals + 1" },
    },
  ],
};

export const libraryRows: Rows = {
  members: [
    { id: "m1", name: "Ann", pin: "1234" },
    { id: "m2", name: "Bob", pin: "9876" },
  ],
  tools: [
    { code: "D1", kind: "DRILL", daily_fee: 4n },
    { code: "D2", kind: "DRILL", daily_fee: 3n },
    { code: "S1", kind: "SAW", daily_fee: 3n },
    { code: "S2", kind: "SAW", daily_fee: 5n },
  ],
  loans: [
    { id: 1n, member_id: "m1", tool_code: "S1", days: 2n, fee: 6n, shelf: 1n, note: "early", status: "OUT" },
    { id: 2n, member_id: "m1", tool_code: "S2", days: 2n, fee: 10n, shelf: 1n, note: null, status: "OUT" },
    { id: 3n, member_id: "m2", tool_code: "S2", days: 1n, fee: 5n, shelf: 1n, note: null, status: "OUT" },
  ],
};

/** The environment, compiled. @throws {Error} If the sheet does not compile, with what is wrong. */
export function toolLibrary(): Compiled {
  const compilation = compileSheet(sheet);
  if (!compilation.ok) throw new Error(compilation.errors.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return compilation.compiled;
}

export function libraryOrigin(compiled: Compiled): Buffer {
  const db = layRows(compiled, libraryRows, { now: 10n });
  try {
    return writeSnapshot(db);
  } finally {
    db.close();
  }
}

/** Ann brings back her cheaper loan and borrows the cheapest drill. */
export const goldLog: readonly Call[] = [
  { tool: "authenticate", arguments: { id: "m1", pin: "1234" } },
  { tool: "update_loans", arguments: { id: 1, status: "BACK" } },
  { tool: "insert_loans", arguments: { tool_code: "D2", days: 3, fee: 9 } },
];

/** A description with its text rendered anew. */
export function told(parts: Omit<TaskDescription, "text">): TaskDescription {
  return { ...parts, text: renderDescription(parts) };
}

export const description: TaskDescription = told({
  version: 1,
  kind: "reach",
  user: { table: "members", key: "m1", profile: { "member id": "m1", name: "Ann", pin: "1234" } },
  who_you_are: "You are Ann, member m1, in a hurry. Your pin is 1234.",
  gaps: ["You do not know which tools there are."],
  false_beliefs: [],
  goal: "Make room for a drill and take one home.",
  sub_goals: [
    { title: "Make room", text: "You want to bring back the saw that costs you less.", trigger: null },
    {
      title: "Drill",
      text: "Then you want the cheapest drill for three days.",
      trigger: "IF the agent offers several drills, THEN ask for the lowest fee.",
    },
  ],
  choices: [
    {
      write: 0,
      argument: "id",
      table: "loans",
      wishes: [
        { column: "member_id", comparison: "=", value: "m1" },
        { column: "fee", comparison: "lowest" },
      ],
    },
    {
      write: 1,
      argument: "tool_code",
      table: "tools",
      wishes: [
        { column: "kind", comparison: "=", value: "DRILL" },
        { column: "daily_fee", comparison: "lowest" },
      ],
    },
  ],
  values: [
    { write: 0, argument: "status", from: "description", quote: "bring back the saw" },
    { write: 1, argument: "days", from: "description", quote: "for three days" },
    { write: 1, argument: "fee", from: "policy" },
  ],
  refusal: null,
});

/** The rules that refused a write in the episode. */
export const refusals = ["loans.two"];

/** The state that a log leads to, refused calls skipped. */
export function stateAfter(compiled: Compiled, origin: Buffer, log: readonly Call[]): Buffer {
  const session = openSession({ compiled, origin });
  try {
    for (const call of log) session.call(call.tool, call.arguments);
    return writeSnapshot(session.db);
  } finally {
    session.close();
  }
}

export type LibraryTask = {
  readonly compiled: Compiled;
  readonly origin: Buffer;
  readonly target: Buffer;
  readonly log: readonly Call[];
  readonly description: TaskDescription;
};

/** The sound task, or one with parts of it replaced; its target is where its log leads. */
export function libraryTask(changed: Partial<LibraryTask> = {}): LibraryTask {
  const compiled = changed.compiled ?? toolLibrary();
  const origin = changed.origin ?? libraryOrigin(compiled);
  const log = changed.log ?? goldLog;
  return {
    compiled,
    origin,
    log,
    target: changed.target ?? stateAfter(compiled, origin, log),
    description: changed.description ?? description,
  };
}

export function failing(certificate: Pick<Certificate, "points">): readonly string[] {
  return certificate.points.filter((point) => !point.ok).map((point) => point.name);
}

export function certified(task: LibraryTask): Certificate {
  return certify({ ...task, refusals });
}
