/** Is the user of a description somebody whom the origin holds, and does his profile tell what stands there of him? */
import { tableOf } from "../core/catalogue.js";
import { quoteIdentifier } from "../core/identifier.js";
import type { Value } from "../core/values.js";
import { prepareKept } from "../engine/snapshot.js";
import type { CertifyContext } from "./certificate-point.js";
import type { TaskDescription } from "./task-description.js";

type ProfileContext = Pick<CertifyContext, "compiled" | "trial" | "description">;
type User = TaskDescription["user"];

/**
 * What is wrong with the user, a line each. A profile has values by the labels of their columns: those that the user may see, and
 * the evidence. Where the agent names the actors in columns no row is known to be the user's, and nothing is compared.
 */
export function userFaults({ compiled: { catalogue }, trial, description: { user } }: ProfileContext): readonly string[] {
  const { actor } = catalogue;
  if (actor === null) return [];
  if (user.key === null) return user.table === null && isEmpty(user.profile) ? [] : ["the user has no key, and yet a table or a profile"];
  if (user.table !== actor.table) return [`the user's table is ${JSON.stringify(user.table)}, users are rows of "${actor.table}"`];
  const columns = tableOf(catalogue, actor.table).columns.filter(({ name, visible }) => visible || actor.evidence.includes(name));
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  const sql = `SELECT ${names} FROM main.${quoteIdentifier(actor.table)} WHERE ${quoteIdentifier(actor.key)} = ?`;
  const row = prepareKept(trial.origin, sql).get(user.key);
  if (row === undefined) return [`the user ${JSON.stringify(user.key)} is no row of "${actor.table}" in the origin`];
  return Object.entries(user.profile).flatMap(([label, value]) => {
    const stored = columns.flatMap((column, i) => (column.label === label ? [plain(row[i] ?? null)] : []));
    if (stored.includes(value)) return [];
    const told = `the profile's "${label}" is ${JSON.stringify(value)}`;
    return [
      stored.length === 0
        ? `${told}, which is no column that a user knows of himself`
        : `${told}, the origin has ${JSON.stringify(stored[0])}`,
    ];
  });
}

function isEmpty(profile: User["profile"]): boolean {
  return Object.keys(profile).length === 0;
}

/** As a description holds it: integers that JSON cannot hold are texts. */
function plain(value: Value): User["profile"][string] {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return Buffer.isBuffer(value) ? value.toString("base64") : value;
}
