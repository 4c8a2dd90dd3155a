/**
 * The certificate: a machine-checkable proof that a task is sound (docs/package-format.md). A pure function of recorded
 * data: the environment, the two snapshots, the gold log and the description, so anyone can run it again.
 */
import { createHash } from "node:crypto";
import { alteredCall, otherValues } from "./alterations.js";
import {
  type CertificatePoint,
  certificatePoints,
  type CertifyContext,
  type CertifyInput,
  type Verdict,
  verdictOf,
} from "./certificate-point.js";
import { determinedPoint } from "./determined.js";
import { type Difficulty, difficultyOf } from "./difficulty.js";
import { businessArguments, type GoldWrite, goldWrites } from "./gold.js";
import { stringifyExactJson } from "../engine/exact-json.js";
import { type Check, harmCheck } from "./harm.js";
import { brokenInvariants } from "../engine/invariants.js";
import type { Value } from "../core/values.js";
import type { ToolResult } from "../engine/session.js";
import { writeSnapshot } from "../engine/snapshot.js";
import { describeDiff, isOff, openTrial, type Trial } from "../compare/trial.js";

export type Certificate = {
  readonly ok: boolean;
  readonly points: readonly CertificatePoint[];
  readonly difficulty: Difficulty["level"];
  readonly tags: readonly string[];
};

/** Checks every point; a point that cannot be tried fails and says why. @throws {Error} If a snapshot is no SQLite file. */
export function certify(input: CertifyInput): Certificate {
  if (input.trial !== undefined) return judge({ ...input, trial: input.trial });
  const trial = openTrial(input);
  try {
    return judge({ ...input, trial });
  } finally {
    trial.close();
  }
}

function judge(input: Omit<CertifyContext, "gold">): Certificate {
  const context: CertifyContext = { ...input, gold: goldWrites(input.compiled, input.log) };
  const difficulty = difficultyOf(context);
  const checks: Record<CertificatePoint["name"], () => Verdict> = {
    replay: () => replayPoint(context),
    idle: () => idlePoint(context),
    necessary: () => necessaryPoint(context),
    repeat: () => repeatPoint(context),
    altered: () => alteredPoint(context),
    invariants: () => invariantsPoint(context),
    determined: () => determinedPoint(context),
    difficulty: () => difficultyPoint(input, difficulty),
  };
  const points = certificatePoints.map((name): CertificatePoint => ({ name, ...checks[name]() }));
  return { ok: points.every((point) => point.ok), points, difficulty: difficulty.level, tags: difficulty.tags };
}

/** Made twice from the origin: both states are compared with the target, every column of every row. */
function replayPoint({ trial, target, log }: CertifyContext): Verdict {
  const [first, second] = [replayed(trial, log), replayed(trial, log)];
  const wrong = [...first.refused, ...second.refused];
  if (first.changes !== second.changes) wrong.push("two replays end in different states");
  const state = digestOf(target);
  if (!first.isAtTarget || !second.isAtTarget)
    wrong.push(`the log leads to ${digestOf(writeSnapshot(trial.session.db))}, the target is ${state}`);
  return verdictOf(wrong, [`${log.length} calls replayed twice, both end in ${state}`]);
}

type Replayed = { readonly changes: string; readonly isAtTarget: boolean; readonly refused: readonly string[] };

function replayed(trial: Trial, log: CertifyInput["log"]): Replayed {
  trial.reset();
  const refused = trial
    .play(log)
    .flatMap((result, i) => (result.ok ? [] : [`call ${i} (${log[i]?.tool ?? ""}) is refused: ${refusalText(result)}`]));
  return { changes: trial.changes(), isAtTarget: trial.isAtTarget(), refused };
}

function idlePoint(context: CertifyContext): Verdict {
  const { trial, description, gold } = context;
  trial.play([]);
  const diff = trial.distance();
  if (description.kind === "reach") {
    return isOff(diff)
      ? verdictOf([], [`doing nothing leaves ${describeDiff(diff)}`])
      : verdictOf(["doing nothing reaches the target, and the task is no refusal task"], []);
  }
  const wrong =
    isOff(diff) || diff.kind === "undecided" ? [`a refusal task's target is its origin; they differ: ${describeDiff(diff)}`] : [];
  if (gold.length > 0) wrong.push(`a refusal task has no gold write; this one has ${gold.length}`);
  const refused = refusalCheck(context);
  const harm = harmCheck(context);
  return verdictOf([...wrong, ...refused.wrong, ...harm.wrong], [...refused.right, ...harm.right]);
}

/** What the user asks for is refused at the origin, by the rule named. */
function refusalCheck({ trial, log, description }: CertifyContext): Check {
  const { refusal } = description;
  if (refusal === null) return { wrong: ["a refusal task must record the call that is refused"], right: [] };
  const result = trial.play([...log, refusal]).at(-1);
  const rule = result === undefined || result.ok ? null : result.error.violated_rule;
  if (rule === refusal.rule) return { wrong: [], right: [`${refusal.tool} is refused by ${rule}`] };
  return {
    wrong: [
      `${refusal.tool} should be refused by ${refusal.rule}; ${result?.ok === true ? "it is accepted" : `it is refused by ${rule ?? "no rule"}`}`,
    ],
    right: [],
  };
}

function necessaryPoint({ trial, log, gold }: CertifyContext): Verdict {
  const wrong: string[] = [];
  const right: string[] = [];
  for (const write of gold) {
    trial.play(log.slice(0, write.index));
    for (const rest of log.slice(write.index + 1)) trial.add(rest);
    const diff = trial.distance();
    if (isOff(diff)) right.push(`without ${write.call.tool} (call ${write.index}): ${describeDiff(diff)}`);
    else wrong.push(`${write.call.tool} (call ${write.index}) is not needed: without it ${describeDiff(diff)}`);
  }
  return verdictOf(wrong, gold.length === 0 ? ["no gold write"] : right);
}

function repeatPoint({ trial, log, gold }: CertifyContext): Verdict {
  const wrong: string[] = [];
  const right: string[] = [];
  for (const { index, call } of gold) {
    const name = `${call.tool} (call ${index}) a second time`;
    trial.play(log.slice(0, index + 1));
    const before = trial.changes();
    const again = trial.add(call);
    const changed = again.ok && trial.changes() !== before;
    if (!again.ok && again.error.code === "INTERNAL") wrong.push(`${name} makes the environment fail`);
    else if (!again.ok) right.push(`${name} is refused: ${refusalText(again)}`);
    else if (!changed) right.push(`${name} changes nothing`);
    else {
      for (const rest of log.slice(index + 1)) trial.add(rest);
      const diff = trial.distance();
      if (isOff(diff)) right.push(`${name}: ${describeDiff(diff)}`);
      else wrong.push(`${name} is accepted, changes the state and still reaches the target: ${describeDiff(diff)}`);
    }
  }
  return verdictOf(wrong, gold.length === 0 ? ["no gold write"] : right);
}

function alteredPoint(context: CertifyContext): Verdict {
  const { trial, log, gold, compiled } = context;
  const wrong: string[] = [];
  const right: string[] = [];
  for (const write of gold) {
    const { index, call } = write;
    trial.play(log.slice(0, index));
    const variants = businessArguments(write).map((argument) => ({
      argument,
      others: otherValues(compiled, { write, argument, db: trial.session.db }).slice(0, context.alterations),
    }));
    for (const { argument, others } of variants) {
      const name = `${call.tool}.${argument.name} (call ${index})`;
      const found = others.map((other) => playAltered(context, write, { name: argument.name, value: other }));
      for (const each of found) if (each.kind === "wrong") wrong.push(`${name} ${each.why}`);
      const count = (kind: Altered["kind"]) => found.filter((each) => each.kind === kind).length;
      right.push(
        others.length === 0
          ? `${name}: there is no other value to try`
          : `${name}: ${others.length} other values tried, ${count("refused")} refused, ${count("off")} miss the target`,
      );
    }
  }
  return verdictOf(wrong, gold.length === 0 ? ["no gold write"] : right);
}

/** What came of a log with one argument altered: it is refused, misses the target, or shows that something is wrong. */
type Altered = { readonly kind: "refused" | "off" } | { readonly kind: "wrong"; readonly why: string };

function playAltered(
  { trial, log }: CertifyContext,
  { index, call }: GoldWrite,
  { name, value }: { readonly name: string; readonly value: Value },
): Altered {
  trial.play(log.slice(0, index));
  const result = trial.add(alteredCall(call, name, value));
  if (!result.ok)
    return result.error.code === "INTERNAL"
      ? { kind: "wrong", why: `with ${stringifyExactJson(value)} makes the environment fail` }
      : { kind: "refused" };
  if (trial.isLost()) return { kind: "off" };
  for (const rest of log.slice(index + 1)) trial.add(rest);
  if (trial.isElsewhere()) return { kind: "off" };
  const found = describeDiff(trial.distance());
  return { kind: "wrong", why: `is not pinned: with ${stringifyExactJson(value)} the target is reached as well (${found})` };
}

function invariantsPoint({ compiled, trial }: CertifyContext): Verdict {
  const broken = brokenInvariants(trial.target, compiled).map(({ rule, table, message }) => `${rule} is broken in ${table}: ${message}`);
  return verdictOf(broken, ["every rule that holds of rows holds in the target, nothing is due, counters and references agree"]);
}

function difficultyPoint({ recorded, refusals, compiled }: CertifyInput, difficulty: Difficulty): Verdict {
  const known = new Set(compiled.normal.guards.map((guard) => guard.id));
  const wrong = (refusals ?? [])
    .filter((rule) => !known.has(rule))
    .map((rule) => `the episode records a refusal by "${rule}", which is no rule of this environment`);
  if (recorded !== undefined) {
    const tags = difficulty.tags.join(", ");
    if (recorded.difficulty !== difficulty.level) wrong.push(`recorded as ${recorded.difficulty}, found ${difficulty.level}`);
    if (recorded.tags.join(", ") !== tags) wrong.push(`recorded tags are ${recorded.tags.join(", ")}, found ${tags}`);
  }
  return verdictOf(wrong, difficulty.evidence);
}

function refusalText(result: ToolResult): string {
  return result.ok ? "" : (result.error.violated_rule ?? `${result.error.code}, ${result.error.message}`);
}

function digestOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}
