/** The tool rental on the real engine. */
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import { callLimits, parseExactJson, stringifyExactJson } from "../../environment/engine/exact-json.js";
import { layRows } from "../../environment/engine/lay-rows.js";
import { openSession, type Session } from "../../environment/engine/session.js";
import { writeSnapshot } from "../../environment/engine/snapshot.js";
import { toolsOf } from "../../environment/engine/tools.js";
import type { Shop } from "./conversations.js";
import { toolRentalNow, toolRentalPolicy, toolRentalRows, toolRentalSheet } from "./tool-rental.js";

export interface ToolRental extends Shop {
  readonly compiled: Compiled;
  readonly origin: Buffer;
  readonly session: Session;
}

/** A fresh session on the origin; to be closed by its `session`. @throws {TypeError} If the sheet does not compile. */
export function openToolRental(): ToolRental {
  const { compiled, origin } = built();
  const session = openSession({ compiled, origin });
  return {
    compiled,
    origin,
    session,
    policy: toolRentalPolicy,
    tools: toolsOf(compiled).map(({ name, description, parameters }) => ({ name, description, parameters: { ...parameters } })),
    call: (tool, given) => stringifyExactJson(session.call(tool, parseExactJson(JSON.stringify(given), callLimits))),
  };
}

let origin: { readonly compiled: Compiled; readonly origin: Buffer } | undefined;

function built(): { readonly compiled: Compiled; readonly origin: Buffer } {
  if (origin !== undefined) return origin;
  const compilation = compileSheet(toolRentalSheet());
  if (!compilation.ok) throw new TypeError(`Cannot compile the tool rental: ${JSON.stringify(compilation.errors)}`);
  const rows = Object.fromEntries(
    Object.entries(toolRentalRows).map(([table, list]) => [
      table,
      list.map((row) =>
        Object.fromEntries(Object.entries(row).map(([column, value]) => [column, typeof value === "number" ? BigInt(value) : value])),
      ),
    ]),
  );
  const db = layRows(compilation.compiled, rows, { now: BigInt(toolRentalNow), sealed: true });
  origin = { compiled: compilation.compiled, origin: writeSnapshot(db) };
  db.close();
  return origin;
}
