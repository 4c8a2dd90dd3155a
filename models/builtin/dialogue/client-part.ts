/** The Client's part: it hears the menu, commits to a goal made of its leads and of more from the menu, and pursues one wish after the other. */
import { type AgentAct, type MenuItem, readAgent } from "./agent-lines.js";
import { type ClientDesk, type Intention, PATIENCE, reply } from "./client-desk.js";
import { pursue } from "./client-wish.js";
import { sayFacts, sayPlainly } from "./customer-lines.js";
import { enumerate, type Said } from "./plain-text.js";
import type { Script } from "./script.js";

/** Lines of identification before the Client gives up. */
const ROUNDS = 4;
/** Wishes of a goal that come from leads, which build on each other, and wishes that are remembered late. */
const LEADS = 5;
const LATE = 2;

/** Plays the Client until its status is no longer "going_on". */
export function* beClient(desk: ClientDesk, opening: string): Script {
  let heard = readAgent(opening);
  for (let round = 0; round < ROUNDS && !heard.some(({ kind }) => kind === "menu"); round += 1) {
    heard = readAgent(yield* reply(desk, introduce(desk, heard), "going_on"));
  }
  const menu = heard.flatMap((act) => (act.kind === "menu" ? act.items : [])).filter(isPossible);
  const intentions = commit(desk, menu);
  if (intentions.length === 0) {
    yield* reply(desk, sayPlainly("finish", desk.words), "gave_up");
    return;
  }
  desk.goal = `To ${enumerate(
    intentions.map(({ act }) => act),
    "and",
  )}.`;
  const outcomes: string[] = [];
  for (const intention of [...intentions, ...late(desk, menu, intentions)]) {
    if (intention.late && (desk.wanted === "refusal" || outcomes.includes("accepted"))) break;
    if (desk.refusals >= PATIENCE && intention.lead?.expected === "refused") continue;
    const outcome = yield* pursue(desk, intention);
    if (outcome === "accepted_refusal") return;
    outcomes.push(outcome);
  }
  yield* reply(desk, sayPlainly("finish", desk.words), desk.wanted === "reach" && outcomes.includes("accepted") ? "reached" : "gave_up");
}

function introduce({ profile, words }: ClientDesk, heard: readonly AgentAct[]): string {
  const asked = heard.flatMap((act) => (act.kind === "identify" ? act.labels : []));
  const known = Object.entries(profile).filter((entry): entry is [string, Said] => entry[1] !== null);
  const fitting = known.filter(([label]) => asked.some((other) => other.toLowerCase() === label.toLowerCase()));
  if (fitting.length === 0) return sayPlainly(asked.length > 0 ? "unknown" : "yes", words);
  return `${words(["", "Hello. ", "Good day. "])}${sayFacts(Object.fromEntries(fitting), words)}`;
}

/** The goal: the leads in their order, and further acts that the menu shows as possible. */
function commit(desk: ClientDesk, menu: readonly MenuItem[]): readonly Intention[] {
  if (desk.wanted === "refusal") return refusable(desk);
  const leads = desk.leads.slice(0, LEADS).map((lead): Intention => ({ act: lead.act, lead, late: false }));
  const room = leads.length < 3 ? 1 + Math.floor(desk.chance("extras") * (4 - leads.length)) : 0;
  return [
    ...leads,
    ...others(desk, menu, leads)
      .slice(0, room)
      .map(({ act }) => ({ act, lead: null, late: false })),
  ];
}

/** What the Client remembers when nothing of its goal could be done. */
function late(desk: ClientDesk, menu: readonly MenuItem[], known: readonly Intention[]): readonly Intention[] {
  const fresh = others(desk, menu, known);
  return (fresh.length > 0 ? fresh : menu).slice(0, LATE).map(({ act }) => ({ act, lead: null, late: true }));
}

function others(desk: ClientDesk, menu: readonly MenuItem[], known: readonly Intention[]): readonly MenuItem[] {
  const draws = new Map(menu.map(({ act }) => [act, desk.chance(`extra ${act}`)]));
  return menu
    .filter(({ act }) => !known.some((other) => other.act === act))
    .toSorted((a, b) => (draws.get(a.act) ?? 0) - (draws.get(b.act) ?? 0));
}

/** For a story of refusal one lead that is expected to be refused, one that needs no accepted act before it if there is such. */
function refusable({ leads, episode }: ClientDesk): readonly Intention[] {
  const refused = leads.filter(({ expected }) => expected === "refused");
  const alone = refused.filter((lead) => leads[leads.indexOf(lead) - 1]?.expected !== "accepted");
  const pool = alone.length > 0 ? alone : refused;
  const lead = pool[episode % Math.max(1, pool.length)];
  return lead === undefined ? [] : [{ act: lead.act, lead, late: false }];
}

function isPossible({ note }: MenuItem): boolean {
  return !/(?:^|\s)0 /.test(note);
}
