/**
 * Mutants against the witnesses of the original, on the engine: each is tried until the first witness notices it.
 *
 * Only the triggers that a mutant changes are exchanged, in worlds that stand open, and only writes that fire one of them
 * are tried: those found for just this change first, then those of its rule, then the others.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import { writtenBy, standsIn } from "../compile/effect-graph.js";
import { changedTriggers, isSameShape, originalOf } from "./changed-triggers.js";
import { isEquivalent } from "./equivalent.js";
import type { Mutant, Mutated } from "./mutant.js";
import { shareParts } from "./share-parts.js";
import { expectedOf, isSameAnswer, judgeWrite } from "./witness-oracle.js";
import { openBareWorld, type Witness, type World } from "./witness-run.js";
import { withWorlds, type Worlds } from "./worlds.js";
import { type Matrix, tryCase } from "./write-matrix.js";
import type { Rows } from "../core/values.js";

/** A mutant that no witness notices. */
export interface Survivor {
  readonly rule: string;
  readonly operator: string;
  readonly change: string;
  readonly why: string;
}

/** A mutant that is a sheet, and not proven to answer as the original does, with the triggers that it has otherwise. */
export interface Live {
  readonly mutant: Mutant;
  readonly mutated: Mutated;
  readonly triggers: ReadonlyMap<string, string | null>;
}

/** Mutants that are to be noticed, and those that a machine proved to answer as the original does, whatever the state. */
export interface SortedMutants {
  readonly live: readonly Live[];
  readonly equivalent: readonly Survivor[];
}

/** What notices mutants: the witnesses and the cases of the write matrix. */
export interface Noticing {
  readonly witnesses: readonly Witness[];
  readonly matrices: readonly Matrix[];
}

/** Reads the mutants. One that is no sheet any more is none, nor is one that compiles to the very SQL of the original. */
export function sortMutants(compiled: Compiled, mutants: readonly Mutant[]): SortedMutants {
  const original = originalOf(compiled);
  const live: Live[] = [];
  const equivalent: Survivor[] = [];
  for (const mutant of mutants) {
    const read = mutant.read();
    if (read === null) continue;
    const mutated = shareParts(compiled, read);
    const triggers = changedTriggers(original, mutated);
    if (triggers.size === 0 && isSameShape(compiled.catalogue, mutated.catalogue)) continue;
    const { rule, operator, change } = mutant;
    const proof = isEquivalent(compiled, mutated);
    if (proof === null) live.push({ mutant, mutated, triggers });
    else equivalent.push({ rule, operator, change, why: proof });
  }
  return { live, equivalent };
}

/** The mutants that nothing notices, tried in worlds of their own. */
export function runMutants(compiled: Compiled, live: readonly Live[], noticing: Noticing): readonly Live[] {
  return withWorlds(compiled, (worlds) => unnoticedIn(worlds, compiled, live, noticing), openBareWorld);
}

/** The same in worlds that are there already; they are left with triggers of mutants. */
export function unnoticedIn(worlds: Worlds, compiled: Compiled, live: readonly Live[], noticing: Noticing): readonly Live[] {
  const checks = indexed(checksOf(compiled, noticing));
  return live.filter((each) => !isNoticed(compiled, { ...each, checks, worlds }));
}

interface Check {
  readonly rule: string;
  readonly pins: ReadonlySet<string>;
  readonly state: Rows;
  /** The triggers that its statement may fire, directly or through effects, by name. */
  readonly fires: ReadonlySet<string>;
  /** Whether the engine answers otherwise than the original does. */
  notices(world: World): boolean;
  /** Whether the interpreter says that it will; null for a case of the write matrix, which only the engine reads. */
  readonly foresees: ((compiled: Compiled, mutated: Mutated) => boolean) | null;
}

const noPins: ReadonlySet<string> = new Set();

function checksOf(compiled: Compiled, { witnesses, matrices }: Noticing): readonly Check[] {
  const known = new Set(compiled.normal.guards.map(({ id }) => id));
  const reach = reachOf(compiled);
  const shown = witnesses.map((witness): Check => {
    const { tables, triggers } = reach(witness.write.table, witness.write.op);
    return {
      rule: witness.rule,
      pins: new Set(witness.pins),
      state: witness.state,
      fires: triggers,
      notices: (world) => world.try(witness.write, witness.expected, tables) !== null,
      foresees: (of, mutated) => !isSameAnswer(witness.expected, expectedOf(judgeWrite({ ...of, ...mutated }, witness))),
    };
  });
  const cases = matrices.flatMap(({ state, cases: all }) =>
    all.flatMap((each): readonly Check[] => {
      if (each.form === "variant") return [];
      const table = /"((?:[^"]|"")+)"/.exec(each.sql)?.[1] ?? "";
      const op = each.sql.slice(0, 6).toLowerCase();
      return [
        {
          rule: each.rule,
          pins: noPins,
          state,
          fires: op === "delete" ? new Set([`${table}_before_delete`]) : reach(table, op === "insert" ? "insert" : "update").triggers,
          notices: (world) => tryCase(known, world, each) !== null,
          foresees: null,
        },
      ];
    }),
  );
  return [...shown, ...cases];
}

interface Reach {
  readonly tables: ReadonlySet<string>;
  readonly triggers: ReadonlySet<string>;
}

/** What a write may fire and change, by the effects that stand in its triggers and in theirs; an effect of a mutant writes no other tables. */
function reachOf({ normal }: Compiled): (table: string, op: "insert" | "update") => Reach {
  const found = new Map<string, Reach>();
  return (table, op) => {
    const reached = found.get(`${table} ${op}`);
    if (reached !== undefined) return reached;
    const events = new Map([[`${table} ${op}`, { table, op }]]);
    // A map that grows is gone through to its end.
    for (const event of events.values()) {
      for (const effect of normal.effects.filter((each) => standsIn(each, event.table, event.op))) {
        const written = writtenBy(effect);
        events.set(`${written.table} ${written.on}`, { table: written.table, op: written.on });
      }
      // Marks are set by an update of the row itself.
      events.set(`${event.table} update`, { table: event.table, op: "update" });
    }
    const all = [...events.values()];
    const reachable: Reach = {
      tables: new Set(all.map((event) => event.table)),
      triggers: new Set(all.flatMap((event) => [`${event.table}_before_${event.op}`, `${event.table}_after_${event.op}`])),
    };
    found.set(`${table} ${op}`, reachable);
    return reachable;
  };
}

/** All checks, found by the triggers that they fire and by what they are about. */
interface Checks {
  /** Those that fire one of these, in order. */
  firedBy(triggers: readonly string[]): readonly Check[];
  /** Whether a check is about this rule or declaration. */
  about(rule: string): (check: Check) => boolean;
}

function indexed(checks: readonly Check[]): Checks {
  const fired = new Map<string, readonly Check[]>();
  const rules = new Set(checks.map(({ rule }) => rule));
  return {
    firedBy: (triggers) => {
      const name = [...triggers].sort().join(" ");
      const found = fired.get(name) ?? checks.filter(({ fires }) => triggers.some((trigger) => fires.has(trigger)));
      fired.set(name, found);
      return found;
    },
    about: (rule) => {
      const own = new Set([...rules].filter((checked) => isAbout(checked, rule)));
      return (check) => own.has(check.rule);
    },
  };
}

interface Trial extends Live {
  readonly checks: Checks;
  readonly worlds: Worlds;
}

function isNoticed(compiled: Compiled, { mutant, mutated, triggers, checks, worlds }: Trial): boolean {
  if (!isSameShape(compiled.catalogue, mutated.catalogue)) return false;
  const { pin, rule } = mutant;
  const fired = checks.firedBy([...triggers.keys()]);
  const isSeen = (check: Check): boolean => {
    const world = worlds.of(check.state);
    world.retrigger(triggers, check.fires);
    return check.notices(world);
  };
  if (pin !== null && fired.some((check) => check.pins.has(pin) && isSeen(check))) return true;
  const isOwn = checks.about(rule);
  const rest = fired.filter((check) => pin === null || !check.pins.has(pin));
  const [own, others] = [rest.filter(isOwn), rest.filter((check) => !isOwn(check))];
  if (own.some((check) => check.foresees === null && isSeen(check))) return true;
  // The interpreter is asked which witness notices it: that is quicker than exchanging triggers for each. What it does not
  // foresee is not looked for, which can only leave a mutant alive.
  if ([...own, ...others].some((check) => check.foresees?.(compiled, mutated) === true && isSeen(check))) return true;
  return others.some((check) => check.foresees === null && isSeen(check));
}

function isAbout(checked: string, rule: string): boolean {
  return checked === rule || checked.startsWith(`${rule}.`) || rule.startsWith(`${checked}.`);
}
