/**
 * What crosses between workflows and activities: plain data, references instead of content, and short lines for people.
 * No zod and no `node:*` here, since workflow code imports it.
 */

/** SHA-256 digest of an artefact in the store, in hex. */
export type Ref = string;

/** Where in a campaign a piece of work belongs. Everything random is drawn from this and nothing else. */
export interface Place {
  readonly campaign: string;
  /** The configuration's random number. */
  readonly random: number;
  readonly scenario: string;
  /** From 1 in its scenario. */
  readonly environment: number;
  /** From 1 in its environment; null outside tasks. */
  readonly task: number | null;
  /** Distillation attempt, from 1; null outside. */
  readonly attempt: number | null;
}

/** Every activity is told where it works and which step of its workflow it is: the journal's key. */
export interface At {
  readonly place: Place;
  readonly step: string;
}

/** What a corrective round is given: the previous reply and the report on it, as artefacts. */
export interface CorrectionRefs {
  readonly previous: Ref;
  readonly report: Ref;
}

/** Tokens and money of one model call. */
export interface Spent {
  readonly tokens: number;
  readonly money: number;
}

/** A drafted artefact. `injected` tells an error that the built-in author put in on purpose; null for models. */
export type Drafted =
  | {
      readonly kind: "drafted";
      readonly artefact: Ref;
      readonly reply: Ref;
      readonly line: string;
      readonly injected: string | null;
      readonly spent: Spent;
    }
  | {
      readonly kind: "malformed";
      readonly reply: Ref;
      readonly report: Ref;
      readonly line: string;
      readonly injected: string | null;
      readonly spent: Spent;
    };

/** The outcome of a check; a failed one leaves a report fit to be sent back. */
export type Checked<Extra extends object = object> =
  | ({ readonly kind: "passed"; readonly line: string } & Extra)
  | { readonly kind: "failed"; readonly report: Ref; readonly problems: number; readonly line: string };

/** The stages of the pipeline, in order. */
export const stages = [
  "blueprint",
  "policy",
  "tables",
  "rules",
  "resources",
  "cast",
  "boundaries",
  "explore",
  "project",
  "certify",
  "distil",
] as const;
export type Stage = (typeof stages)[number];

/** One line of the funnel. */
export interface FunnelLine {
  readonly stage: string;
  readonly in: number;
  readonly out: number;
  readonly rejected: Readonly<Record<string, number>>;
}

/** What became of one thing in one stage. */
export interface StageEvent {
  readonly stage: Stage;
  /** `accepted`, or the reason of rejection as one or two words. */
  readonly outcome: string;
}

/** Corrective rounds of the Architect's and the Set Designer's stages, and what became of errors injected on purpose. */
export interface Rounds {
  readonly drafts: number;
  readonly corrections: number;
  readonly injected: number;
  readonly found: number;
  readonly repaired: number;
  readonly missed: number;
}

export const noRounds: Rounds = { drafts: 0, corrections: 0, injected: 0, found: 0, repaired: 0, missed: 0 };

/** The artefacts of a finished environment. */
export interface EnvironmentRefs {
  readonly seed: Ref;
  readonly policy: Ref;
  readonly sheet: Ref;
  readonly origin: Ref;
  readonly boundaries: Ref;
  readonly cast: Ref;
}

/** One package as the report lists it; `path` is relative to the campaign's folder. */
export interface PackageLine {
  readonly path: string;
  readonly difficulty: string;
  readonly verified: boolean;
}

/** How a conversation goes on after one message. */
export type Spoken =
  | { readonly kind: "said"; readonly state: Ref; readonly line: string; readonly spent: Spent }
  | { readonly kind: "called"; readonly state: Ref; readonly line: string; readonly spent: Spent }
  | { readonly kind: "ended"; readonly state: Ref; readonly end: string; readonly line: string; readonly spent: Spent };

/** After a batch of tool calls. `end` is set where the conversation is over by what they did. */
export interface Ran {
  readonly state: Ref;
  readonly line: string;
  readonly end: string | null;
}
