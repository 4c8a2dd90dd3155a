/** The lending desk as a compiled sheet and an origin. */
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { layRows } from "../../environment/engine/lay-rows.js";
import { writeSnapshot } from "../../environment/engine/snapshot.js";
import type { Rows } from "../../environment/core/values.js";
import { lendingRows, lendingSheet } from "./lending-sheet.js";

/** Compiles a sheet that is known to be right. */
export function compiledOf(sheet: unknown): Compiled {
  const compilation = compileSheet(sheet);
  if (!compilation.ok) throw new TypeError(compilation.errors.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return compilation.compiled;
}

/** The compiled sheet, and an origin at step 10 that holds these rows beside the desk's own. */
export function openDesk(rows: Rows = {}): { readonly compiled: Compiled; readonly origin: Buffer } {
  const compiled = compiledOf(lendingSheet);
  const db = layRows(compiled, { ...lendingRows, ...rows }, { now: 10n });
  const origin = writeSnapshot(db);
  db.close();
  return { compiled, origin };
}
