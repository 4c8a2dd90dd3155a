/**
 * The proof of an environment: witnesses of every rule and the whole write matrix executed on the engine, and how many
 * small slips of the sheet they notice.
 */
import type { Compiled } from "../compile/compile-sheet.js";
import type { Write } from "../compile/interpret-write.js";
import type { Mutant } from "./mutant.js";
import { mutantsOf } from "./mutants.js";
import { type MutationReport, mutationReport } from "./mutation-report.js";
import { type Live, runMutants, sortMutants, unnoticedIn } from "./run-mutants.js";
import type { Row, Rows } from "../core/values.js";
import { findWitnesses } from "./witness.js";
import { actorRefusal } from "./witness-actor.js";
import { beginSearch } from "./witness-begin.js";
import { hunt } from "./witness-hunt.js";
import type { Witness, World } from "./witness-run.js";
import { withWorlds, type Worlds } from "./worlds.js";
import { matricesOf, type Matrix, tryMatrices } from "./write-matrix.js";

/** Something that is not as it should be, in a sentence that can be sent to the author as it is. */
export interface Failure {
  readonly rule: string;
  readonly message: string;
}

/** Witnesses run, and those that fail: not found, or answered otherwise by the engine. */
export interface Evidence {
  readonly run: number;
  readonly failed: readonly Failure[];
}

export interface Proof {
  readonly ok: boolean;
  readonly witnesses: Evidence;
  readonly matrix: Evidence;
  readonly mutants: MutationReport;
}

/** How hard to look: interpreted writes at most; a seeded generator; the mutants to try (all, unless said). */
export interface ProofOptions {
  readonly work: number;
  readonly random: () => number;
  readonly mutants?: number;
  /** Rules that other evidence has already seen refuse: not finding a witness of theirs is no failure. */
  readonly shown?: ReadonlySet<string>;
}

/** The witnesses of a sheet and its write matrix, with what the engine did on them; what fails on the sheet itself tells nothing of a mutant. */
interface Conformance {
  readonly witnesses: Evidence;
  readonly matrix: Evidence;
  readonly held: { readonly witnesses: readonly Witness[]; readonly matrices: readonly Matrix[] };
  /** Interpreted writes that finding the witnesses took. */
  readonly work: number;
}

/** Finds the witnesses of every rule, runs them and the write matrix on the engine. Deterministic for equal options. */
function checkConformance(worlds: Worlds, compiled: Compiled, options: ProofOptions): Conformance {
  const { witnesses, unshown, state, work } = findWitnesses(compiled, options);
  const open = unshown.filter(({ rule }) => options.shown?.has(rule) !== true).map(({ rule, message }) => ({ rule, message }));
  const tried = tryWitnesses(worlds, witnesses);
  // Where nobody can be authenticated, every statement is refused for that.
  const matrices = actorRefusal(compiled, state) === null ? matricesOf(compiled, state, witnesses) : [];
  const { run, failed, held } = tryMatrices(worlds, compiled, matrices);
  return {
    witnesses: { run: witnesses.length, failed: [...open, ...tried.map(({ failure }) => failure)] },
    matrix: { run, failed },
    held: { witnesses: without(witnesses, tried), matrices: held },
    work,
  };
}

/** The whole proof. `ok` where every witness and every case of the matrix holds; the mutation score is told beside it. */
export function prove(compiled: Compiled, options: ProofOptions): Proof {
  return withWorlds(compiled, (worlds) => proveIn(worlds, compiled, options));
}

function proveIn(worlds: Worlds, compiled: Compiled, options: ProofOptions): Proof {
  const { witnesses, matrix, held, work } = checkConformance(worlds, compiled, options);
  const sorted = sortMutants(compiled, chosen(mutantsOf(compiled), options));
  const unnoticed = unnoticedIn(worlds, compiled, sorted.live, held);
  const second = secondLook(compiled, { unnoticed, held, options: { ...options, work: options.work - work } });
  const run = witnesses.run + second.witnesses.run;
  const failed = [...witnesses.failed, ...second.witnesses.failed];
  const ok = failed.length === 0 && matrix.failed.length === 0;
  const mutants = mutationReport(compiled, sorted, { unnoticed: second.unnoticed, checks: run + matrix.run, ok });
  return { ok, witnesses: { run, failed }, matrix, mutants: options.mutants === undefined ? mutants : { ...mutants, few: [] } };
}

/** What nobody noticed is looked for by lot, near the witnesses that hold; what is found is executed like them. */
function secondLook(
  compiled: Compiled,
  { unnoticed, held, options }: { readonly unnoticed: readonly Live[]; readonly held: Conformance["held"]; readonly options: ProofOptions },
): { readonly witnesses: Evidence; readonly unnoticed: readonly Live[] } {
  const quarry = unnoticed.map(({ mutant: { rule, change }, mutated }) => ({
    rule,
    shows: `where ${change}, it would answer otherwise`,
    mutated,
  }));
  const found = hunt(beginSearch(compiled, options), quarry, held.witnesses).witnesses;
  const failed = withWorlds(compiled, (worlds) => tryWitnesses(worlds, found));
  return {
    witnesses: { run: found.length, failed: failed.map(({ failure }) => failure) },
    unnoticed: runMutants(compiled, unnoticed, { witnesses: without(found, failed), matrices: [] }),
  };
}

/** Runs witnesses on the engine, those over one state in one database; what fails is said in full. */
export function runWitnesses(compiled: Compiled, witnesses: readonly Witness[]): readonly Failure[] {
  return withWorlds(compiled, (worlds) => tryWitnesses(worlds, witnesses).map(({ failure }) => failure));
}

/** A witness that fails, and what it says. */
interface Failed {
  readonly witness: Witness;
  readonly failure: Failure;
}

function without(witnesses: readonly Witness[], failed: readonly Failed[]): readonly Witness[] {
  const fallen = new Set(failed.map(({ witness }) => witness));
  return witnesses.filter((each) => !fallen.has(each));
}

function tryWitnesses(worlds: Worlds, witnesses: readonly Witness[]): readonly Failed[] {
  const byState = new Map<Rows, Witness[]>();
  for (const witness of witnesses) {
    const group = byState.get(witness.state) ?? [];
    group.push(witness);
    byState.set(witness.state, group);
  }
  return [...byState].flatMap(([state, group]) => {
    const world = worlds.of(state);
    const { result, isChanged } = world.watch(() =>
      group.flatMap((witness) => runWitness(world, witness).map((failure) => ({ witness, failure }))),
    );
    if (!isChanged) return result;
    const left = group.filter((witness) => world.watch(() => runWitness(world, witness)).isChanged);
    worlds.discard(state);
    return [
      ...result,
      ...left.map((witness) => {
        const { rule, shows, write } = witness;
        const message = `Rule "${rule}" (${shows}): the write ${writeText(write)} was refused, and yet left the database changed`;
        return { witness, failure: { rule, message } };
      }),
    ];
  });
}

function runWitness(world: World, { rule, shows, write, expected }: Witness): readonly Failure[] {
  const fault = world.try(write, expected);
  if (fault === null) return [];
  const wanted = expected.kind === "accepted" ? "to be accepted" : `to be refused by "${expected.rule}"`;
  return [{ rule, message: `Rule "${rule}" (${shows}): the write ${writeText(write)} was expected ${wanted}, but was ${fault}` }];
}

function writeText(write: Write): string {
  return write.op === "insert"
    ? `insert into ${write.table} (${cellsText(write.values)})`
    : `update ${write.table} where ${cellsText(write.key)} set ${cellsText(write.set)}`;
}

function cellsText(row: Row): string {
  return Object.entries(row)
    .map(([column, value]) => `${column} = ${typeof value === "string" ? JSON.stringify(value) : String(value)}`)
    .join(", ");
}

/** As many mutants as asked for, drawn evenly over all; all of them unless a number is given. */
function chosen(mutants: readonly Mutant[], { mutants: wanted, random }: ProofOptions): readonly Mutant[] {
  if (wanted === undefined || wanted >= mutants.length) return mutants;
  const stride = mutants.length / wanted;
  const start = random() * stride;
  return Array.from({ length: wanted }, (_, index) => mutants[Math.floor(start + index * stride)]).filter((mutant) => mutant !== undefined);
}
