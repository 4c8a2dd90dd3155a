import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { compileSheet } from "../../environment/compile/compile-sheet.js";
import { layRows } from "../../environment/engine/lay-rows.js";
import { type Db, stateDigest } from "../../environment/engine/snapshot.js";
import { toolsOf } from "../../environment/engine/tools.js";
import type { Rows } from "../../environment/core/values.js";

const folder = new URL("../../examples/corporate-travel/", import.meta.url);
const compilation = compileSheet(parse(readFileSync(new URL("sheet.yaml", folder), "utf8")));
if (!compilation.ok) throw new Error(JSON.stringify(compilation.errors));
const { compiled } = compilation;

function openPortal(): Db {
  // The file is a plain object of tables; `layRows` checks what it holds.
  const rows = JSON.parse(readFileSync(new URL("rows.json", folder), "utf8")) as Rows;
  return layRows(compiled, rows, { now: 20n });
}

function flight(cells: Readonly<Record<string, string | number>>): string {
  return insert("flight_bookings", {
    travel_request_id: 1,
    flight_code: "AL500",
    cost: 300,
    class: "ECONOMY",
    departure_step: 40,
    booking_step: 20,
    approval_status: "NOT_REQUIRED",
    ...cells,
  });
}

function hotel(cells: Readonly<Record<string, string | number>>): string {
  return insert("hotel_bookings", { travel_request_id: 1, hotel_vendor_id: "v_harbour", cost: 200, booking_step: 20, ...cells });
}

function insert(table: string, cells: Readonly<Record<string, string | number>>): string {
  return `INSERT INTO ${table} (${Object.keys(cells).join(", ")}) VALUES (${Object.values(cells)
    .map((value) => (typeof value === "string" ? `'${value}'` : value))
    .join(", ")})`;
}

/** What the paper's printed triggers let through: [hole, statements accepted before, the statement refused, the rule]. */
const holes: readonly (readonly [hole: string, before: readonly string[], sql: string, rule: string])[] = [
  ["a 4th flight in one request", [flight({})], flight({}), "flight.quota"],
  ["a 3rd hotel in one request", [hotel({})], hotel({}), "hotel.quota"],
  ["an approval decided with no approver", [], "UPDATE approvals SET status = 'APPROVED' WHERE id = 1", "approval.approver"],
  ["a denial with no approver", [], "UPDATE approvals SET status = 'DENIED' WHERE id = 1", "approval.approver"],
  [
    "an approval inserted already approved",
    ["UPDATE approvals SET status = 'DENIED', approver_id = 'u_vp_01' WHERE id = 1"],
    insert("approvals", { flight_booking_id: 1, status: "APPROVED", approver_id: "u_vp_01", step: 20 }),
    "approvals.approver_id.writable",
  ],
  [
    "an approval inserted already approved, nobody named",
    [],
    insert("approvals", { flight_booking_id: 1, status: "APPROVED", step: 20 }),
    "approvals.status.start",
  ],
  [
    "an approval for a booking that needs none",
    [],
    insert("approvals", { flight_booking_id: 1, status: "PENDING", step: 20 }),
    "approval.required",
  ],
  ["a second approval for one booking", [], insert("approvals", { flight_booking_id: 2, status: "PENDING", step: 20 }), "approvals.unique"],
  ["a booking born with its approval granted", [], flight({ approval_status: "APPROVED" }), "flight.approval"],
  ["a booking born APPROVED", [], flight({ status: "APPROVED" }), "flight_bookings.status.start"],
  ["a booking set to APPROVED by hand", [], "UPDATE flight_bookings SET status = 'APPROVED' WHERE id = 1", "flight_bookings.status.move"],
  ["a booking set to TICKETED by hand", [], "UPDATE flight_bookings SET status = 'TICKETED' WHERE id = 2", "flight_bookings.status.move"],
  [
    "an approval_status set by hand",
    [],
    "UPDATE flight_bookings SET approval_status = 'APPROVED' WHERE id = 2",
    "flight_bookings.approval_status.writable",
  ],
  ["a hotel set to CONFIRMED by hand", [], "UPDATE hotel_bookings SET status = 'CONFIRMED' WHERE id = 1", "hotel_bookings.status.move"],
  [
    "the counter of flights written by the agent",
    [],
    "UPDATE travel_requests SET flight_booking_count = 0 WHERE id = 1",
    "travel_requests.flight_booking_count.writable",
  ],
  [
    "the counter of hotels written by the agent",
    [],
    "UPDATE travel_requests SET hotel_booking_count = 0 WHERE id = 1",
    "travel_requests.hotel_booking_count.writable",
  ],
  [
    "a request born with a counter",
    [],
    insert("travel_requests", { user_id: "u_staff_01", trip_purpose: "Fair", current_step: 20, flight_booking_count: -5 }),
    "travel_requests.flight_booking_count.writable",
  ],
  [
    "the flag reimbursable set by the agent",
    [],
    "UPDATE hotel_bookings SET reimbursable = 0 WHERE id = 1",
    "hotel_bookings.reimbursable.writable",
  ],
  ["the flag reimbursable given at booking", [], hotel({ reimbursable: 1 }), "hotel_bookings.reimbursable.writable"],
  ["the emergency flag set by the agent", [], "UPDATE flight_bookings SET policy_violation_flag = 1 WHERE id = 1", "generated column"],
  [
    "a flight cancelled before it was booked",
    [],
    "UPDATE flight_bookings SET status = 'CANCELLED', cancellation_step = 3, refund_amount = 640 WHERE id = 1",
    "flight.cancellation_date",
  ],
  [
    "a hotel cancelled before it was booked",
    [],
    "UPDATE hotel_bookings SET status = 'CANCELLED', cancellation_step = 3, refund_amount = 301 WHERE id = 1",
    "hotel.cancellation_date",
  ],
  ["a flight for a traveller without a policy", [], flight({ travel_request_id: 4 }), "flight.policy"],
  ["a hotel for a traveller without a policy", [], hotel({ travel_request_id: 4 }), "hotel.policy"],
  ["a flight that costs nothing", [], flight({ cost: 0 }), "flight_bookings.cost.values"],
  ["a flight that departs before it is booked", [], flight({ departure_step: 19 }), "flight.dates"],
  ["a booking dated before its request", [], flight({ booking_step: 9 }), "flight.after_request"],
  ["a request submitted by the agent", [], "UPDATE travel_requests SET status = 'SUBMITTED' WHERE id = 1", "travel_requests.status.move"],
  ["a request approved by the agent", [], "UPDATE travel_requests SET status = 'APPROVED' WHERE id = 3", "travel_requests.status.move"],
  ["a cancelled request revived", [], "UPDATE travel_requests SET status = 'DRAFT' WHERE id = 5", "travel_requests.status.move"],
  [
    "a request handed to another traveller",
    [],
    "UPDATE travel_requests SET user_id = 'u_vp_01' WHERE id = 1",
    "travel_requests.user_id.writable",
  ],
  [
    "a booking moved to another request",
    [],
    "UPDATE flight_bookings SET travel_request_id = 2 WHERE id = 1",
    "flight_bookings.travel_request_id.writable",
  ],
  ["the cost of an open booking changed", [], "UPDATE flight_bookings SET cost = 1 WHERE id = 1", "flight_bookings.cost.writable"],
  [
    "the refund of a cancelled booking changed",
    [],
    "UPDATE flight_bookings SET refund_amount = 505 WHERE id = 3",
    "flight_bookings.refund_amount.writable",
  ],
  ["a booking born with a refund", [], flight({ refund_amount: 100 }), "flight_bookings.refund_amount.writable"],
  ["a company reactivated", [], "UPDATE companies SET active = 1 WHERE id = 'comp_beta'", "companies.read_only"],
  [
    "a policy limit raised",
    [],
    "UPDATE travel_policies SET max_flight_cost_no_approval = 9999 WHERE id = 'pol_alpha_staff'",
    "travel_policies.read_only",
  ],
  [
    "a vendor added",
    [],
    insert("preferred_vendors", { id: "v_own", name: "Own", vendor_type: "PREFERRED" }),
    "preferred_vendors.read_only",
  ],
  ["a booking deleted", [], "DELETE FROM flight_bookings WHERE id = 1", "flight_bookings.no_delete"],
  ["a booking replaced", [], flight({ id: 1 }).replace("INSERT", "INSERT OR REPLACE"), "flight_bookings.key"],
  [
    "a purpose of blanks",
    [],
    insert("travel_requests", { user_id: "u_staff_01", trip_purpose: "  ", current_step: 20 }),
    "request.purpose",
  ],
];

/** What the policy text states, refused as there: [clause, the statement refused, the rule]. */
const stated: readonly (readonly [clause: string, sql: string, rule: string])[] = [
  ["4.1", insert("travel_requests", { user_id: "u_staff_02", trip_purpose: "Fair", current_step: 20 }), "request.user_active"],
  ["4.1", insert("travel_requests", { user_id: "u_nobody", trip_purpose: "Fair", current_step: 20 }), "travel_requests.user_id.reference"],
  ["4.2", insert("travel_requests", { user_id: "u_beta_01", trip_purpose: "Fair", current_step: 20 }), "request.company_active"],
  ["4.3", insert("travel_requests", { user_id: "u_staff_01", trip_purpose: "", current_step: 20 }), "request.purpose"],
  ["5.1", flight({ travel_request_id: 3 }), "flight.request_open"],
  ["5.1", flight({ travel_request_id: 5 }), "flight.request_open"],
  ["5.5", flight({ class: "BUSINESS" }), "flight.cabin"],
  ["5.6", flight({ cost: 1001 }), "flight.approval"],
  ["5.6", flight({ cost: 1000, approval_status: "PENDING" }), "flight.approval"],
  ["6.1", hotel({ travel_request_id: 3 }), "hotel.request_open"],
  ["6.3", hotel({ hotel_vendor_id: "v_unknown" }), "hotel_bookings.hotel_vendor_id.reference"],
  ["6.4", hotel({ hotel_vendor_id: "v_corner" }), "hotel.vendor_type"],
  ["7.1", "UPDATE flight_bookings SET status = 'CANCELLED' WHERE id = 4", "flight_bookings.status.move"],
  ["7.1", "UPDATE flight_bookings SET status = 'PENDING' WHERE id = 3", "flight_bookings.status.move"],
  ["7.2", "UPDATE flight_bookings SET status = 'CANCELLED' WHERE id = 1", "flight.cancellation_given"],
  ["7.3", "UPDATE flight_bookings SET status = 'CANCELLED', cancellation_step = 15, refund_amount = 640 WHERE id = 1", "flight.refund"],
  ["7.3", "UPDATE flight_bookings SET status = 'CANCELLED', cancellation_step = 14, refund_amount = 320 WHERE id = 1", "flight.refund"],
  ["8.1", "UPDATE hotel_bookings SET status = 'CANCELLED' WHERE id = 2", "hotel_bookings.status.move"],
  ["8.3", "UPDATE hotel_bookings SET status = 'CANCELLED', cancellation_step = 20, refund_amount = 151 WHERE id = 1", "hotel.refund"],
  ["9.1", "UPDATE approvals SET status = 'DENIED' WHERE id = 2", "approvals.status.move"],
  ["9.3", "UPDATE approvals SET status = 'APPROVED', approver_id = 'u_manager_02' WHERE id = 1", "approval.approver_active"],
  ["9.4", "UPDATE approvals SET status = 'APPROVED', approver_id = 'u_gamma_01' WHERE id = 1", "approval.authority"],
  ["9.5", "UPDATE approvals SET status = 'APPROVED', approver_id = 'u_staff_01' WHERE id = 1", "approval.authority"],
];

describe("examples/corporate-travel", () => {
  test.each(holes)("refuses %s", (_hole, before, sql, rule) => {
    const db = openPortal();
    for (const each of before) db.prepare(each).run();
    const digest = stateDigest(db);
    expect(() => db.prepare(sql).run()).toThrow(rule);
    expect(stateDigest(db)).toBe(digest);
  });

  test.each(stated)("refuses what clause %s forbids: %s", (_clause, sql, rule) => {
    const db = openPortal();
    const digest = stateDigest(db);
    expect(() => db.prepare(sql).run()).toThrow(new RegExp(`^${rule.replaceAll(".", "\\.")}$`));
    expect(stateDigest(db)).toBe(digest);
  });

  test("refuses an approval by the traveller, though a manager", () => {
    const db = openPortal();
    db.prepare(insert("travel_requests", { user_id: "u_manager_01", trip_purpose: "Fair", current_step: 20 })).run();
    db.prepare(flight({ travel_request_id: 6, cost: 1501, approval_status: "PENDING" })).run();
    expect(() =>
      db.prepare("UPDATE approvals SET status = 'APPROVED', approver_id = 'u_manager_01' WHERE flight_booking_id = 5").run(),
    ).toThrow(/^approval\.conflict$/);
  });

  test("opens an approval, copies its decision and tickets the flight", () => {
    const db = openPortal();
    db.prepare(flight({ cost: 1001, approval_status: "PENDING" })).run();
    expect(db.prepare("SELECT flight_booking_id, approver_id, status, step FROM approvals WHERE id = 3").get()).toEqual({
      flight_booking_id: 5n,
      approver_id: null,
      status: "PENDING",
      step: 20n,
    });
    db.prepare("UPDATE approvals SET status = 'APPROVED', approver_id = 'u_manager_01' WHERE id = 3").run();
    expect(db.prepare("SELECT status, approval_status FROM flight_bookings WHERE id = 5").get()).toEqual({
      status: "TICKETED",
      approval_status: "APPROVED",
    });
  });

  test("copies a denial and tickets nothing", () => {
    const db = openPortal();
    db.prepare("UPDATE approvals SET status = 'DENIED', approver_id = 'u_manager_01' WHERE id = 1").run();
    expect(db.prepare("SELECT status, approval_status FROM flight_bookings WHERE id = 2").get()).toEqual({
      status: "PENDING",
      approval_status: "DENIED",
    });
  });

  test("waives approval for an emergency, and for a director below 500", () => {
    const db = openPortal();
    db.prepare(flight({ cost: 5000, departure_step: 22 })).run();
    db.prepare(flight({ travel_request_id: 2, cost: 499, class: "BUSINESS" })).run();
    expect(() => db.prepare(flight({ travel_request_id: 2, cost: 500 })).run()).toThrow(/^flight\.approval$/);
    expect(db.prepare("SELECT id, policy_violation_flag AS flag FROM flight_bookings WHERE id > 4 ORDER BY id").all()).toEqual([
      { id: 5n, flag: 1n },
      { id: 6n, flag: 0n },
    ]);
  });

  test("keeps the counters and computes reimbursable", () => {
    const db = openPortal();
    db.prepare(hotel({ travel_request_id: 2, hotel_vendor_id: "v_corner" })).run();
    db.prepare(hotel({})).run();
    db.prepare("UPDATE flight_bookings SET status = 'CANCELLED', cancellation_step = 14, refund_amount = 640 WHERE id = 1").run();
    expect(
      db.prepare("SELECT flight_booking_count AS flights, hotel_booking_count AS hotels FROM travel_requests WHERE id = 1").get(),
    ).toEqual({ flights: 1n, hotels: 2n });
    expect(db.prepare("SELECT reimbursable FROM hotel_bookings WHERE id > 2 ORDER BY id").pluck().all()).toEqual([0n, 1n]);
  });

  test("accepts a late cancellation with half the cost, rounded down", () => {
    const db = openPortal();
    db.prepare("UPDATE hotel_bookings SET status = 'CANCELLED', cancellation_step = 15, refund_amount = 150 WHERE id = 1").run();
    expect(db.prepare("SELECT status FROM hotel_bookings WHERE id = 1").pluck().get()).toBe("CANCELLED");
  });

  test("has the paper's tools under their names", () => {
    const tables = ["approvals", "flight_bookings", "hotel_bookings", "travel_requests"];
    const reference = ["companies", "flight_classes", "preferred_vendors", "travel_policies", "users"];
    const expected = [
      ...[...tables, ...reference].map((table) => `query_${table}`),
      ...tables.flatMap((table) => [`insert_${table}`, `update_${table}`]),
      "transfer_to_human_agents",
    ];
    expect(
      toolsOf(compiled)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(expected.sort());
  });

  test("cites every enforceable clause, and marks its own clauses as ours", () => {
    const text = readFileSync(new URL("sheet.yaml", folder), "utf8");
    const cited = [...text.slice(text.indexOf("\ntables:")).matchAll(/"([0-9]+\.[0-9]+)"/g)].map(([, id]) => id);
    const enforceable = compiled.sheet.policy.filter(({ kind }) => kind === "enforceable");
    expect(enforceable.filter(({ id }) => !cited.includes(id)).map(({ id }) => id)).toEqual([]);
    expect(compiled.sheet.policy.filter(({ ours }) => ours !== undefined).every(({ id }) => id.startsWith("10."))).toBe(true);
  });

  test("lists each hole with its refusal in the example's README", () => {
    const table = holes
      .map(([hole, , , rule]) => `| ${hole} | ${rule === "generated column" ? "the column is generated" : `\`${rule}\``} |`)
      .join("\n");
    expect(readFileSync(new URL("README.md", folder), "utf8")).toContain(table);
  });
});
