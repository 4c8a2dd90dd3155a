import { describe, expect, test } from "vitest";
import { toolsOf } from "../../environment/engine/tools.js";
import { compiledOf } from "../doubles/lending-desk.js";
import { lendingSheet } from "../doubles/lending-sheet.js";

const tools = toolsOf(compiledOf(lendingSheet));

function tool(name: string) {
  return tools.find((each) => each.name === name);
}

describe("toolsOf()", () => {
  test("gives a tool only for what an agent may do, in the order of the sheet", () => {
    expect(tools.map(({ name }) => name)).toEqual([
      "query_implements",
      "query_members",
      "query_loans",
      "insert_loans",
      "update_loans",
      "query_receipts",
      "authenticate",
      "transfer_to_human_agents",
    ]);
  });

  test("gives flat schemas: primitives with a description and perhaps an enum, and nothing more", () => {
    for (const { parameters } of tools) {
      expect(parameters).toMatchObject({ type: "object", additionalProperties: false });
      for (const property of Object.values(parameters.properties)) {
        expect(Object.keys(property).filter((key) => !["type", "description", "enum"].includes(key))).toEqual([]);
        expect(["string", "integer", "number", "boolean"]).toContain(property.type);
      }
    }
  });

  test("says in the insert tool what it creates, what must hold and what follows", () => {
    expect(tool("insert_loans")?.description).toMatch(
      /^Lend a tool: creates a loan\. Preconditions: .*A member has at most 2 loans that are out.* Side effects: .+\.$/,
    );
  });

  test("says in the update tool which moves there are", () => {
    expect(tool("update_loans")?.description).toMatch(/^Changes a loan\. To take a tool back set status to RETURNED \(from OUT\)\./);
  });

  test("takes for an insert what the agent gives, with what NULL means and where references lead", () => {
    expect(tool("insert_loans")?.parameters).toEqual({
      type: "object",
      properties: {
        code: { type: "string", description: "implement, the code of an implement (query_implements)" },
        days: { type: "integer", description: "length in days" },
        note: { type: "string", description: "note, left out where there is none" },
      },
      required: ["code", "days"],
      additionalProperties: false,
    });
  });

  test("takes for an update the key and what may change, every state among them", () => {
    expect(tool("update_loans")?.parameters).toMatchObject({
      properties: { id: { type: "integer" }, status: { enum: ["OUT", "RETURNED"] }, note: {} },
      required: ["id"],
    });
  });

  test("filters by equality, range and text, and never by evidence or marks", () => {
    expect(Object.keys(tool("query_members")?.parameters.properties ?? {})).toEqual([
      "id",
      "id_contains",
      "name",
      "name_contains",
      "loans_out",
      "loans_out_min",
      "loans_out_max",
      "sort_by",
      "descending",
      "limit",
      "cursor",
    ]);
    expect(Object.keys(tool("query_loans")?.parameters.properties ?? {})).not.toContain("logigen_mark");
  });

  test("asks in authenticate for the key and the evidence", () => {
    expect(tool("authenticate")?.parameters.required).toEqual(["id", "pin"]);
  });

  test("derives a name within 64 characters for a table whose name is too long", () => {
    const long = "a".repeat(63);
    const { implements: listed, ...others } = lendingSheet.tables;
    const sheet = { ...lendingSheet, tables: { [long]: { ...listed, label: "other" }, implements: listed, ...others } };
    const names = toolsOf(compiledOf(sheet)).map(({ name }) => name);
    expect(names[0]).toMatch(/^query_a{49}_[0-9a-f]{8}$/);
    expect(names.every((name) => /^[A-Za-z0-9_]{1,64}$/.test(name))).toBe(true);
  });

  test("gives no authenticate where the agent names the actors in columns", () => {
    const { loans, members } = lendingSheet.tables;
    const columns = { ...loans.columns, member_id: { type: "text", references: "members" } };
    const sheet = {
      ...lendingSheet,
      actor: { mode: "columns" },
      tables: { ...lendingSheet.tables, members, loans: { ...loans, columns } },
      policy: lendingSheet.policy.filter(({ id }) => id !== "1.3"),
      rules: lendingSheet.rules.filter(({ id }) => id !== "loan.owner"),
    };
    expect(toolsOf(compiledOf(sheet)).map(({ name }) => name)).not.toContain("authenticate");
  });
});
