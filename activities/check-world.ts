/** The Set Designer's work on trial: labels that hold, an origin reached by real writes, boundaries proven on a copy of it. */
import { z } from "zod";
import { leadSchema } from "../agents/client.js";
import type { Finding } from "../agents/role.js";
import { type Boundaries, boundariesSchema } from "../agents/set-designer-boundaries.js";
import { type Cast, castSchema } from "../agents/set-designer-cast.js";
import { type Resources, resourcesSchema } from "../agents/set-designer-resources.js";
import { buildOrigin } from "../environment/engine/build-origin.js";
import type { Compiled } from "../environment/compile/compile-sheet.js";
import { labelFaults } from "../environment/task/resource-labels.js";
import { openSession, type Session } from "../environment/engine/session.js";
import type { Row, Rows, Value } from "../environment/core/values.js";
import type { At, Checked, Ref } from "./contract.js";
import { leadOf } from "./lead.js";
import { customerRow, loadCompiled, type PlainRow, shownRows, visibleRows } from "./loaded.js";
import { exact } from "./run-tools.js";
import { finding, load, report, type Workshop } from "./workshop.js";

/** Boundaries that held, each with its acts in the customer's terms. */
export const provenSchema = z.strictObject({
  proven: z.array(
    z.strictObject({
      rule: z.string(),
      title: z.string(),
      user: z.union([z.string(), z.number()]).nullable(),
      leads: z.array(leadSchema).describe("the accepted acts, then the refused one"),
      refusedAtOrigin: z.boolean().describe("the refused call is refused, by the same rule, before anything was done"),
    }),
  ),
});
export type Proven = z.infer<typeof provenSchema>;

export function createWorldActivities(workshop: Workshop) {
  function checkResources({ sheet, resources }: { readonly at: At; readonly sheet: Ref; readonly resources: Ref }): Promise<Checked> {
    const { catalogue } = loadCompiled(workshop, sheet);
    const { rows } = load(workshop, resources, resourcesSchema);
    const strangers = rows
      .filter((row) => catalogue.tables[row.table] === undefined)
      .map((row) => finding(row.table, "there is no such table", "a table of the sheet"));
    const faults = labelFaults(catalogue, rows).map((fault) => finding(fault.where, fault.problem, fault.expected));
    const findings = [...strangers, ...faults];
    if (findings.length > 0) return Promise.resolve(report(workshop, findings));
    const count = (label: string): string => String(rows.filter((row) => row.label === label).length);
    return Promise.resolve({
      kind: "passed",
      line: `${String(rows.length)} rows: ${count("trade_off")} trade-offs, ${count("distractor")} distractors, ${count("substitute")} substitutes, ${count("noise")} noise`,
    });
  }

  function checkCast(input: {
    readonly at: At;
    readonly sheet: Ref;
    readonly resources: Ref;
    readonly cast: Ref;
  }): Promise<Checked<{ readonly origin: Ref }>> {
    const compiled = loadCompiled(workshop, input.sheet);
    const cast = load(workshop, input.cast, castSchema);
    const built = buildOrigin(compiled, {
      rows: byTable([...load(workshop, input.resources, resourcesSchema).rows, ...cast.rows]),
      history: cast.history.map(exactStep),
      start: BigInt(cast.start),
      now: BigInt(cast.now),
    });
    if (!built.ok)
      return Promise.resolve(
        report(
          workshop,
          built.problems.map((problem) =>
            finding(
              problem.step === undefined ? (problem.table ?? "rows") : `history[${String(problem.step)}]`,
              `${problem.rule === undefined ? "" : `${problem.rule}: `}${problem.message}`,
              "a row that fits, a call that is accepted",
            ),
          ),
        ),
      );
    const findings = castFindings(compiled, cast, visibleRows(compiled, built.origin).rows);
    if (findings.length > 0) return Promise.resolve(report(workshop, findings));
    return Promise.resolve({
      kind: "passed",
      line: `${String(cast.users.length)} customers, ${String(cast.history.filter((step) => step.kind === "call").length)} accepted writes`,
      origin: workshop.store.put(built.origin),
    });
  }

  function checkBoundaries(input: {
    readonly at: At;
    readonly sheet: Ref;
    readonly origin: Ref;
    readonly boundaries: Ref;
  }): Promise<Checked<{ readonly proven: Ref }>> {
    const compiled = loadCompiled(workshop, input.sheet);
    const { claims } = load(workshop, input.boundaries, boundariesSchema);
    const session = openSession({ compiled, origin: workshop.store.get(input.origin) });
    try {
      const tried = claims.map((claim) => tryClaim(compiled, session, claim));
      const findings = tried.flatMap((one) => (one.kind === "failed" ? [one.finding] : []));
      if (findings.length > 0) return Promise.resolve(report(workshop, findings));
      const proven = tried.flatMap((one) => (one.kind === "proven" ? [one.boundary] : []));
      const line = `${String(proven.length)} boundaries of ${String(new Set(proven.map((one) => one.rule)).size)} rules proven`;
      return Promise.resolve({ kind: "passed", line, proven: workshop.store.putJson({ proven } satisfies Proven) });
    } finally {
      session.close();
    }
  }

  return { checkResources, checkCast, checkBoundaries };
}

function byTable(rows: readonly (Resources["rows"][number] | Cast["rows"][number])[]): Rows {
  const tables: Record<string, Row[]> = {};
  for (const { table, values } of rows) {
    const stored = Object.entries(values).map(([column, value]): [string, Value] => [
      column,
      typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value,
    ]);
    (tables[table] ??= []).push(Object.fromEntries(stored));
  }
  return tables;
}

function exactStep(step: Cast["history"][number]) {
  return step.kind === "tick"
    ? { kind: "tick" as const, now: BigInt(step.now) }
    : {
        kind: "call" as const,
        actor: typeof step.actor === "number" ? BigInt(step.actor) : step.actor,
        tool: step.tool,
        arguments: exact(step.arguments),
      };
}

/** The four archetypes are there, and are what they are called. */
function castFindings(compiled: Compiled, cast: Cast, rows: Readonly<Record<string, readonly PlainRow[]>>): Finding[] {
  const findings: Finding[] = [];
  for (const archetype of ["mismatch", "entangled", "rookie", "edge"] as const) {
    if (!cast.users.some((user) => user.archetype === archetype))
      findings.push(finding("users", `nobody is cast as ${archetype}`, `at least one ${archetype}`));
  }
  const { actor } = compiled.catalogue;
  if (actor === null) return findings;
  for (const user of cast.users) {
    if (rows[actor.table]?.some((row) => String(row[actor.key]) === String(user.key)) !== true)
      findings.push(finding("users", `there is no customer "${String(user.key)}"`, `a key of a row in ${actor.table}`));
    const owned = ownedRows(compiled, rows, user.key);
    if (user.archetype === "entangled" && owned < 2)
      findings.push(
        finding("users", `"${String(user.key)}" is cast as entangled and has ${String(owned)} transactions`, "at least two transactions"),
      );
    if (user.archetype === "rookie" && owned > 0)
      findings.push(finding("users", `"${String(user.key)}" is cast as rookie and has ${String(owned)} transactions`, "no transaction"));
  }
  return findings;
}

function ownedRows({ catalogue }: Compiled, rows: Readonly<Record<string, readonly PlainRow[]>>, key: string | number): number {
  const owners = Object.values(catalogue.tables).filter((table) => table.layer === "L2");
  return owners.reduce((sum, table) => {
    const columns = table.columns
      .filter((column) => column.references !== null && column.references === catalogue.actor?.table && column.insert.kind === "user")
      .map((column) => column.name);
    return sum + (rows[table.name] ?? []).filter((row) => columns.some((column) => String(row[column]) === String(key))).length;
  }, 0);
}

type Tried =
  | { readonly kind: "proven"; readonly boundary: Proven["proven"][number] }
  | { readonly kind: "failed"; readonly finding: Finding };

function tryClaim(compiled: Compiled, session: Session, claim: Boundaries["claims"][number]): Tried {
  const failed = (problem: string, expected: string): Tried => ({
    kind: "failed",
    finding: finding(`claim "${claim.title}" (${claim.rule})`, problem, expected),
  });
  session.reset();
  const entered = enter(compiled, session, claim.user);
  if (entered !== null) return failed(entered, "a customer of the cast");
  const early = session.call(claim.refused.tool, exact(claim.refused.arguments));
  const refusedAtOrigin = !early.ok && early.error.violated_rule === claim.rule;
  session.reset();
  enter(compiled, session, claim.user);
  const leads = [];
  for (const [index, call] of claim.accepted.entries()) {
    leads.push(leadOf(compiled, call, shownRows(compiled, session.db), "accepted"));
    const result = session.call(call.tool, exact(call.arguments));
    if (!result.ok)
      return failed(
        `accepted call ${String(index + 1)} was refused: ${result.error.violated_rule ?? result.error.code}, ${result.error.message}`,
        "a call that is accepted",
      );
  }
  leads.push(leadOf(compiled, claim.refused, shownRows(compiled, session.db), "refused"));
  const refused = session.call(claim.refused.tool, exact(claim.refused.arguments));
  if (refused.ok) return failed("the call that should be refused was accepted", `refused by ${claim.rule}`);
  if (refused.error.violated_rule !== claim.rule)
    return failed(`the call was refused by ${refused.error.violated_rule ?? refused.error.code}`, `refused by ${claim.rule}`);
  return {
    kind: "proven",
    boundary: { rule: claim.rule, title: claim.title, user: claim.user, leads: leads.flatMap((lead) => lead ?? []), refusedAtOrigin },
  };
}

/** Authenticates a customer with the evidence that the state holds; null, or why that was impossible. */
function enter(compiled: Compiled, session: Session, user: string | number | null): string | null {
  const { actor } = compiled.catalogue;
  if (actor === null) return null;
  const row = user === null ? null : customerRow(compiled, session.db, user);
  if (row === null) return `there is no customer "${String(user)}"`;
  const evidence = Object.fromEntries([actor.key, ...actor.evidence].map((column) => [column, row[column] ?? null]));
  const result = session.call("authenticate", exact(evidence));
  return result.ok ? null : `authentication was refused: ${result.error.message}`;
}
