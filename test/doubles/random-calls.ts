/** Calls that often come through: arguments drawn from what the state holds and from what the schema lists. */
import type { Session } from "../../environment/engine/session.js";
import { quoteIdentifier } from "../../environment/core/identifier.js";
import type { Tool } from "../../environment/engine/tools.js";
import type { Value } from "../../environment/core/values.js";

/** A generator of numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One call of a writing tool. */
export function randomCall(
  session: Session,
  tools: readonly Tool[],
  random: () => number,
): { readonly tool: string; readonly arguments: Readonly<Record<string, unknown>> } {
  const writing = tools.filter(({ name }) => /^(insert|update)_/.test(name));
  const tool = pick(writing, random);
  const given: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(tool.parameters.properties)) {
    if (!tool.parameters.required.includes(name) && random() < 0.3) continue;
    const target =
      /\(query_(\w+)\)/.exec(property.description)?.[1] ?? (name === "id" ? tool.name.replace(/^(insert|update)_/, "") : undefined);
    given[name] =
      property.enum !== undefined
        ? pick(property.enum, random)
        : target !== undefined
          ? keyOf(session, target, random)
          : property.type === "string"
            ? pick(["x", "word", ""], random)
            : Math.floor(random() * 30);
  }
  return { tool: tool.name, arguments: given };
}

function keyOf(session: Session, table: string, random: () => number): Value {
  const key = session.db.prepare<[string], string>("SELECT name FROM pragma_table_info(?) WHERE pk = 1").pluck().get(table) ?? "id";
  const values = session.db
    .prepare<[], Value>(`SELECT ${quoteIdentifier(key)} FROM ${quoteIdentifier(table)} ORDER BY 1`)
    .pluck()
    .all();
  return values.length === 0 ? 1n : pick(values, random);
}

function pick<T>(list: readonly T[], random: () => number): T {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new RangeError("Cannot pick from an empty list");
  return found;
}
