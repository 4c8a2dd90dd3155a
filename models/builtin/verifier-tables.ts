/** The built-in Verifier on the tables: the declarations that the clauses call for, against those that were made. */
import { type Tables, tablesSchema } from "../../agents/architect-tables.js";
import type { Finding, Review } from "../../agents/role.js";
import type { ModelRequest } from "../port.js";
import { jsonAt, valueAt } from "./json-path.js";
import { declarationsOf, readPolicyText } from "./reading/read-policy.js";
import { readJsonBlock, readTextBlock } from "./request.js";

/** Findings: each declaration that differs from what its clauses say, with the one that would be right. */
export function reviewTables(request: ModelRequest): Review {
  const tables = readJsonBlock(request, "tables", tablesSchema);
  const right = tablesSchema.parse(declarationsOf(readPolicyText(readTextBlock(request, "policy"))).draft);
  const findings = placesOf(right).flatMap((steps) => compare(tables, right, steps) ?? []);
  return { ok: findings.length === 0, findings };
}

/** Every declaration that a clause may call for, as a path. */
function placesOf({ ladders, tables }: Tables): string[][] {
  return [
    ["actor"],
    ...Object.keys(ladders).map((ladder) => ["ladders", ladder]),
    ...Object.entries(tables).flatMap(([table, { columns }]) => [
      ...["layer", "key", "create", "unique", "duplicates", "live", "states"].map((part) => ["tables", table, part]),
      ...Object.keys(columns).map((column) => ["tables", table, "columns", column]),
    ]),
  ];
}

function compare(tables: Tables, right: Tables, steps: readonly string[]): Finding | null {
  const found = jsonAt(tables, steps);
  const expected = jsonAt(right, steps);
  if (found === expected) return null;
  const where = steps.join(".");
  return {
    clause: clauseAt(right, steps),
    where,
    problem: found === null ? `${where} is not declared` : `${where} is declared as ${found}`,
    expected: expected ?? "null",
  };
}

/** A clause behind a declaration: its own, else its table's. */
function clauseAt(right: Tables, steps: readonly string[]): string | null {
  for (const place of [steps, steps.slice(0, 2)]) {
    const clauses = valueAt(right, [...place, "clauses"]);
    if (Array.isArray(clauses) && typeof clauses[0] === "string") return clauses[0];
  }
  return null;
}
