import { describe, expect, test } from "vitest";
import { openSession } from "../../environment/engine/session.js";
import { readsMade, refusalReads } from "../../environment/task/refusal-reads.js";
import type { Call } from "../../environment/compare/trial.js";
import { libraryOrigin, toolLibrary } from "../doubles/tool-library.js";

const compiled = toolLibrary();
const origin = libraryOrigin(compiled);
const log = [{ tool: "authenticate", arguments: { id: "m1", pin: "1234" } }];

const third = { tool: "insert_loans", arguments: { tool_code: "D2", days: 3, fee: 9 }, rule: "loans.two" };
const wrongFee = { tool: "insert_loans", arguments: { tool_code: "D2", days: 3, fee: 8 }, rule: "loans.fee_due" };
const other = { tool: "update_loans", arguments: { id: 3, status: "BACK" }, rule: "loans.own" };

function made(refusal: typeof third | typeof other, calls: readonly Call[]) {
  const reads = refusalReads({ compiled, origin, log, refusal });
  if (reads === null) throw new Error("Cannot tell the reads");
  const session = openSession({ compiled, origin });
  try {
    return readsMade(
      compiled,
      reads,
      [...log, ...calls].map(({ tool, arguments: given }) => ({ tool, result: session.call(tool, given) })),
    );
  } finally {
    session.close();
  }
}

describe("refusalReads()", () => {
  test("needs of a quota the rows that fill it", () => {
    expect(refusalReads({ compiled, origin, log, refusal: third })).toEqual({
      rows: [
        { table: "loans", key: { id: 1n } },
        { table: "loans", key: { id: 2n } },
      ],
      tables: [],
    });
  });

  test("needs of a calculation the row at the end of the reference", () => {
    expect(refusalReads({ compiled, origin, log, refusal: wrongFee })).toEqual({
      rows: [{ table: "tools", key: { code: "D2" } }],
      tables: [],
    });
  });

  test("needs of a change the row to be changed, and never the user's own", () => {
    expect(refusalReads({ compiled, origin, log, refusal: other })).toEqual({ rows: [{ table: "loans", key: { id: 3n } }], tables: [] });
  });

  test("needs a query of the table where a row set finds nothing", () => {
    const refusal = { ...third, rule: "loans.two" };
    const nobody = [
      { tool: "authenticate", arguments: { id: "m2", pin: "9876" } },
      { tool: "update_loans", arguments: { id: 3, status: "BACK" } },
    ];
    expect(refusalReads({ compiled, origin, log: nobody, refusal })).toEqual({ rows: [], tables: ["loans"] });
  });

  test("tells nothing of a rule that is not the table's", () => {
    expect(refusalReads({ compiled, origin, log, refusal: { ...third, rule: "tools.daily_fee.fixed" } })).toBeNull();
    expect(refusalReads({ compiled, origin, log, refusal: { tool: "query_loans", arguments: {}, rule: "loans.two" } })).toBeNull();
  });
});

describe("readsMade()", () => {
  test("holds when queries returned every row, one by one or together", () => {
    expect(made(third, [{ tool: "query_loans", arguments: { member_id: "m1" } }])).toEqual({ needed: 2, made: 2, established: true });
    const apart = [1, 2].map((id) => ({ tool: "query_loans", arguments: { id } }));
    expect(made(third, apart)).toMatchObject({ established: true });
  });

  test("fails when a row was not returned, or no query was made", () => {
    expect(made(third, [{ tool: "query_loans", arguments: { limit: 1 } }])).toEqual({ needed: 2, made: 1, established: false });
    expect(made(third, [])).toEqual({ needed: 2, made: 0, established: false });
    expect(made(third, [{ tool: "query_tools", arguments: {} }])).toMatchObject({ established: false });
  });

  test("takes no refused query and no write for a read", () => {
    expect(made(other, [{ tool: "query_loans", arguments: { id: "three" } }])).toMatchObject({ made: 0 });
    expect(made(other, [{ tool: "update_loans", arguments: { id: 3, status: "BACK" } }])).toMatchObject({ made: 0 });
  });
});
