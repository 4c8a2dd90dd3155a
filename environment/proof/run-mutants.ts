/**
 * Mutants against the witnesses of the original, on the engine: each is tried until the first witness notices it.
 *
 * Only the triggers that a mutant changes are exchanged, in worlds that stand open, and only writes that fire one of them
 * are tried: those found for just this change first, then those of its rule, then the others.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import { writtenBy, standsIn } from "../compile/effect-graph.js";
import { changedTriggers, isSameShape, type Original, originalOf } from "./changed-triggers.js";
import { isEquivalent } from "./equivalent.js";
import type { Mutant, Mutated } from "./mutant.js";
import { shareParts } from "./share-parts.js";
import { judgeWrite } from "./witness-oracle.js";
import { isSameState, openBareWorld, type Witness, type World } from "./witness-run.js";
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

export interface MutantRun {
  readonly total: number;
  readonly survivors: readonly Survivor[];
  readonly by_operator: Readonly<Record<string, { readonly total: number; readonly killed: number }>>;
  /** How many were tried of each rule and declaration. */
  readonly by_rule: ReadonlyMap<string, number>;
  /** Survivors taken out since a machine proved that they answer as the original does, whatever the state. */
  readonly equivalent: readonly Survivor[];
}

/** What notices mutants: the witnesses and the cases of the write matrix. */
export interface Noticing {
  readonly witnesses: readonly Witness[];
  readonly matrices: readonly Matrix[];
}

/**
 * Runs the mutants. One that is no sheet any more is none, nor is one that compiles to the very SQL of the original; one that
 * is proven equivalent is told apart.
 */
export function runMutants(compiled: Compiled, mutants: readonly Mutant[], noticing: Noticing): MutantRun {
  return withWorlds(compiled, (worlds) => tryMutants(worlds, compiled, { mutants, ...noticing }), openBareWorld);
}

/** The same in worlds that are there already. */
export function tryMutants(
  worlds: Worlds,
  compiled: Compiled,
  { mutants, ...noticing }: Noticing & { readonly mutants: readonly Mutant[] },
): MutantRun {
  const original = originalOf(compiled);
  const checks = indexed(checksOf(compiled, noticing));
  const unnoticed: Survivor[] = [];
  const equivalent: Survivor[] = [];
  const tally = new Map<string, { total: number; killed: number }>();
  const byRule = new Map<string, number>();
  for (const mutant of mutants) {
    const read = mutant.read();
    if (read === null) continue;
    const mutated = shareParts(compiled, read);
    const triggers = changedTriggers(original, mutated);
    if (triggers.size === 0 && isSameShape(compiled.catalogue, mutated.catalogue)) continue;
    const { rule, operator, change } = mutant;
    const proof = isEquivalent(compiled, mutated);
    if (proof !== null) {
      equivalent.push({ rule, operator, change, why: proof });
      continue;
    }
    const isKilled = isNoticed(original, { mutant, mutated, triggers, checks, worlds });
    if (!isKilled) unnoticed.push({ rule, operator, change, why: `none of ${checks.count} witnesses and matrix cases answers otherwise` });
    const count = tally.get(operator) ?? { total: 0, killed: 0 };
    tally.set(operator, { total: count.total + 1, killed: count.killed + Number(isKilled) });
    byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
  }
  const total = [...tally.values()].reduce((sum, each) => sum + each.total, 0);
  return {
    total,
    survivors: unnoticed,
    by_operator: Object.fromEntries([...tally].sort(([a], [b]) => (a < b ? -1 : 1))),
    by_rule: byRule,
    equivalent,
  };
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
      foresees: (of, mutated) => isAnsweredOtherwise({ ...of, ...mutated }, witness),
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

function isAnsweredOtherwise(mutated: Compiled, { state, write, expected }: Witness): boolean {
  const verdict = judgeWrite(mutated, { state, write });
  if (expected.kind === "refused") return verdict.kind === "accepted" || verdict.rule !== expected.rule;
  return verdict.kind === "refused" || !isSameState(verdict.state, expected.after);
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
  readonly count: number;
  /** Those that fire one of these, in order. */
  firedBy(triggers: readonly string[]): readonly Check[];
  /** Whether a check is about this rule or declaration. */
  about(rule: string): (check: Check) => boolean;
}

function indexed(checks: readonly Check[]): Checks {
  const fired = new Map<string, readonly Check[]>();
  const rules = new Set(checks.map(({ rule }) => rule));
  return {
    count: checks.length,
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

interface Trial {
  readonly mutant: Mutant;
  readonly mutated: Mutated;
  readonly triggers: ReadonlyMap<string, string | null>;
  readonly checks: Checks;
  readonly worlds: Worlds;
}

function isNoticed({ compiled }: Original, { mutant, mutated, triggers, checks, worlds }: Trial): boolean {
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
