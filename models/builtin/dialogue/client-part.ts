/** The Client's part: it hears the menu, commits to a goal made of its leads and of more from the menu, and pursues one wish after the other. */
import type { ClientReply, Lead } from "../../../agents/client.js";
import { type AgentAct, type MenuItem, readAgent } from "./agent-lines.js";
import { pursue } from "./client-wish.js";
import { sayFacts, sayPlainly } from "./customer-lines.js";
import { enumerate, type Said, type Wording } from "./plain-text.js";
import { type Chance, say, type Script } from "./script.js";

/** What a Client knows of itself and its story. */
export interface ClientStory {
  readonly profile: Readonly<Record<string, Said | null>>;
  readonly wanted: "reach" | "refusal";
  readonly episode: number;
  readonly leads: readonly Lead[];
}

export interface ClientDesk extends ClientStory {
  readonly words: Wording;
  readonly chance: Chance;
  /** The goal once committed to. */
  goal: string | null;
}

/** One act that the Client asks for; a lead tells which rows and values are meant. */
export interface Intention {
  readonly act: string;
  readonly lead: Lead | null;
}

/** Lines of identification before the Client gives up. */
const ROUNDS = 4;

/** Plays the Client until its status is no longer "going_on". */
export function* beClient(desk: ClientDesk, opening: string): Script {
  let heard = readAgent(opening);
  for (let round = 0; round < ROUNDS && !heard.some(({ kind }) => kind === "menu"); round += 1) {
    heard = readAgent(yield* reply(desk, introduce(desk, heard), "going_on"));
  }
  const intentions = commit(desk, heard);
  if (intentions.length === 0) return void (yield* reply(desk, sayPlainly("finish", desk.words), "gave_up"));
  desk.goal = `To ${enumerate(intentions.map(({ act }) => act), "and")}.`;
  const outcomes: string[] = [];
  for (const intention of intentions) {
    const outcome = yield* pursue(desk, intention);
    if (outcome === "accepted_refusal") return;
    outcomes.push(outcome);
  }
  yield* reply(desk, sayPlainly("finish", desk.words), desk.wanted === "reach" && outcomes.includes("accepted") ? "reached" : "gave_up");
}

/** Says a line as the Client's reply, a JSON document. */
export function* reply(desk: ClientDesk, line: string, status: ClientReply["status"]): Script<string> {
  const answer: ClientReply = { goal: desk.goal, say: line, status };
  return yield* say(JSON.stringify(answer));
}

function introduce({ profile, words }: ClientDesk, heard: readonly AgentAct[]): string {
  const asked = heard.flatMap((act) => (act.kind === "identify" ? act.labels : []));
  const known = Object.entries(profile).filter((entry): entry is [string, Said] => entry[1] !== null);
  const fitting = known.filter(([label]) => asked.some((other) => other.toLowerCase() === label.toLowerCase()));
  if (fitting.length === 0) return sayPlainly(asked.length > 0 ? "unknown" : "yes", words);
  return `${words(["", "Hello. ", "Good day. "])}${sayFacts(Object.fromEntries(fitting), words)}`;
}

/** The goal: consecutive leads, from a place that the episode's number moves on, and further acts that the menu shows as possible. */
function commit(desk: ClientDesk, heard: readonly AgentAct[]): readonly Intention[] {
  const menu = heard.flatMap((act) => (act.kind === "menu" ? act.items : []));
  if (desk.wanted === "refusal") return refusable(desk);
  const count = Math.min(desk.leads.length, 1 + Math.floor(desk.chance("leads") * 3));
  const leads = desk.leads.slice(0, count).map((lead) => ({ act: lead.act, lead }));
  const possible = menu.filter(isPossible).filter(({ act }) => !leads.some((lead) => lead.act === act));
  const extras = Math.min(possible.length, Math.max(leads.length === 0 ? 1 : 0, Math.floor(desk.chance("extras") * (leads.length > 2 ? 2 : 3))));
  const shuffled = possible.toSorted((a, b) => desk.chance(`extra ${a.act}`) - desk.chance(`extra ${b.act}`));
  return [...leads, ...shuffled.slice(0, extras).map(({ act }) => ({ act, lead: null }))];
}

/** For a story of refusal one lead that is expected to be refused, one that needs no accepted act before it if there is such. */
function refusable({ leads, episode }: ClientDesk): readonly Intention[] {
  const refused = leads.filter(({ expected }) => expected === "refused");
  const alone = refused.filter((lead) => leads[leads.indexOf(lead) - 1]?.expected !== "accepted");
  const pool = alone.length > 0 ? alone : refused;
  const lead = pool[episode % Math.max(1, pool.length)];
  return lead === undefined ? [] : [{ act: lead.act, lead }];
}

function isPossible({ note }: MenuItem): boolean {
  return !/(?:^|\s)0 /.test(note);
}
