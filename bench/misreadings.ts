/**
 * Thirty ways in which an author may misread a policy: each an edit of a sheet that says what its policy says, after which the
 * triggers agree with the sheet and no longer with the text. `sort` names the author's error.
 */

/** Where in a sheet: keys and positions; after "rules" a rule's id. */
type Path = readonly (string | number)[];

export type Edit =
  | { readonly kind: "set"; readonly at: Path; readonly to: unknown }
  | { readonly kind: "add"; readonly at: Path; readonly item: unknown }
  | { readonly kind: "unset"; readonly at: Path }
  /** The rule goes, and its clauses are taken for said by the table's declaration. */
  | { readonly kind: "drop"; readonly rule: string };

export type Misreading = {
  readonly name: string;
  readonly sort:
    | "reached by another write"
    | "empty value"
    | "degenerate value"
    | "step column free"
    | "half a sentence"
    | "natural key missing"
    | "row filter incomplete"
    | "system rows open"
    | "counting"
    | "rules that block each other"
    | "another meaning";
  readonly seed: "corporate-travel-booking" | "librarian" | "telecom-support";
  readonly edits: readonly Edit[];
};

const rule = (id: string, ...path: Path): Path => ["rules", id, ...path];
const column = (table: string, name: string, ...path: Path): Path => ["tables", table, "columns", name, ...path];
const set = (at: Path, to: unknown): Edit => ({ kind: "set", at, to });
const changeable = (table: string, name: string): Edit => set(column(table, name, "update"), "agent");

function move(table: string, from: string, to: string, clause: string): Edit {
  return {
    kind: "add",
    at: ["tables", table, "states", "moves"],
    item: { from, to, by: "agent", when: "free", sets: [], clauses: [clause] },
  };
}

export const misreadings: readonly Misreading[] = [
  ...(
    [
      ["a flight booking is moved to another fare later", [changeable("flight_bookings", "fare_code")]],
      ["a flight booking is moved to another travel request later", [changeable("flight_bookings", "travel_request_id")]],
      [
        "a cancelled flight booking is revived",
        [set(["tables", "flight_bookings", "states", "end"], ["VOIDED"]), move("flight_bookings", "CANCELLED", "RESERVED", "3.4")],
      ],
      [
        "a denied approval is approved after all",
        [set(["tables", "approvals", "states", "end"], ["APPROVED", "DROPPED"]), move("approvals", "DENIED", "APPROVED", "3.8")],
      ],
    ] as const
  ).map(([name, edits]) => ({ name, edits, sort: "reached by another write", seed: "corporate-travel-booking" }) as const),
  ...(
    [
      ["the due step of a loan is changed later", [changeable("loans", "due_step")]],
      [
        "a room reservation is moved to other steps later",
        [changeable("room_reservations", "starting_step"), changeable("room_reservations", "leaving_step")],
      ],
      ["a room reservation is moved to another room later", [changeable("room_reservations", "room_code")]],
    ] as const
  ).map(([name, edits]) => ({ name, edits, sort: "reached by another write", seed: "librarian" }) as const),
  ...(
    [
      ["a lent device is exchanged later", [changeable("device_loans", "device_code")]],
      ["a tariff change is moved to another order later", [changeable("tariff_changes", "service_order_id")]],
      ["a released order is opened again", [move("service_orders", "RELEASED", "OPEN", "3.2")]],
    ] as const
  ).map(([name, edits]) => ({ name, edits, sort: "reached by another write", seed: "telecom-support" }) as const),
  {
    name: "the due step of a loan may be left out",
    sort: "empty value",
    seed: "librarian",
    edits: [set(column("loans", "due_step", "null"), "open"), set(rule("due-5.4", "when"), "new.due_step is not null")],
  },
  {
    name: "a room may be left at the step at which it is entered",
    sort: "degenerate value",
    seed: "librarian",
    edits: [set(rule("length-5.7", "at_least"), 0)],
  },
  {
    name: "the agent says when a flight was booked",
    sort: "step column free",
    seed: "corporate-travel-booking",
    edits: [
      { kind: "unset", at: column("flight_bookings", "booking_step", "stamp") },
      set(column("flight_bookings", "booking_step", "step"), "planned"),
    ],
  },
  {
    name: "only reserved flight bookings are voided",
    sort: "half a sentence",
    seed: "corporate-travel-booking",
    edits: [
      set(rule("cascade-6.2", "rows", "states"), ["RESERVED"]),
      set(rule("cascade-6.5", "at"), ["RESERVED>CANCELLED", "TICKETED>CANCELLED", "RESERVED>VOIDED"]),
      { kind: "unset", at: ["tables", "flight_bookings", "states", "moves", 4] },
    ],
  },
  {
    name: "a voided flight booking keeps its open approvals",
    sort: "half a sentence",
    seed: "corporate-travel-booking",
    edits: [set(rule("cascade-6.5", "at"), ["RESERVED>CANCELLED", "TICKETED>CANCELLED"])],
  },
  {
    name: "anybody cancels what is ticketed",
    sort: "half a sentence",
    seed: "corporate-travel-booking",
    edits: [set(rule("ownership-4.5", "at"), ["RESERVED>CANCELLED"])],
  },
  {
    name: "no longer service class has no more device loans",
    sort: "half a sentence",
    seed: "telecom-support",
    edits: [set(rule("quota-rank-5.7", "max"), 2)],
  },
  {
    name: "one reader borrows a title twice",
    sort: "natural key missing",
    seed: "librarian",
    edits: [{ kind: "drop", rule: "exclusive-5.3" }],
  },
  {
    name: "one subscriber takes a tariff twice, in two orders",
    sort: "natural key missing",
    seed: "telecom-support",
    edits: [set(rule("exclusive-5.6", "same"), ["service_order_id", "tariff_code"])],
  },
  {
    name: "cancelled flight bookings count",
    sort: "row filter incomplete",
    seed: "corporate-travel-booking",
    edits: [set(rule("quota-customer-5.3", "states"), ["RESERVED", "TICKETED", "CANCELLED"])],
  },
  {
    name: "returned copies count",
    sort: "row filter incomplete",
    seed: "librarian",
    edits: [set(rule("capacity-5.2", "states"), ["ON_LOAN", "RETURNED"])],
  },
  {
    name: "withdrawn tariff changes are enough to release",
    sort: "row filter incomplete",
    seed: "telecom-support",
    edits: [set(rule("enough-first-5.1", "count", "states"), "any")],
  },
  {
    name: "only a denied approval hinders a ticket",
    sort: "row filter incomplete",
    seed: "corporate-travel-booking",
    edits: [set(rule("every-child-5.5", "rows", "where"), "row.status = 'DENIED'")],
  },
  {
    name: "agents make approvals",
    sort: "system rows open",
    seed: "corporate-travel-booking",
    edits: [set(["tables", "approvals", "create", "by"], "agent"), set(["tables", "approvals", "create", "phrase"], "record an approval")],
  },
  {
    name: "agents make fines",
    sort: "system rows open",
    seed: "librarian",
    edits: [set(["tables", "fines", "create", "by"], "agent"), set(["tables", "fines", "create", "phrase"], "record a fine")],
  },
  {
    name: "the third flight booking is one too many",
    sort: "counting",
    seed: "corporate-travel-booking",
    edits: [set(rule("quota-customer-5.3", "max"), 2)],
  },
  {
    name: "a tariff change is activated while the order is open",
    sort: "rules that block each other",
    seed: "telecom-support",
    edits: [set(rule("parent-state-5.3", "in"), ["OPEN"])],
  },
  {
    name: "the refund is turned round",
    sort: "another meaning",
    seed: "corporate-travel-booking",
    edits: [
      set(rule("refund-ahead-5.4", "is", "cases", 0, "is"), "floor(new.fare_code.price * 20 / 100)"),
      set(rule("refund-ahead-5.4", "is", "else"), "floor(new.fare_code.price * 90 / 100)"),
    ],
  },
  {
    name: "a late loan costs the same however late",
    sort: "another meaning",
    seed: "librarian",
    edits: [set(rule("late-fee-6.2", "values", "fine_amount"), "2900")],
  },
  {
    name: "business class is for managers",
    sort: "another meaning",
    seed: "corporate-travel-booking",
    edits: [set(rule("rank-category-4.6", "at_least"), "MANAGER")],
  },
];
