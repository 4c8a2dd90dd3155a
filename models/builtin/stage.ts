/** A stage on which customers act: a state, what the policy says, and whom and what there is to act with. */
import type { Compiled } from "../../environment/compile/compile-sheet.js";
import type { Rows } from "../../environment/core/values.js";
import type { Scalar } from "./reading/lab.js";
import type { Reading } from "./reading/read-policy.js";
import type { Thing } from "./reading/terms.js";
import { type Call, nowOf, scalarOf, withContext } from "./world.js";

/** Who and what there is to act with. */
export interface Stock {
  /** Somebody else than these customers. */
  other(people: readonly string[]): string;
  /** A customer of a rank below this one. */
  below(rank: string, people: readonly string[]): string;
  /** A row of a catalogue that nobody has taken. */
  item(thing: Thing, set: Readonly<Record<string, string | number>>): string;
}

export interface Stage {
  readonly compiled: Compiled;
  readonly reading: Reading;
  state: Rows;
  readonly stock: Stock;
  /** Of a history with a clock of its own: told of every call that was accepted; acts must not let time pass there. */
  readonly log?: (person: string, call: Call) => void;
}

/** An act could not be done; the message says which and why. */
export class ActRefused extends Error {
  override readonly name = "ActRefused";
}

/** What an act is given by label; `row` is the record acted on. */
export type Given = Readonly<Record<string, Scalar>>;

/** Lets time pass. @throws {ActRefused} If the stage has a clock of its own. */
export function wait(stage: Stage, steps: number): void {
  if (stage.log !== undefined) throw new ActRefused("time passes by itself here");
  stage.state = withContext(stage.compiled, stage.state, { now: nowOf(stage.state) + steps });
}

/** The newest record of a thing. @throws {ActRefused} If there is none. */
export function newest({ compiled, state }: Stage, thing: Thing): Scalar {
  const row = state[thing.table]?.at(-1);
  if (row === undefined) throw new ActRefused(`there is no ${thing.noun}`);
  return scalarOf(row[compiled.catalogue.tables[thing.table]?.key[0] ?? ""] ?? null);
}
