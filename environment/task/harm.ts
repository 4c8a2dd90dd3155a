/** Of a refusal task: does an accepted write of a business column fail it? */
import { alteredCall, otherValues } from "./alterations.js";
import type { CatalogueTable } from "../core/catalogue.js";
import type { CertifyContext } from "./certificate-point.js";
import { stringifyExactJson } from "../engine/exact-json.js";
import { businessArguments, goldWrites, rowsOf } from "./gold.js";
import type { Db } from "../engine/snapshot.js";
import { toolPlans } from "../engine/tools.js";
import { type Call, describeDiff, isOff } from "../compare/trial.js";

/** What is wrong and what was found in order, a line each. */
export type Check = { readonly wrong: readonly string[]; readonly right: readonly string[] };

/** Rows of a table whose moves are tried, the user's own first. */
const maxRows = 24;

/** Tries the handover, the refused call with other arguments, and moves of rows; each accepted write that changes a business column must leave a difference. */
export function harmCheck(context: CertifyContext): Check {
  const { trial, log } = context;
  trial.play(log);
  const transfer: Call = { tool: "transfer_to_human_agents", arguments: { summary: "none" } };
  const attempts = [
    { name: "the handover", calls: [transfer] },
    { name: "the refused call with another argument", calls: alteredRefusals(context) },
    { name: "moves of rows", calls: moves(context) },
  ];
  const tried = attempts.map(({ name, calls }) => ({ name, results: calls.map((call) => harmOf(context, call)) }));
  const all = tried.flatMap(({ results }) => results);
  const wrong = all.flatMap((result) =>
    result.kind === "harmless" ? [`an accepted write of a business column leaves no difference: ${result.line}`] : [],
  );
  if (!all.some((result) => result.kind === "harm" || result.kind === "harmless"))
    wrong.push(`${all.length} writes were tried and none that changes a business column is accepted`);
  const right = tried.map(({ name, results }) => {
    const count = (kind: Harm["kind"]) => results.filter((result) => result.kind === kind).length;
    const first = results.find((result) => result.kind === "harm");
    return `${name}: ${results.length} tried, ${count("refused")} refused, ${count("idle")} without a change of business, ${count("harm")} accepted and off${first === undefined ? "" : ` (${first.line})`}`;
  });
  return { wrong, right };
}

type Harm = { readonly kind: "refused" | "idle" | "harm" | "harmless"; readonly line: string };

function harmOf({ compiled, trial, log }: CertifyContext, call: Call): Harm {
  trial.play(log);
  const [write] = goldWrites(compiled, [call]);
  const before = write?.op === "update" ? businessState(trial.session.db, write.table) : null;
  const result = trial.session.call(call.tool, call.arguments);
  if (!result.ok) return { kind: "refused", line: "" };
  if (write?.op === "update" && businessState(trial.session.db, write.table) === before) return { kind: "idle", line: "" };
  const diff = trial.difference();
  return {
    kind: isOff(diff) ? "harm" : "harmless",
    line: `${call.tool} ${stringifyExactJson(call.arguments)} leaves ${describeDiff(diff)}`,
  };
}

function businessState(db: Db, table: CatalogueTable | null): string {
  if (table === null) return "";
  const columns = table.columns.filter((column) => column.class === "business").map((column) => column.name);
  return stringifyExactJson(rowsOf(db, table).map((row) => columns.map((column) => row[column] ?? null)));
}

function alteredRefusals({ compiled, trial, description: { refusal } }: CertifyContext): readonly Call[] {
  if (refusal === null) return [];
  return goldWrites(compiled, [refusal]).flatMap((write) =>
    businessArguments(write).flatMap((argument) =>
      otherValues(compiled, { write, argument, db: trial.session.db }).map((other) =>
        alteredCall({ tool: refusal.tool, arguments: refusal.arguments }, argument.name, other),
      ),
    ),
  );
}

function moves({ compiled, trial, description }: CertifyContext): readonly Call[] {
  const user = String(description.user.key);
  return toolPlans(compiled).flatMap((plan): Call[] => {
    if (plan.kind !== "update" || plan.table.states === null) return [];
    const { table } = plan;
    const { column, moves: all } = plan.table.states;
    const rows = rowsOf(trial.session.db, table);
    const isOwn = (row: (typeof rows)[number]) => Object.values(row).some((value) => String(value) === user);
    return [...rows.filter(isOwn), ...rows.filter((row) => !isOwn(row))].slice(0, maxRows).flatMap((row) =>
      all
        .filter((move) => move.by === "agent" && move.from === row[column])
        .map(
          (move): Call => ({
            tool: plan.name,
            arguments: { ...Object.fromEntries(table.key.map((key) => [key, row[key] ?? null])), [column]: move.to },
          }),
        ),
    );
  });
}
