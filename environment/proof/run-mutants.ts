/** Mutants against the witnesses of the original, on the engine: each is tried until the first witness notices it. */
import type { Compiled } from "../compile/compile-sheet.js";
import type { Mutant } from "./mutant.js";
import { openWorld, stateText, type Witness, type World } from "./witness-run.js";
import { type Matrix, type MatrixCase, tryCase } from "./write-matrix.js";
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
}

/** What notices mutants: the witnesses and the cases of the write matrix. */
export interface Noticing {
  readonly witnesses: readonly Witness[];
  readonly matrices: readonly Matrix[];
}

/**
 * Runs the mutants. One that is no sheet any more is none; one that compiles to the very SQL of the original is proven
 * equivalent by that. Neither counts.
 */
export function runMutants(compiled: Compiled, mutants: readonly Mutant[], noticing: Noticing): MutantRun {
  const checks = checksOf(compiled, noticing);
  const worlds = new Map<string, World>();
  const survivors: Survivor[] = [];
  const tally = new Map<string, { total: number; killed: number }>();
  try {
    for (const mutant of mutants) {
      const changed = mutant.compile();
      if (changed === null || isSameSql(compiled, changed)) continue;
      const isKilled = isSameSchema(compiled, changed)
        ? isNoticed(compiled, { changed, mutant, checks, worlds })
        : isNoticedAnew({ changed, mutant, checks });
      const count = tally.get(mutant.operator) ?? { total: 0, killed: 0 };
      tally.set(mutant.operator, { total: count.total + 1, killed: count.killed + Number(isKilled) });
      const { rule, operator, change } = mutant;
      if (!isKilled)
        survivors.push({ rule, operator, change, why: `none of ${checks.length} witnesses and matrix cases answers otherwise` });
    }
  } finally {
    for (const world of worlds.values()) world.close();
  }
  const total = [...tally.values()].reduce((sum, each) => sum + each.total, 0);
  return { total, survivors, by_operator: Object.fromEntries([...tally].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

interface Check {
  readonly rule: string;
  readonly table: string;
  readonly state: Rows;
  readonly text: string;
  /** Whether the engine answers otherwise than the original does. */
  notices(world: World): boolean;
}

function checksOf(compiled: Compiled, { witnesses, matrices }: Noticing): readonly Check[] {
  const texts = new Map<Rows, string>();
  const textOf = (state: Rows): string => {
    const known = texts.get(state) ?? stateText(state);
    texts.set(state, known);
    return known;
  };
  const known = new Set(compiled.normal.guards.map(({ id }) => id));
  const shown = witnesses.map(
    (witness): Check => ({
      rule: witness.rule,
      table: witness.write.table,
      state: witness.state,
      text: textOf(witness.state),
      notices: (world) => world.try(witness.write, witness.expected) !== null,
    }),
  );
  const cases = matrices.flatMap(({ state, cases }) =>
    cases.map(
      (each: MatrixCase): Check => ({
        rule: each.rule,
        table: each.rule.split(".")[0] ?? "",
        state,
        text: textOf(state),
        notices: (world) => tryCase(known, world, each) !== null,
      }),
    ),
  );
  return [...shown, ...cases];
}

interface Trial {
  readonly changed: Compiled;
  readonly mutant: Mutant;
  readonly checks: readonly Check[];
}

function isNoticed(compiled: Compiled, { changed, mutant, checks, worlds }: Trial & { readonly worlds: Map<string, World> }): boolean {
  return ordered(checks, mutant).some((check) => {
    const world = worlds.get(check.text) ?? openWorld(compiled, check.state);
    worlds.set(check.text, world);
    world.retrigger(changed.triggerSql);
    return check.notices(world);
  });
}

/** A mutant with another schema has worlds of its own. */
function isNoticedAnew({ changed, mutant, checks }: Trial): boolean {
  const worlds = new Map<string, World | null>();
  try {
    return ordered(checks, mutant).some((check) => {
      const world = worlds.has(check.text) ? (worlds.get(check.text) ?? null) : openIfPossible(changed, check.state);
      worlds.set(check.text, world);
      // Rows that the mutant's schema refuses are noticed at once.
      return world === null || check.notices(world);
    });
  } finally {
    for (const world of worlds.values()) world?.close();
  }
}

function openIfPossible(changed: Compiled, state: Rows): World | null {
  try {
    return openWorld(changed, state);
  } catch {
    return null;
  }
}

/** The rule's own checks first, then those of its table. */
function ordered(checks: readonly Check[], { rule }: Mutant): readonly Check[] {
  const [table] = rule.split(".");
  const rank = (check: Check): number =>
    check.rule === rule || check.rule.startsWith(`${rule}.`) || rule.startsWith(`${check.rule}.`) ? 0 : check.table === table ? 1 : 2;
  return [...checks].sort((a, b) => rank(a) - rank(b));
}

function isSameSchema(a: Compiled, b: Compiled): boolean {
  return a.schemaSql.length === b.schemaSql.length && a.schemaSql.every((sql, index) => sql === b.schemaSql[index]);
}

function isSameSql(a: Compiled, b: Compiled): boolean {
  return (
    isSameSchema(a, b) && a.triggerSql.length === b.triggerSql.length && a.triggerSql.every((sql, index) => sql === b.triggerSql[index])
  );
}
