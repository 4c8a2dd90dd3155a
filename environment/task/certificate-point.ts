/** The points of the certificate, and what their checks share. */
import type { Compiled } from "../compile/compile-sheet.js";
import type { GoldWrite } from "./gold.js";
import type { TaskDescription } from "./task-description.js";
import type { Call, Trial } from "../compare/trial.js";

/** The points, in the order in which they are judged. */
export const certificatePoints = ["replay", "idle", "necessary", "repeat", "altered", "invariants", "determined", "difficulty"] as const;

/** One point: `evidence` says in a line each what was tried and what came of it; of a failed point, what is wrong comes first. */
export type CertificatePoint = {
  readonly name: (typeof certificatePoints)[number];
  readonly ok: boolean;
  readonly evidence: readonly string[];
};

export type CertifyInput = {
  readonly compiled: Compiled;
  readonly origin: Buffer;
  readonly target: Buffer;
  /** Every accepted write in order, `authenticate` among them. */
  readonly log: readonly Call[];
  readonly description: TaskDescription;
  /** Rules that refused a write in the episode, for the difficulty. */
  readonly refusals?: readonly string[];
  /** How many other values of an argument are tried at most; all that there are unless given. */
  readonly alterations?: number;
  /** A trial of this task where one is open already; else one is opened, and closed again. */
  readonly trial?: Trial;
  /** What was recorded of the difficulty, when an older certificate is checked. */
  readonly recorded?: { readonly difficulty: string; readonly tags: readonly string[] };
};

/** What the checks of the points share. */
export type CertifyContext = CertifyInput & { readonly trial: Trial; readonly gold: readonly GoldWrite[] };

/** A point without its name. */
export type Verdict = Omit<CertificatePoint, "name">;

/** A verdict from what is wrong and what was found in order. */
export function verdictOf(wrong: readonly string[], right: readonly string[]): Verdict {
  return { ok: wrong.length === 0, evidence: [...wrong, ...right] };
}
