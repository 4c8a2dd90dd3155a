import { oncePer } from "../core/memo.js";
import type { Guard, NormalForm } from "./normal-form.js";

/** The guards that are judged at writes of a table, of its own rows or of others, in the order of the normal form. */
export function guardsAt(normal: NormalForm, table: string): readonly Guard[] {
  const known = guardsOf(normal);
  const guards = known.get(table) ?? normal.guards.filter((guard) => tablesOf(guard).has(table));
  known.set(table, guards);
  return guards;
}

const guardsOf = oncePer((_: NormalForm) => new Map<string, readonly Guard[]>());

/** The tables at whose writes a guard is judged. */
const tablesOf = oncePer(
  ({ table, events }: Guard): ReadonlySet<string> =>
    new Set([table, ...events.flatMap((event) => (event.kind === "elsewhere" ? [event.table] : []))]),
);
