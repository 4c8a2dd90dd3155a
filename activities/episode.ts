/** The beginning and the end of an exploration: who comes in with what in mind, and whether a target was reached. */
import { castSchema } from "../agents/set-designer-cast.js";
import { columnOf, tableOf } from "../environment/core/catalogue.js";
import type { Compiled } from "../environment/compile/compile-sheet.js";
import { openSnapshot } from "../environment/engine/snapshot.js";
import { settleRun } from "./ask-role.js";
import { type Proven, provenSchema } from "./check-world.js";
import type { At, EnvironmentRefs, Ref } from "./contract.js";
import { type Conversation, loadConversation, openConversation, saveConversation } from "./conversation.js";
import { customerRow, loadCompiled } from "./loaded.js";
import { load, randomOf, type Workshop } from "./workshop.js";

export function createEpisodeActivities(workshop: Workshop) {
  function openEpisode({
    at,
    environment,
    wanted,
  }: {
    readonly at: At;
    readonly environment: EnvironmentRefs;
    readonly wanted: "reach" | "refusal";
  }): Promise<{ readonly state: Ref; readonly line: string }> {
    const compiled = loadCompiled(workshop, environment.sheet);
    const episode = at.place.task ?? 1;
    const { proven } = load(workshop, environment.boundaries, provenSchema);
    const boundary = chosen(proven, wanted, { episode, random: randomOf({ ...at, place: { ...at.place, task: null } }, "explore") });
    const key = boundary?.user ?? anyUser(workshop, environment, episode);
    const leads = wanted === "refusal" ? (boundary?.leads.slice(-1) ?? []) : (boundary?.leads ?? []);
    const conversation = openConversation({
      kind: "episode",
      environment,
      task: null,
      user: customer(workshop, compiled, environment, key),
      wanted,
      episode,
      leads,
    });
    return Promise.resolve({ state: saveConversation(workshop, conversation), line: `${wanted}; ${boundary?.rule ?? "no boundary"}` });
  }

  /** Accepted when a target was reached by real writes, or a refusal was met with nothing changed. */
  function closeEpisode({
    at,
    state,
    end,
  }: {
    readonly at: At;
    readonly state: Ref;
    readonly end: string;
  }): Promise<
    { readonly kind: "passed"; readonly episode: Ref; readonly line: string } | { readonly kind: "failed"; readonly line: string }
  > {
    const conversation = loadConversation(workshop, state);
    const why = defect(conversation, end);
    settleRun(workshop, at, "episode", why === null ? "accepted" : "rejected");
    if (why !== null) return Promise.resolve({ kind: "failed", line: why });
    return Promise.resolve({
      kind: "passed",
      episode: state,
      line: `${String(conversation.writes.length)} writes, ${String(conversation.refusals.length)} refused`,
    });
  }

  return { openEpisode, closeEpisode };
}

function defect({ wanted, writes, refusals }: Conversation, end: string): string | null {
  if (wanted === "refusal") {
    if (end !== "refused" && end !== "transfer") return end === "reached" ? "not refused" : end;
    if (writes.some((write) => write.tool !== "transfer_to_human_agents")) return "not refused";
    return refusals.length === 0 ? "nothing tried" : null;
  }
  if (end !== "reached" && end !== "transfer") return end;
  return writes.length === 0 ? "nothing done" : null;
}

/** Boundaries in turn, from a place that the environment's random number fixes, so that episodes differ. */
function chosen(
  proven: Proven["proven"],
  wanted: "reach" | "refusal",
  { episode, random }: { readonly episode: number; readonly random: number },
): Proven["proven"][number] | undefined {
  const fit = wanted === "refusal" ? proven.filter((one) => one.refusedAtOrigin) : proven;
  const list = fit.length > 0 ? fit : proven;
  return list[(random + episode) % Math.max(1, list.length)];
}

function anyUser(workshop: Workshop, environment: EnvironmentRefs, episode: number): string | number | null {
  const { users } = load(workshop, environment.cast, castSchema);
  return users[episode % users.length]?.key ?? null;
}

function customer(workshop: Workshop, compiled: Compiled, environment: EnvironmentRefs, key: string | number | null): Conversation["user"] {
  const { actor } = compiled.catalogue;
  if (actor === null || key === null) return { table: null, key, profile: {} };
  const db = openSnapshot(workshop.store.get(environment.origin), { readonly: true });
  try {
    const table = tableOf(compiled.catalogue, actor.table);
    const row = customerRow(compiled, db, key) ?? {};
    return {
      table: actor.table,
      key,
      profile: Object.fromEntries(Object.entries(row).map(([column, value]) => [columnOf(table, column).label, value])),
    };
  } finally {
    db.close();
  }
}
