import { describe, expect, test } from "vitest";
import { turnAdvantages } from "../../environment/compare/advantages.js";

describe("turnAdvantages()", () => {
  test("adds negative turn rewards to the group-relative advantage, and no bonus for positive ones", () => {
    const { advantages, equal } = turnAdvantages({ terminal: [1, 0], turns: [[0.5, -0.1, 0.5], [-0.1]] }, { std: "population", eps: 0 });
    expect(equal).toBe(false);
    expect(advantages).toEqual([[1, 0.9, 1], [-1.1]]);
  });

  test("divides by the deviation of the sample unless told otherwise", () => {
    const { advantages } = turnAdvantages({ terminal: [1, 0], turns: [[0], [0]] });
    expect(advantages[0]?.[0]).toBeCloseTo(Math.SQRT1_2, 5);
  });

  test.each([
    [[1e308, 1e308, -1e308], 0],
    [[1e200, 1e200, -1e200], 1e-6],
    [[5e-324, 5e-324, 0], 0],
    [[Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE], 1e-6],
  ])("normalises %j (eps %d), whose sums and squares are no numbers", (terminal, eps) => {
    const { advantages } = turnAdvantages({ terminal, turns: [[0], [0], [-1]] }, { std: "population", eps });
    const expected = [Math.SQRT1_2, Math.SQRT1_2, -Math.SQRT2 - 1];
    expected.forEach((value, i) => {
      expect(advantages[i]?.[0]).toBeCloseTo(value, 9);
    });
  });

  test("stays finite with an eps that dwarfs the rewards, and with penalties at the end of the range", () => {
    const { advantages } = turnAdvantages({ terminal: [0, 5e-324], turns: [[-Number.MAX_VALUE], [0]] });
    expect(advantages).toEqual([[-Number.MAX_VALUE], [0]]);
  });

  test.each([[[1, 1, 1]], [[0]]])("gives an equal group %j no advantage but penalties, and says so", (terminal) => {
    expect(turnAdvantages({ terminal, turns: terminal.map(() => [0.5, -0.1]) })).toEqual({
      advantages: terminal.map(() => [0, -0.1]),
      equal: true,
    });
  });

  test("refuses a group whose lists do not fit, or with a number that is none", () => {
    expect(() => turnAdvantages({ terminal: [1], turns: [] })).toThrow(RangeError);
    expect(() => turnAdvantages({ terminal: [Number.NaN], turns: [[]] })).toThrow(RangeError);
  });
});
