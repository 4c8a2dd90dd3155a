/** How the Client pursues one wish: it asks what there is, chooses by description, says more when asked, and takes a refusal. */
import type { Lead } from "../../../agents/client.js";
import { type AgentAct, type Detail, type Options, readAgent } from "./agent-lines.js";
import { type ClientDesk, type Intention, PATIENCE, reply } from "./client-desk.js";
import { sayAskOptions, sayInstead, sayPlainly, sayPoint, sayRequest, sayTold } from "./customer-lines.js";
import type { Attributes } from "./options.js";
import type { Said } from "./plain-text.js";
import type { Script } from "./script.js";
import { singleOut, vaguer } from "./single-out.js";
import type { Wish } from "./wishes.js";

/** How a wish ended; "accepted_refusal" ends the conversation. */
export type WishOutcome = "accepted" | "dropped" | "accepted_refusal";

/** What the Client has in mind while it pursues a wish. */
interface Mind {
  readonly intention: Intention;
  /** The row meant of each thing, among the rows that were named. */
  readonly meant: Map<string, Attributes>;
  readonly named: Map<string, readonly Attributes[]>;
  readonly said: Map<string, readonly Wish[]>;
  readonly own: Map<string, boolean>;
  /** Values told, by label. */
  readonly told: Map<string, Said>;
  /** Descriptions that nothing fitted. */
  misses: number;
  insisted: boolean;
  alternatives: number;
  /** Why alternatives were asked for: another option does not help twice against the same. */
  readonly reasons: string[];
}

/** Lines that one wish may take. */
const ROUNDS = 24;

/** A line to say, or the end of the wish. */
type Move = { readonly kind: "say"; readonly line: string } | { readonly kind: "end"; readonly outcome: WishOutcome };

/** Pursues one wish to its end. */
export function* pursue(desk: ClientDesk, intention: Intention): Script<WishOutcome> {
  const mind: Mind = {
    intention,
    meant: new Map(),
    named: new Map(),
    said: new Map(),
    own: new Map(),
    told: new Map(),
    misses: 0,
    insisted: false,
    alternatives: 0,
    reasons: [],
  };
  let line = sayRequest(intention.act, desk.words);
  for (let round = 0; round < ROUNDS; round += 1) {
    const move = react(desk, mind, readAgent(yield* reply(desk, line, "going_on")));
    if (move.kind === "end" && move.outcome === "accepted_refusal") yield* reply(desk, sayPlainly("accept", desk.words), "refused");
    if (move.kind === "end") return move.outcome;
    line = move.line;
  }
  return "dropped";
}

function react(desk: ClientDesk, mind: Mind, heard: readonly AgentAct[]): Move {
  for (const act of heard) {
    if (act.kind === "options") name(mind, act.options);
    if (act.kind === "none" && mind.said.delete(act.thing)) mind.misses += 1;
  }
  const options = heard.find((act) => act.kind === "options")?.options ?? null;
  for (const act of heard) {
    switch (act.kind) {
      case "done":
        desk.refusals = 0;
        return { kind: "end", outcome: "accepted" };
      case "refused":
        return refuse(desk, mind, { reason: act.reason, options });
      case "confirm":
        return judge(desk, mind, act.details);
      case "ask":
        return { kind: "say", line: tell(desk, mind, act) };
      case "restate":
        return { kind: "say", line: restate(desk, mind, act.thing) };
      default:
    }
  }
  if (options !== null) return { kind: "say", line: point(desk, mind, options) };
  const which = heard.find((act) => act.kind === "which");
  if (which !== undefined) return { kind: "say", line: sayAskOptions(which.thing, desk.words) };
  const [missing] = heard.flatMap((act) => (act.kind === "none" ? [act.thing] : []));
  if (missing !== undefined) return { kind: "say", line: persist(desk, mind, missing) };
  return { kind: "end", outcome: "dropped" };
}

function name(mind: Mind, { thing, own, open, closed }: Options): void {
  const known = mind.named.get(thing) ?? [];
  const fresh = [...open, ...closed].filter((row) => !known.some((other) => isSameRow(other, row)));
  mind.named.set(thing, [...known, ...fresh]);
  if (!mind.own.has(thing)) mind.own.set(thing, own);
}

/** Chooses among the options, or says more of what was chosen; lets it be where there is no more to say. */
function point(desk: ClientDesk, mind: Mind, options: Options): string {
  const { thing } = options;
  const meant = mind.meant.get(thing) ?? decide(desk, mind, options);
  if (meant === null || mind.misses > 1) return sayPlainly("drop", desk.words);
  mind.meant.set(thing, meant);
  const said = mind.said.get(thing) ?? [];
  const isNew = (wish: Wish): boolean => !said.some((other) => isSameWish(other, wish));
  const full = describe(desk, mind, { thing, meant, more: options.more });
  const vague = said.length === 0 && desk.chance(`vague ${thing}`) < 0.4;
  const now = vague ? vaguer(full) : [full, equalities(meant)].map((wishes) => wishes.filter(isNew)).find((wishes) => wishes.length > 0);
  if (now === undefined) return sayPlainly("drop", desk.words);
  mind.said.set(thing, [...said, ...now]);
  return sayPoint({ label: thing, own: mind.own.get(thing) ?? false, wishes: now }, desk.words);
}

/** Nothing of the kind was named: the lead's own words once, then no more. */
function persist(desk: ClientDesk, mind: Mind, thing: string): string {
  const wanted = leadRow(mind.intention.lead, thing, []);
  if (wanted === null || mind.meant.has(thing)) return sayPlainly("drop", desk.words);
  mind.meant.set(thing, wanted);
  return sayPoint({ label: thing, own: false, wishes: equalities(wanted) }, desk.words);
}

/** As few words as single the row out; of a row that was not named, everything that is known. */
function describe(
  desk: ClientDesk,
  mind: Mind,
  { thing, meant, more }: { readonly thing: string; readonly meant: Attributes; readonly more: number },
): readonly Wish[] {
  const rows = mind.named.get(thing) ?? [];
  const row = rows.find((each) => isSameRow(each, meant));
  if (row === undefined) return equalities(meant);
  return singleOut(rows, row, { pick: desk.chance(`wishes ${thing}`), superlatives: more > 0 ? "avoided" : "allowed" });
}

/** Everything that is known of the thing. */
function restate(desk: ClientDesk, mind: Mind, thing: string): string {
  const meant = mind.meant.get(thing);
  return meant === undefined
    ? sayAskOptions(thing, desk.words)
    : sayPoint({ label: thing, own: mind.own.get(thing) ?? false, wishes: equalities(meant) }, desk.words);
}

function equalities(row: Attributes): readonly Wish[] {
  return Object.entries(row).map(([column, value]) => ({ column, comparison: "=", value }));
}

/** The row that the lead means, named or not; without a lead any that the act is open for. */
function decide(desk: ClientDesk, mind: Mind, { thing, own, open, closed }: Options): Attributes | null {
  const rows = [...open, ...closed];
  const wanted = leadRow(mind.intention.lead, thing, rows);
  mind.own.set(thing, own);
  if (wanted === null) return open[Math.floor(desk.chance(`choose ${thing}`) * open.length)] ?? null;
  const named = rows.find((row) => isMeant(row, wanted));
  if (named === undefined) mind.own.set(thing, false);
  return named ?? wanted;
}

/** What the lead tells of a thing: under its label, else whatever tells of such rows (a lead may call a thing by another word). */
function leadRow(lead: Lead | null, thing: string, rows: readonly Attributes[]): Attributes | null {
  if (lead === null) return null;
  const labels = new Set(rows.flatMap((row) => Object.keys(row)));
  const shared = (row: Readonly<Record<string, unknown>>): number => Object.keys(row).filter((label) => labels.has(label)).length;
  const alike = Object.values(lead.rows)
    .filter((row) => shared(row) >= 2)
    .toSorted((a, b) => shared(b) - shared(a));
  const found = lead.rows[thing] ?? alike[0];
  return found === undefined
    ? null
    : Object.fromEntries(Object.entries(found).filter((entry): entry is [string, Said] => entry[1] !== null));
}

function isMeant(row: Attributes, wanted: Attributes): boolean {
  const shared = Object.keys(row).filter((label) => label in wanted);
  return shared.length > 0 && shared.every((label) => String(wanted[label]) === String(row[label]));
}

/** Yes where the announcement names what was meant, else what it should have been. */
function judge(desk: ClientDesk, mind: Mind, details: readonly Detail[]): Move {
  for (const detail of details) {
    const meant = detail.kind === "row" ? mind.meant.get(detail.label) : undefined;
    if (detail.kind !== "row" || meant === undefined || isSameRow(detail.attributes, meant)) continue;
    return {
      kind: "say",
      line: `${sayPlainly("no", desk.words)} ${sayPoint({ label: detail.label, own: mind.own.get(detail.label) ?? false, wishes: equalities(meant) }, desk.words)}`,
    };
  }
  return { kind: "say", line: sayPlainly("yes", desk.words) };
}

const REASONS = [
  "a family occasion",
  "work at home",
  "a favour for a friend",
  "the coming season",
  "an urgent matter",
  "a change of plans",
] as const;

function tell(desk: ClientDesk, mind: Mind, ask: Extract<AgentAct, { kind: "ask" }>): string {
  const value = mind.intention.lead?.values[ask.label] ?? inventValue(desk, mind, ask);
  mind.told.set(ask.label, value);
  return sayTold(ask.label, value, desk.words);
}

/** Something plausible: one of the choices, a step soon after those heard of, a small number, or a reason. */
function inventValue(desk: ClientDesk, { named, told }: Mind, { label, choices, number }: Extract<AgentAct, { kind: "ask" }>): Said {
  const draw = desk.chance(`value ${label}`);
  const choice = choices[Math.floor(draw * choices.length)];
  if (choice !== undefined) return choice;
  if (number === null) return REASONS[Math.floor(draw * REASONS.length)] ?? REASONS[0];
  const small = 1 + Math.floor(draw * 4);
  if (!/\bstep\b/.test(label)) return small;
  const heard = [...[...named.values()].flat().flatMap((row) => Object.entries(row)), ...told].flatMap(([name, value]) =>
    /\bstep\b/.test(name) && typeof value === "number" ? [value] : [],
  );
  return Math.max(0, ...heard) + small;
}

/** A refusal: insisted upon and accepted in a story of refusal; else another option, or nothing. */
function refuse(desk: ClientDesk, mind: Mind, { reason, options }: { readonly reason: string; readonly options: Options | null }): Move {
  if (desk.wanted === "refusal" && mind.insisted) return { kind: "end", outcome: "accepted_refusal" };
  if (desk.wanted === "refusal" || (!mind.insisted && desk.chance("insist") < 0.15)) {
    mind.insisted = true;
    return { kind: "say", line: sayPlainly("insist", desk.words) };
  }
  desk.refusals += 1;
  const other = options === null ? undefined : options.open[Math.floor(desk.chance(`instead ${mind.alternatives}`) * options.open.length)];
  const tired =
    mind.reasons.includes(reason) ||
    mind.alternatives >= 2 ||
    desk.refusals >= PATIENCE ||
    desk.chance(`fall back ${mind.alternatives}`) < 0.2;
  if (options === null || other === undefined || tired) return { kind: "end", outcome: "dropped" };
  mind.alternatives += 1;
  mind.reasons.push(reason);
  mind.meant.set(options.thing, other);
  const complete = (mind.named.get(options.thing)?.length ?? 0) > options.open.length + options.closed.length + options.more;
  const wishes = describe(desk, mind, { thing: options.thing, meant: other, more: complete ? 0 : options.more });
  mind.said.set(options.thing, wishes);
  return { kind: "say", line: sayInstead({ label: options.thing, own: mind.own.get(options.thing) ?? false, wishes }, desk.words) };
}

function isSameWish(a: Wish, b: Wish): boolean {
  return a.column === b.column && a.comparison === b.comparison && a.value === b.value;
}

function isSameRow(a: Attributes, b: Attributes): boolean {
  const labels = Object.keys(a).filter((label) => label in b);
  return labels.length > 0 && labels.every((label) => String(a[label]) === String(b[label]));
}
