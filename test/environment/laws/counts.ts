/** Counts as tables for a person to read. */
import { chainsBetween, type Counts } from "./one-meaning.js";

/** What was reached by "one meaning, twice": by kind of rule, by kind of declaration, and the chains of effects. */
export function describeCounts({ sheets, rules, writes, accepted, refused, kinds, chains }: Counts): string {
  const byName = [...kinds].sort(([a], [b]) => a.localeCompare(b));
  const line = ([name, count]: readonly [string, { readonly accepted: number; readonly refused: number }]) =>
    `${name.padEnd(32)} ${String(count.accepted).padStart(8)} ${String(count.refused).padStart(8)}`;
  return [
    `${sheets} sheets, ${rules} rules, ${writes} writes: ${accepted} accepted, ${refused} refused`,
    `${"kind of rule".padEnd(32)} accepted  refused   (of an effect: fired; calls refused for what it wrote)`,
    ...byName.filter(([name]) => !name.endsWith(" of declaration")).map(line),
    `${"kind of declaration".padEnd(32)} accepted  refused`,
    ...byName
      .filter(([name]) => name.endsWith(" of declaration"))
      .map(([name, count]) => line([name.replace(" of declaration", ""), count])),
    `chains of effects: ${chainsBetween({ chains })} times one set another off`,
    ...[...chains].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `${name.padEnd(40)} ${String(count).padStart(6)}`),
  ].join("\n");
}
