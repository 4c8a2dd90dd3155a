/** The SQL of an imported environment's folder, judged again when the folder is read: it may have been changed since. */
import { gateStatement } from "../sql/gate-statement.js";
import { splitScript } from "../sql/split-script.js";
import { contextSql } from "./imported.js";

/** The statements of a script, or why one of them may not run; what every import gets for its context table is known. */
export function gatedScript(
  file: "schema" | "triggers",
  text: string,
): { readonly ok: true; readonly statements: readonly string[] } | { readonly ok: false; readonly message: string } {
  const known: ReadonlySet<string> = new Set([contextSql.table, ...contextSql.triggers]);
  const script = splitScript(text);
  if (script.kind === "refused") return { ok: false, message: script.message };
  for (const statement of script.statements) {
    if (known.has(statement.text)) continue;
    const gated = gateStatement(statement, { file });
    if (gated.kind === "refused") return { ok: false, message: `line ${statement.line}: ${gated.message}` };
  }
  return { ok: true, statements: script.statements.map((statement) => statement.text) };
}
