import { describe, expect, test } from "vitest";
import { openPlayable } from "../../cli/playable.js";
import { answerTyped } from "../../cli/play-prompt.js";
import { openSession } from "../../environment/engine/session.js";
import { writeSnapshot } from "../../environment/engine/snapshot.js";
import { openDesk } from "../doubles/lending-desk.js";

function task() {
  const desk = openDesk();
  const session = openSession(desk);
  session.call("authenticate", { id: "m1", pin: "1111" });
  session.call("insert_loans", { code: "saw", days: 3 });
  return openPlayable({ ...desk, target: writeSnapshot(session.db), actor: "m1" });
}

describe("answerTyped()", () => {
  test("takes arguments as name=value and as JSON", () => {
    const playable = task();
    expect(answerTyped(playable, 'insert_loans code=saw days=3 note="two words"')).toContain('"note":"two words"');
    expect(answerTyped(playable, 'insert_loans {"code":"axe","days":2}')).toContain('done: {"id":2');
  });

  test("shows after a write what followed, the diff so far and the reward", () => {
    const answer = answerTyped(task(), "insert_loans code=saw days=3");
    expect(answer).toContain('and in members {"id":"m1"}: {"loans_out":1}');
    expect(answer).toContain("diff: none, this is the target");
    expect(answer).toContain("reward: target reached, p 1.000");
  });

  test("shows a refusal with its rule, message and hint", () => {
    const playable = task();
    answerTyped(playable, "insert_loans code=saw days=3");
    answerTyped(playable, "insert_loans code=saw days=3");
    expect(answerTyped(playable, "insert_loans code=saw days=3")).toBe(
      "refused: POLICY_VIOLATION by loan.quota\n  A member has at most 2 loans that are out.\n  Take a tool back first.",
    );
  });

  test("shows rows as a table", () => {
    expect(answerTyped(task(), "query_members")).toBe("id  name  loans_out\nm1  Ada           0\nm2  Béa           0");
  });

  test("lists tools, describes one, and says what is unreadable", () => {
    const playable = task();
    expect(answerTyped(playable, "tools")).toContain("insert_loans");
    expect(answerTyped(playable, "tool update_loans")).toContain("status?: string (OUT, RETURNED)");
    expect(answerTyped(playable, "insert_loans {")).toContain("Cannot read JSON");
    expect(answerTyped(playable, "lend")).toContain("refused: UNKNOWN_TOOL");
  });

  test("shows what is missing, and goes back to the origin", () => {
    const playable = task();
    answerTyped(playable, "insert_loans code=axe days=3");
    expect(answerTyped(playable, "diff")).toMatch(/^diff: 1 missing, 1 collateral/);
    expect(answerTyped(playable, "reset")).toBe("back at the origin");
    expect(answerTyped(playable, "diff")).toMatch(/^diff: 2 missing, 0 collateral/);
  });
});
