import { describe, expect, test } from "vitest";
import { renderPolicy } from "../../../../agents/architect-policy.js";
import { belongingOf } from "../../../../models/builtin/dialogue/agent-reading.js";
import { readPolicy } from "../../../../models/builtin/dialogue/policy-book.js";
import { readTools } from "../../../../models/builtin/dialogue/tool-book.js";
import { openToolRental } from "../../../doubles/tool-rental-shop.js";

const shop = openToolRental();
const book = readTools(shop.tools);
const rules = readPolicy(renderPolicy(shop.policy));
shop.session.close();

describe("readTools()", () => {
  test("finds the tables with labels, keys and references", () => {
    const loans = book.tables.get("loans");
    expect([loans?.label, loans?.plural, loans?.key, loans?.surrogate]).toEqual(["loan", "loans", ["id"], true]);
    expect(loans?.columns.get("machine_code")).toMatchObject({ label: "machine", references: "machines" });
    expect(loans?.columns.get("refund")).toMatchObject({ label: "refund", type: "integer" });
    expect(book.tables.get("machines")).toMatchObject({ label: "machine", key: ["machine_code"], surrogate: false });
    expect([...(book.tables.get("insurance_plans")?.columns.keys() ?? [])]).toEqual(["plan_code", "cover", "fee"]);
  });

  test("finds the acts by the phrases that people use", () => {
    expect(book.acts.map(({ phrase, tool, fixed, row }) => [phrase, tool, fixed, row?.from ?? null])).toEqual([
      ["reserve a machine", "insert_loans", {}, null],
      ["cancel a loan", "update_loans", { status: "CANCELLED" }, ["RESERVED"]],
      ["collect a machine", "update_loans", { status: "OUT" }, ["RESERVED"]],
      ["insure a loan", "insert_insurances", {}, null],
    ]);
  });

  test("tells what an act is pointed at from what it is told", () => {
    const [reserve, cancel, collect, insure] = book.acts;
    expect([reserve?.references.map(({ name }) => name), reserve?.values.map(({ name }) => name)]).toEqual([
      ["machine_code"],
      ["number_of_days", "price"],
    ]);
    expect([cancel?.values.map(({ name }) => name), collect?.values]).toEqual([["refund"], []]);
    expect(insure?.references.map(({ references }) => references)).toEqual(["loans", "insurance_plans"]);
  });

  test("finds who is identified, and by what", () => {
    expect(book.authenticate?.table).toBe("members");
    expect(book.authenticate?.evidence.map(({ label }) => label)).toEqual(["member number", "birth year"]);
  });
});

describe("belongingOf()", () => {
  test.each([
    ["loans", { kind: "own", column: "member_number" }],
    ["insurances", { kind: "within", column: "loan_id", parent: "loans" }],
    ["machines", null],
    ["members", null],
  ])("says how rows of %s belong to a customer", (table, belonging) => {
    expect(belongingOf({ book, rules }, table)).toEqual(belonging);
  });
});
