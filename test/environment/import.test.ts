import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EnvironmentFolderError, readEnvironment } from "../../environment/engine/folder.js";
import { manifestSchema, writeFiles } from "../../environment/engine/folder-files.js";
import type { Import } from "../../environment/import/import-raw.js";
import { findingsIn, fixtureFolder, fixtureTexts, importFixture, importTexts, refusedIn } from "./import-texts.js";

const schema = "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT, made TEXT DEFAULT CURRENT_TIMESTAMP);";

function filesOf(imported: Import): ReadonlyMap<string, Buffer> {
  if (!imported.ok) throw new Error(JSON.stringify(imported.refused));
  return imported.files;
}

describe("importRaw() of the paper's appendix A", () => {
  test("refuses two triggers of the text as printed for the text that is never closed in them, and nothing else", () => {
    const imported = importFixture("paper-appendix-a");
    if (imported.ok) throw new Error("accepted");
    expect(imported.refused.map(({ file, statement }) => [file, statement?.replace(/^line \d+: /, "").slice(0, 44)])).toEqual([
      ["triggers.sql", "CREATE TRIGGER validate_flight_cancellation "],
      ["triggers.sql", "CREATE TRIGGER validate_hotel_cancellation B"],
    ]);
  });

  test("differs from the repaired text in their four messages alone", () => {
    const read = (name: string) => readFileSync(join(fixtureFolder(name), "triggers.sql"), "utf8");
    const mended = read("paper-appendix-a")
      .replaceAll("full refund: || OLD.cost)", "full refund')")
      .replaceAll("50% refund: || (OLD.cost / 2))", "50% refund')");
    expect(read("paper-appendix-a-repaired")).toBe(mended);
  });

  const findings = findingsIn(importFixture("paper-appendix-a-repaired"));

  test.each([
    ["a 4th flight in one request", "partly-maintained", "travel_requests.flight_booking_count", /not after INSERT/],
    ["a 3rd hotel in one request", "partly-maintained", "travel_requests.hotel_booking_count", /not after INSERT/],
    ["a counter of flights written by the agent", "open-column", "travel_requests.flight_booking_count", /INSERT and UPDATE/],
    ["a counter of hotels written by the agent", "open-column", "travel_requests.hotel_booking_count", /INSERT and UPDATE/],
    ["the emergency flag set by the agent", "open-column", "flight_bookings.policy_violation_flag", /UPDATE/],
    ["the flag reimbursable set by the agent", "open-column", "hotel_bookings.reimbursable", /UPDATE/],
    ["an approval_status set by hand", "open-column", "flight_bookings.approval_status", /UPDATE/],
    ["a booking set to TICKETED by hand", "open-state", "flight_bookings.status", /'TICKETED'.*'PENDING', 'APPROVED'/],
    ["a booking set to APPROVED by hand", "open-move", "flight_bookings.status", /PENDING to APPROVED/],
    ["a hotel set to CONFIRMED by hand", "open-move", "hotel_bookings.status", /PENDING to CONFIRMED/],
    ["a request approved by the agent", "open-move", "travel_requests.status", /any change/],
    ["an approval inserted already approved", "open-table", "approvals", /any agent may insert/],
    ["an approval decided with no approver", "null-hole", "validate_approval_update", /NEW\.approver_id.*nothing refuses a NULL/],
    ["the emergency flag left NULL at booking", "null-hole", "validate_flight_booking_insert", /NEW\.policy_violation_flag may be NULL/],
    ["the flag reimbursable left NULL at booking", "null-hole", "validate_hotel_booking_insert", /NEW\.reimbursable may be NULL/],
    ["a flight for a traveller without a policy", "null-hole", "validate_flight_booking_insert", /SELECT tp\.max_flight_cost_no_approval/],
    ["a hotel for a traveller without a policy", "null-hole", "validate_hotel_booking_insert", /SELECT tp\.allowed_hotel_vendor_type/],
    ["a flight cancelled before it was booked", "step-unbound", "flight_bookings.cancellation_step", /backdated/],
    ["a hotel cancelled before it was booked", "step-unbound", "hotel_bookings.cancellation_step", /backdated/],
    ["a flight that departs before it is booked", "step-unbound", "flight_bookings.departure_step", /backdated/],
    ["a booking dated before its request", "step-unbound", "hotel_bookings.booking_step", /backdated/],
    ["a backdated request", "step-unbound", "travel_requests.current_step", /backdated/],
    ["a request handed to another traveller", "unguarded-table", "travel_requests", /change rows/],
    ["a company reactivated", "unguarded-table", "companies", /change rows/],
    ["a policy limit raised", "unguarded-table", "travel_policies", /change rows/],
    ["a vendor added", "unguarded-table", "preferred_vendors", /insert rows/],
    [
      "a message that another trigger forestalls",
      "unreachable-message",
      "validate_flight_cancellation",
      /TICKETED flights cannot be cancelled.*asked first/,
    ],
    ["verdicts on a booking that depend on the order", "order-dependent", "enforce_flight_booking_quota", /validate_flight_booking_insert/],
    ["a code that the policy does not name", "unexplained-code", "IMMUTABLE", /the policy does not name it/],
    ["a foreign key without an index", "foreign-key-unindexed", "flight_bookings.travel_request_id", /no index/],
  ])("finds %s", (_hole, kind, object, message) => {
    const found = findings.filter((finding) => finding.kind === kind && finding.object === object);
    expect(found.map((finding) => finding.message).join("\n")).toMatch(message);
  });

  test("counts what was created, and finds no trigger that never fires and no code of the policy's own", () => {
    expect(findings.filter(({ kind }) => kind === "objects").map(({ message }) => message)).toEqual([
      "9 statements given, 9 objects created",
      "15 statements given, 15 objects created",
      "9 statements given, 36 rows created",
    ]);
    expect(findings.filter(({ kind, object }) => kind === "never-fires" || object === "QUOTA_EXCEEDED")).toEqual([]);
  });
});

describe("importRaw()", () => {
  test("gives the same bytes for the same texts", () => {
    const [first, second] = [importFixture("paper-appendix-a-repaired"), importTexts(fixtureTexts("paper-appendix-a-repaired"))].map(
      filesOf,
    );
    expect(first).toEqual(second);
    expect([...(first?.keys() ?? [])]).toEqual([
      "columns.json",
      "policy.md",
      "schema.sql",
      "triggers.sql",
      "tools.json",
      "origin.sqlite",
      "manifest.json",
    ]);
  });

  test("reads a policy behind a byte order mark, and keeps no mark", () => {
    const imported = importTexts({ schema: "CREATE TABLE a (n);", policy: "\ufeff# Box office\n" });
    const files = filesOf(imported);
    expect(String(files.get("policy.md"))).toBe("# Box office\n");
    expect(JSON.parse(String(files.get("manifest.json")))).toMatchObject({ title: "Box office" });
  });

  test("takes a default that reads the clock only in a column that is not compared", () => {
    expect(refusedIn(importTexts({ schema }))).toEqual([["schema.sql", "CLOCK_DEFAULT"]]);
    for (const given of ["technical", "provenance"])
      expect(importTexts({ schema, columns: JSON.stringify({ "A.made": given }) }).ok).toBe(true);
    expect(refusedIn(importTexts({ schema, columns: '{"a.made":"text"}' }))).toEqual([["schema.sql", "CLOCK_DEFAULT"]]);
  });

  test.each([
    ["no JSON", "{", "JSON"],
    ["a class that is none", '{"a.n":"secret"}', "COLUMNS"],
    ["a list", "[]", "COLUMNS"],
    ["a key given twice", '{"a.n":"text","a.n":"business"}', "JSON"],
    ["a column given in two cases", '{"a.n":"text","A.N":"text"}', "DUPLICATE"],
    ["a column that no table has", '{"a.x":"text"}', "UNKNOWN_COLUMN"],
  ])("refuses columns.json with %s", (_name, columns, code) => {
    expect(refusedIn(importTexts({ schema, columns }))).toEqual([["columns.json", code]]);
  });

  test("refuses a table whose rows cannot be told apart", () => {
    const hidden = "CREATE TABLE h (rowid TEXT, oid TEXT, _rowid_ TEXT);";
    expect(refusedIn(importTexts({ schema: hidden }))).toEqual([["schema.sql", "NO_ADDRESS"]]);
    expect(importTexts({ schema: hidden.replace("oid TEXT", "oid TEXT PRIMARY KEY") }).ok).toBe(true);
  });

  test("writes every column's class out, the context's among them", () => {
    const given = { "a.made": "technical", "b.note": "text", "c.id": "business" };
    const tables = "CREATE TABLE b (id INTEGER PRIMARY KEY REFERENCES a, note TEXT); CREATE TABLE c (id INTEGER PRIMARY KEY);";
    const files = filesOf(importTexts({ schema: `${schema}${tables}`, columns: JSON.stringify(given) }));
    expect(JSON.parse(String(files.get("columns.json")))).toMatchObject({
      ...given,
      "a.id": "technical",
      "a.n": "business",
      "b.id": "business",
      "logigen_context.transferred": "business",
      "logigen_context.transfer_summary": "text",
      "logigen_context.id": "technical",
    });
  });
});

describe("readEnvironment() of an import", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "import-"));
    writeFiles(folder, filesOf(importFixture("paper-appendix-a-repaired")));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Changes a file and rewrites its digest to match. */
  function forge(name: string, change: (text: string) => string): void {
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")));
    const bytes = Buffer.from(change(readFileSync(join(folder, name), "latin1")), "latin1");
    writeFileSync(join(folder, name), bytes);
    const files = { ...manifest.files, [name]: createHash("sha256").update(bytes).digest("hex") };
    writeFileSync(join(folder, "manifest.json"), JSON.stringify({ ...manifest, files }));
  }

  function fault(): string {
    try {
      readEnvironment(folder);
      return "";
    } catch (error) {
      if (error instanceof EnvironmentFolderError) return error.message;
      throw error;
    }
  }

  test("reads what was written, without a sheet", () => {
    const { compiled, manifest, origin } = readEnvironment(folder);
    expect(compiled.sheet).toBeUndefined();
    expect(Object.keys(compiled.catalogue.tables)).toHaveLength(9);
    expect(manifest).toMatchObject({
      environment: "texts",
      title: "Corporate Business Travel Agent Policy",
      counts: { tables: 9, tools: 28, rows: 36 },
    });
    expect(origin.equals(readFileSync(join(folder, "origin.sqlite")))).toBe(true);
  });

  test.each([
    ["a script that the gate refuses", "triggers.sql", (text: string) => `${text}ATTACH 'x' AS y;\n`, /triggers\.sql.*only CREATE/],
    [
      "a script that is not what the origin holds",
      "triggers.sql",
      (text: string) => text.replace(">= 3", ">= 4"),
      /triggers\.sql.*not what origin/,
    ],
    ["other tools", "tools.json", (text: string) => text.replace("Finds", "Hides"), /tools\.json/],
    ["an unknown column", "columns.json", (text: string) => text.replace("users.id", "users.ids"), /origin\.sqlite.*users\.ids/],
    ["a class that is none", "columns.json", (text: string) => text.replace("business", "secret"), /columns\.json/],
    ["an origin that is no database", "origin.sqlite", () => "not a database, but long enough to be looked at as one", /origin\.sqlite/],
  ])("refuses %s, digests rewritten or not", (_name, file, change, message) => {
    forge(file, change);
    expect(fault()).toMatch(message);
  });
});
