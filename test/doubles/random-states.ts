/** Small random states of one origin, and what a brute-force comparison says of them. */
import Database from "better-sqlite3";

export const tripSchema = [
  "CREATE TABLE trip(id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT, parent_id INTEGER REFERENCES trip(id), seen INTEGER)",
  "CREATE TABLE leg(id INTEGER PRIMARY KEY, trip_id INTEGER NOT NULL REFERENCES trip(id), next_id INTEGER REFERENCES leg(id), cost INTEGER NOT NULL)",
  "CREATE TABLE tag(trip_id INTEGER NOT NULL REFERENCES trip(id), word TEXT NOT NULL, PRIMARY KEY(trip_id, word)) WITHOUT ROWID",
  "CREATE TABLE memo(trip_id INTEGER REFERENCES trip(id), word TEXT)",
  "CREATE TABLE badge(code TEXT PRIMARY KEY, trip_id INTEGER REFERENCES trip(id), rank INTEGER)",
];
export const tripClasses = { "trip.note": "text", "trip.seen": "technical" } as const;

export type Trip = { readonly name: string; readonly note: string | null; readonly parent: number | null };
export type Badge = { readonly code: string | null; readonly trip: number; readonly rank: number };
export type Leg = { readonly trip: number; readonly next: number | null; readonly cost: number };
/** Rows by position; the first `base` of each are the origin's. References are positions. */
export type Plan = {
  readonly trips: readonly Trip[];
  readonly legs: readonly Leg[];
  readonly tags: readonly (readonly [number, string])[];
  readonly memos: readonly (readonly [number | null, string])[];
  /** Known by their codes, where they have one. */
  readonly badges: readonly Badge[];
};
export const base = 2;

export type Random = () => number;

/** A seeded generator of numbers in [0, 1). @see mulberry32 */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function below(random: Random, n: number): number {
  return Math.floor(random() * n);
}

const names = ["a", "b"];

export const originPlan: Plan = {
  trips: [
    { name: "a", note: null, parent: null },
    { name: "b", note: "x", parent: null },
  ],
  legs: [
    { trip: 0, next: null, cost: 1 },
    { trip: 1, next: null, cost: 1 },
  ],
  tags: [[0, "x"]],
  memos: [
    [0, "x"],
    [0, "x"],
  ],
  badges: [
    { code: null, trip: 0, rank: 1 },
    { code: null, trip: 1, rank: 2 },
    { code: "k", trip: 0, rank: 1 },
  ],
};

/** The origin with some rows created and some cells changed. */
export function randomPlan(random: Random): Plan {
  const trips = [...originPlan.trips];
  const legs = [...originPlan.legs];
  for (let i = below(random, 4); i > 0; i -= 1)
    trips.push({ name: names[below(random, 2)] ?? "a", note: random() < 0.5 ? null : "n", parent: null });
  for (let i = below(random, 4); i > 0; i -= 1) legs.push({ trip: below(random, trips.length), next: null, cost: 1 + below(random, 2) });
  return {
    trips: trips.map((trip) => ({ ...trip, parent: random() < 0.4 ? below(random, trips.length) : null })),
    legs: legs.map((leg) => ({ ...leg, next: random() < 0.4 ? below(random, legs.length) : null })),
    tags: random() < 0.5 ? originPlan.tags : [[below(random, trips.length), "y"]],
    memos:
      random() < 0.5
        ? originPlan.memos
        : [
            [0, "x"],
            [below(random, trips.length), "y"],
          ],
    badges: random() < 0.7 ? originPlan.badges : randomBadges(random, trips.length),
  };
}

function randomBadges(random: Random, trips: number): readonly Badge[] {
  const badges = Array.from({ length: 1 + below(random, 4) }, () => ({
    code: random() < 0.7 ? null : "k",
    trip: below(random, trips),
    rank: 1 + below(random, 2),
  }));
  return badges.filter(({ code }, i) => code === null || badges.findIndex((badge) => badge.code === code) === i);
}

/** The same state with the created rows in another order. */
export function shuffled(plan: Plan, random: Random): Plan {
  const trip = order(plan.trips.length, random);
  const leg = order(plan.legs.length, random);
  return {
    trips: place(
      plan.trips.map((t) => ({ ...t, parent: t.parent === null ? null : (trip[t.parent] ?? 0) })),
      trip,
    ),
    legs: place(
      plan.legs.map((l) => ({ ...l, trip: trip[l.trip] ?? 0, next: l.next === null ? null : (leg[l.next] ?? 0) })),
      leg,
    ),
    tags: plan.tags.map(([t, word]) => [trip[t] ?? 0, word]),
    memos: plan.memos.map(([t, word]) => [t === null ? null : (trip[t] ?? 0), word]),
    badges: plan.badges.map((badge) => ({ ...badge, trip: trip[badge.trip] ?? 0 })).toReversed(),
  };
}

/** One cell of a created or origin row changed. */
export function nudged(plan: Plan, random: Random): Plan {
  const trips = [...plan.trips];
  const legs = [...plan.legs];
  const i = below(random, trips.length);
  const j = below(random, legs.length);
  const trip = trips[i];
  const leg = legs[j];
  if (trip !== undefined && random() < 0.5) trips[i] = { ...trip, parent: below(random, trips.length) };
  else if (leg !== undefined)
    legs[j] = random() < 0.5 ? { ...leg, trip: below(random, trips.length) } : { ...leg, next: below(random, legs.length) };
  return { ...plan, trips, legs };
}

function order(length: number, random: Random): readonly number[] {
  const to = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > base; i -= 1) {
    const j = base + below(random, i - base + 1);
    [to[i], to[j]] = [to[j] ?? 0, to[i] ?? 0];
  }
  return to;
}

function place<T>(rows: readonly T[], to: readonly number[]): readonly T[] {
  const out = [...rows];
  rows.forEach((row, i) => {
    out[to[i] ?? i] = row;
  });
  return out;
}

/** The plan as a database; `gap` moves the keys of created rows, as an undone insert would. */
export function stateOf(plan: Plan, gap = 0): Database.Database {
  const db = new Database(":memory:");
  db.defaultSafeIntegers(true);
  db.pragma("foreign_keys = OFF");
  for (const sql of tripSchema) db.prepare(sql).run();
  const key = (i: number | null) => (i === null ? null : BigInt(i < base ? i + 1 : i + 1 + gap));
  const trip = db.prepare("INSERT INTO trip VALUES (?, ?, ?, ?, ?)");
  plan.trips.forEach((t, i) => trip.run(key(i), t.name, t.note, key(t.parent), BigInt(gap)));
  const leg = db.prepare("INSERT INTO leg VALUES (?, ?, ?, ?)");
  plan.legs.forEach((l, i) => leg.run(key(i), key(l.trip), key(l.next), BigInt(l.cost)));
  const tag = db.prepare("INSERT INTO tag VALUES (?, ?)");
  for (const [t, word] of plan.tags) tag.run(key(t), word);
  const memo = db.prepare("INSERT INTO memo VALUES (?, ?)");
  for (const [t, word] of plan.memos) memo.run(key(t), word);
  const badge = db.prepare("INSERT INTO badge VALUES (?, ?, ?)");
  for (const { code, trip: t, rank } of plan.badges) badge.run(code, key(t), BigInt(rank));
  return db;
}

/** Everything that counts as a change, as texts, with created rows renamed by the two maps; −1 is a row without counterpart. */
function changeTexts(plan: Plan, trip: readonly number[], leg: readonly number[]): readonly string[] {
  const t = (i: number | null) => (i === null ? "null" : i < base ? `${i}` : `new${trip[i - base]}`);
  const l = (i: number | null) => (i === null ? "null" : i < base ? `${i}` : `new${leg[i - base]}`);
  const out: string[] = [];
  plan.trips.forEach((row, i) => {
    const was = originPlan.trips[i];
    const note = row.note === null || row.note === "" ? "e" : "f";
    if (was === undefined) out.push(`trip ${t(i)} ${row.name} ${note} ${t(row.parent)}`);
    else {
      if (t(row.parent) !== "null") out.push(`trip ${i} parent ${t(row.parent)}`);
    }
  });
  plan.legs.forEach((row, i) => {
    const was = originPlan.legs[i];
    if (was === undefined) out.push(`leg ${l(i)} ${t(row.trip)} ${l(row.next)} ${row.cost}`);
    else {
      if (was.trip !== row.trip) out.push(`leg ${i} trip ${t(row.trip)}`);
      if (row.next !== null) out.push(`leg ${i} next ${l(row.next)}`);
    }
  });
  const tags = plan.tags.map(([i, word]) => `${t(i)} ${word}`);
  for (const tag of tags) if (tag !== "0 x") out.push(`tag ${tag}`);
  if (!tags.includes("0 x")) out.push("tag deleted 0 x");
  const memos = plan.memos.map(([i, word]) => `${t(i)} ${word}`);
  const kept = memos.filter((memo) => memo === "0 x").length;
  for (const memo of memos.filter((memo) => memo !== "0 x")) out.push(`memo ${memo}`);
  for (let i = kept; i < 2; i += 1) out.push("memo deleted 0 x");
  return [...out, ...badgeTexts(plan.badges, t)];
}

/** Badges with a code are the same by it, the others by what they hold. */
function badgeTexts(badges: readonly Badge[], t: (trip: number) => string): readonly string[] {
  const nameOf = ({ code, trip, rank }: Badge) => code ?? `null ${t(trip)} ${rank}`;
  const rest = [...originPlan.badges];
  const out = badges.flatMap((badge) => {
    const at = rest.findIndex((old) => nameOf(old) === nameOf(badge));
    if (at === -1) return [`badge ${badge.code} ${t(badge.trip)} ${badge.rank}`];
    const [old] = rest.splice(at, 1);
    return [
      ...(old?.trip === badge.trip ? [] : [`badge ${badge.code} trip ${t(badge.trip)}`]),
      ...(old?.rank === badge.rank ? [] : [`badge ${badge.code} rank ${badge.rank}`]),
    ];
  });
  return [...out, ...rest.map((old) => `badge deleted ${nameOf(old)}`)];
}

function injections(from: number, to: number): readonly (readonly number[])[] {
  let all: number[][] = [[]];
  for (let i = 0; i < from; i += 1) {
    all = all.flatMap((list) =>
      [-1 - i, ...Array.from({ length: to }, (_, j) => j)].filter((j) => !list.includes(j)).map((j) => [...list, j]),
    );
  }
  return all;
}

/** The smallest sum of missing and collateral changes, over every pairing of created rows. */
export function bruteForce(wanted: Plan, found: Plan): { readonly missing: number; readonly collateral: number } {
  const identity = Array.from({ length: 8 }, (_, i) => i);
  const present = changeTexts(found, identity, identity);
  const total = changeTexts(wanted, identity, identity).length;
  let best = -1;
  for (const trip of injections(wanted.trips.length - base, found.trips.length - base)) {
    for (const leg of injections(wanted.legs.length - base, found.legs.length - base)) {
      const rest = [...present];
      let agreed = 0;
      for (const text of changeTexts(wanted, trip, leg)) {
        const at = rest.indexOf(text);
        if (at === -1) continue;
        rest.splice(at, 1);
        agreed += 1;
      }
      best = Math.max(best, agreed);
    }
  }
  return { missing: total - best, collateral: present.length - best };
}
