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
  test("takes arguments as name=value and as JSON", async () => {
    const playable = task();
    expect(await answerTyped(playable, 'insert_loans code=saw days=3 note="two words"')).toContain('"note":"two words"');
    expect(await answerTyped(playable, 'insert_loans {"code":"axe","days":2}')).toContain('done: {"id":2');
  });

  test("shows after a write what followed, the diff so far and the reward", async () => {
    const answer = await answerTyped(task(), "insert_loans code=saw days=3");
    expect(answer).toContain('and in members {"id":"m1"}: {"loans_out":1}');
    expect(answer).toContain("diff: none, this is the target");
    expect(answer).toContain("reward: target reached, p 1.000");
  });

  test("shows a refusal with its rule, message and hint", async () => {
    const playable = task();
    await answerTyped(playable, "insert_loans code=saw days=3");
    await answerTyped(playable, "insert_loans code=saw days=3");
    expect(await answerTyped(playable, "insert_loans code=saw days=3")).toBe(
      "refused: POLICY_VIOLATION by loan.quota\n  A member has at most 2 loans that are out.\n  Take a tool back first.",
    );
  });

  test("shows of a refusal task how much of what establishes the refusal was read", async () => {
    const desk = openDesk();
    const reads = { rows: [{ table: "members", key: { id: "m2" } }], tables: ["loans"] };
    const playable = openPlayable({ ...desk, target: desk.origin, actor: "m1", reads });
    expect(await answerTyped(playable, "reward")).toMatch(/\nreads that the refusal stands on: 0 of 2$/);
    await answerTyped(playable, "query_loans");
    expect(await answerTyped(playable, "reward")).toMatch(/\nreads that the refusal stands on: 1 of 2$/);
  });

  test("shows rows as a table", async () => {
    expect(await answerTyped(task(), "query_members")).toBe("id  name  loans_out\nm1  Ada           0\nm2  Béa           0");
  });

  test("lists tools, describes one, and says what is unreadable", async () => {
    const playable = task();
    expect(await answerTyped(playable, "tools")).toContain("insert_loans");
    expect(await answerTyped(playable, "tool update_loans")).toContain("status?: string (OUT, RETURNED)");
    expect(await answerTyped(playable, "insert_loans {")).toContain("Cannot read JSON");
    expect(await answerTyped(playable, "lend")).toContain("refused: UNKNOWN_TOOL");
  });

  test("shows what is missing, and goes back to the origin", async () => {
    const playable = task();
    await answerTyped(playable, "insert_loans code=axe days=3");
    expect(await answerTyped(playable, "diff")).toMatch(/^diff: 1 missing, 1 collateral/);
    expect(await answerTyped(playable, "reset")).toBe("back at the origin");
    expect(await answerTyped(playable, "diff")).toMatch(/^diff: 2 missing, 0 collateral/);
  });
});
