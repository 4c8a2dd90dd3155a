/**
 * One attempt of a Teacher at a certified task, against a User Simulator (paper 3.6, 4.1). Whatever happens is an attempt
 * with an outcome; it leaves one trajectory line as an artefact.
 */
import type { Place, Ref, Spent } from "../activities/contract.js";
import { converse } from "./converse.js";
import { openGate } from "./gate.js";
import { crewOf, type Queues } from "./crew.js";
import { concludeStory, tell } from "./story.js";

export interface DistilInput {
  readonly place: Place;
  readonly queues: Queues;
  readonly maxTurns: number;
  /** The certified task: description, environment, target. */
  readonly task: Ref;
}

export interface DistilResult {
  readonly trajectory: Ref;
  readonly verified: boolean;
  readonly outcome: string;
  readonly end: string;
  readonly line: string;
  readonly spent: Spent;
}

export async function distil({ place, queues, maxTurns, task }: DistilInput): Promise<DistilResult> {
  const crew = crewOf(queues, openGate(place.campaign));
  const label = `11 distil ${String(place.attempt)}`;
  const opened = await crew.run("openRollout", `${label} | the stage is set at the origin`, { at: { place, step: "open" }, task });
  const done = await converse({
    state: opened.state,
    maxTurns,
    opens: "other",
    other: (state, step) => crew.ask("userSpeaks", `${label} | ${step} | user`, { at: { place, step: `${step} user` }, state }),
    agent: (state, step, after) =>
      crew.ask("teacherSpeaks", `${label} | ${step} | teacher${after === "" ? "" : ` after ${after}`}`, {
        at: { place, step: `${step} teacher` },
        state,
      }),
    tools: (state, step, calls) => crew.run("runTools", `${label} | ${step} | ${calls}`, { at: { place, step: `${step} tools` }, state }),
  });
  const scored = await crew.run("scoreRollout", `${label} | reward after ${done.end}`, {
    at: { place, step: "score" },
    state: done.state,
    end: done.end,
    turns: done.turns,
  });
  tell([`**${scored.outcome}** after ${String(done.turns)} turns (${scored.end})`, "", scored.line]);
  concludeStory({ outcome: scored.outcome, cost: done.spent.money });
  return { ...scored, spent: done.spent };
}
