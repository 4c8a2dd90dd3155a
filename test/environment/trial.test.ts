import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changesOf } from "../../environment/compare/changes.js";
import { diffStates } from "../../environment/compare/diff.js";
import { viewOfEngine } from "../../environment/compare/state-view.js";
import { type Call, groundOf, isOff, openTrial, trialOn } from "../../environment/compare/trial.js";
import { openSnapshot } from "../../environment/engine/snapshot.js";
import { goldLog, libraryTask, stateAfter } from "../doubles/tool-library.js";

const task = libraryTask();
const view = viewOfEngine(task.compiled);

/** Shared by logs as the same objects, which is what a play goes back by. */
const calls: readonly Call[] = [
  ...goldLog,
  { tool: "update_loans", arguments: { id: 1, shelf: 2 } },
  { tool: "update_loans", arguments: { id: 1, note: "n" } },
  { tool: "update_loans", arguments: { id: 2, status: "RENEWING" } },
  { tool: "update_loans", arguments: { id: 4, shelf: 7 } },
  { tool: "insert_loans", arguments: { tool_code: "D1", days: 1, fee: 4 } },
  { tool: "insert_loans", arguments: { tool_code: "D1", days: 1, fee: 5 } },
];
const log = fc.array(fc.constantFrom(...calls), { maxLength: 5 }).map((rest) => [...goldLog.slice(0, 2), ...rest]);
const cut = fc.nat(7);

describe("Trial", () => {
  test("finds after any plays, calls added and looks between them what the whole state shows", () => {
    const trial = openTrial(task);
    const origin = openSnapshot(task.origin, { readonly: true });
    const wanted = openSnapshot(task.target, { readonly: true });
    let [seen, lost] = [0, 0];
    const look = (): void => {
      const diff = trial.distance();
      const whole = diffStates({ view, origin, wanted, found: trial.session.db });
      expect({ ...diff, rows: [] }).toEqual({ ...whole, rows: [] });
      expect(trial.isElsewhere()).toBe(isOff(diff));
      seen += 1;
    };
    fc.assert(
      fc.property(fc.array(fc.tuple(log, cut, cut), { minLength: 1, maxLength: 6 }), (plays) => {
        for (const [made, at, end] of plays) {
          trial.play(made.slice(0, at));
          if (end % 2 === 0) look();
          let isLost = trial.isLost();
          for (const call of made.slice(at, end)) {
            trial.add(call);
            isLost ||= trial.isLost();
          }
          look();
          if (!isLost) continue;
          expect(isOff(trial.distance())).toBe(true);
          lost += 1;
        }
      }),
      { numRuns: 80 },
    );
    expect(seen).toBeGreaterThan(100);
    expect(lost).toBeGreaterThan(20);
    expect(lost).toBeLessThan(seen / 2);
    for (const db of [origin, wanted]) db.close();
    trial.close();
  });

  test("is lost once a row was created that no call can mend", () => {
    const trial = openTrial(task);
    const [back, drill] = [goldLog.slice(0, 2), { tool_code: "D2", days: 3, fee: 9 }];
    trial.play(back);
    trial.add({ tool: "insert_loans", arguments: { ...drill, shelf: 3 } });
    expect([trial.isElsewhere(), trial.isLost()]).toEqual([true, false]);
    trial.add({ tool: "update_loans", arguments: { id: 4, shelf: 0 } });
    expect(trial.distance()).toMatchObject({ equal: true });
    trial.play(back);
    trial.add({ tool: "insert_loans", arguments: { ...drill, days: 2, fee: 6 } });
    expect([trial.isElsewhere(), trial.isLost()]).toEqual([true, true]);
    trial.close();
  });

  test("is open on a ground after another, and knows nothing of what that one did", () => {
    const ground = groundOf(task, openSnapshot(task.origin, { readonly: true }));
    const targets = [task.target, stateAfter(task.compiled, task.origin, goldLog.slice(0, 2))];
    const counts = targets.map((bytes, i) => {
      const target = openSnapshot(bytes, { readonly: true });
      const trial = trialOn(ground, { db: target, bytes });
      const start = trial.distance();
      expect(changesOf(view, ground.origin.db, trial.session.db).flatMap(({ created, changed }) => [...created, ...changed])).toEqual([]);
      trial.play(goldLog);
      trial.add(calls[3 + i] ?? goldLog[0] ?? { tool: "", arguments: {} });
      target.close();
      return start;
    });
    ground.close();
    expect(counts).toMatchObject([
      { missing: 2, collateral: 0 },
      { missing: 1, collateral: 0 },
    ]);
  });
});
