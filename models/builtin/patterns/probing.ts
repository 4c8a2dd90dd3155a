/** Situations that several patterns need on both sides of their edge. */
import type { Attribute } from "../reading/attributes.js";
import type { Lab, Scene } from "../reading/lab.js";
import { actOf, creationOf, ladderOf, liveOf, type Terms, type Thing, thingOf, UnknownTerm } from "../reading/terms.js";

/** The listed values of an attribute without these. */
export function othersOf({ type }: Attribute, values: readonly string[]): string[] {
  return type.kind === "values" ? type.values.filter((value) => !values.includes(value)) : [];
}

/** The next rank down. @throws {UnknownTerm} If there is none. */
export function rankBelow(terms: Terms, rank: string): string {
  const { ranks } = ladderOf(terms);
  const below = ranks[ranks.indexOf(rank) - 1];
  if (below === undefined) throw new UnknownTerm(`No rank is below ${rank}`);
  return below;
}

/** The act by which customers take a thing into a state. @throws {UnknownTerm} If there is none. */
export function actInto(terms: Terms, thing: Thing, state: string): string {
  const act = terms.acts.find((each) => each.thing.table === thing.table && each.moves.some(({ to }) => to === state));
  if (act === undefined) throw new UnknownTerm(`No act takes ${thing.noun} to ${state}`);
  return act.phrase;
}

/** Steps at each bound of a scale, and just below. */
export function edgesOf({ from }: { readonly from: readonly { readonly steps: number }[] }): number[] {
  return from.flatMap(({ steps }) => [steps, steps - 1]);
}

/** The last that fits, one too many, and one more after something was given up. */
export function probeQuota(
  lab: Lab,
  terms: Terms,
  { children, max, person: personOf }: { readonly children: string; readonly max: number; readonly person: (scene: Scene) => string },
): void {
  const child = thingOf(terms, children);
  const open = creationOf(terms, child).phrase;
  const live = liveOf(terms, child);
  const leave = terms.acts.find(
    (act) => act.thing.table === child.table && act.moves.length > 0 && act.moves.every(({ to }) => !live.includes(to)),
  );
  for (const [before, verdict] of [
    [max - 1, "accepted"],
    [max, "refused"],
  ] as const) {
    lab.scene(`${before} there, one more`, (scene) => {
      const person = personOf(scene);
      for (let index = 0; index < before; index += 1) scene.do(person, open);
      scene.judge(person, open, verdict);
    });
  }
  if (leave === undefined) return;
  lab.scene(`${max} there, one given up, one more`, (scene) => {
    const person = personOf(scene);
    for (let index = 0; index < max; index += 1) scene.do(person, open);
    scene.do(person, leave.phrase);
    scene.judge(person, open, "accepted");
  });
}

interface Left {
  readonly act: string;
  readonly step: string;
  readonly holder: string;
  readonly left: number;
  readonly verdict: "accepted" | "refused";
  readonly off?: Readonly<Record<string, number>>;
}

/** Judges an act with so many steps left until a step: of a catalogue row, of the new record, or of one that exists. */
export function judgeLeft(scene: Scene, terms: Terms, { act: phrase, step, holder: noun, left, verdict, off = {} }: Left): void {
  const act = actOf(terms, phrase);
  const holder = thingOf(terms, noun);
  const person = scene.person();
  if (act.moves.length === 0 && holder.layer === "L0") {
    scene.judge(person, phrase, verdict, { set: { [noun]: scene.item(noun, { [step]: scene.now() + left }) }, off });
    return;
  }
  if (act.moves.length === 0 && holder.table === act.thing.table) {
    scene.judge(person, phrase, verdict, { set: { [step]: scene.now() + left }, off });
    return;
  }
  const target = holder.layer === "L2" ? holder : act.thing;
  const row = scene.do(person, creationOf(terms, target).phrase);
  const at = holder.layer === "L2" ? scene.read(noun, row, step) : scene.read(noun, scene.read(target.noun, row, noun), step);
  scene.wait(Number(at) - scene.now() - left);
  scene.judge(person, phrase, verdict, { off });
}
