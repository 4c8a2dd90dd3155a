/** A small sheet with a session actor, stamps, a counter and a spawned row: a desk that lends tools to its members. */
export const lendingSheet = {
  logigen: 1,
  id: "lending-desk",
  title: "Lending desk",
  policy: [
    { id: "1.1", kind: "enforceable", heading: "Lending", text: "A member has at most 2 loans that are OUT." },
    { id: "1.2", kind: "enforceable", text: "A returned tool leaves a receipt." },
    { id: "1.3", kind: "enforceable", text: "Members act for themselves." },
    { id: "2.1", kind: "conduct", heading: "Manners", text: "Be polite." },
  ],
  actor: { mode: "session", table: "members", evidence: ["pin"], desk: "front", clauses: ["1.3"] },
  tables: {
    implements: {
      label: "implement",
      plural: "implements",
      layer: "L0",
      key: "code",
      columns: {
        code: { type: "text", label: "code" },
        weight: { type: "real" },
        price: { type: "integer", unit: "money", null: "unknown" },
        limit: { type: "integer", default: 1 },
      },
    },
    members: {
      label: "member",
      plural: "members",
      layer: "L1",
      key: "id",
      columns: {
        id: { type: "text", label: "member number" },
        name: { type: "text" },
        pin: { type: "text", class: "technical", visible: false },
        loans_out: { type: "integer", unit: "count", min: 0, default: 0, clauses: ["1.1"] },
      },
    },
    loans: {
      label: "loan",
      plural: "loans",
      layer: "L2",
      key: "id",
      create: { by: "agent", phrase: "lend a tool" },
      duplicates: ["1.1"],
      live: ["OUT"],
      columns: {
        id: { type: "integer" },
        member_id: { type: "text", references: "members", by: "user" },
        code: { type: "text", label: "implement", references: "implements" },
        days: { type: "integer", label: "length in days", min: 1 },
        lent_step: { type: "integer", unit: "step", stamp: "create" },
        returned_step: { type: "integer", unit: "step", null: "none", stamp: "OUT>RETURNED" },
        status: { type: "text" },
        note: { type: "text", class: "text", null: "none", update: "agent" },
      },
      states: {
        column: "status",
        start: "OUT",
        end: ["RETURNED"],
        moves: [{ from: "OUT", to: "RETURNED", when: "free", phrase: "take a tool back", clauses: ["1.2"] }],
      },
    },
    receipts: {
      label: "receipt",
      plural: "receipts",
      layer: "L2",
      key: "id",
      create: { by: "system" },
      unique: [{ columns: ["loan_id"] }],
      columns: {
        id: { type: "integer" },
        loan_id: { type: "integer", references: "loans" },
        days: { type: "integer" },
      },
    },
  },
  rules: [
    {
      id: "loan.quota",
      kind: "quota",
      table: "loans",
      holds: ["OUT"],
      per: ["member_id"],
      max: 2,
      clauses: ["1.1"],
      message: "A member has at most 2 loans that are out.",
      hint: "Take a tool back first.",
    },
    {
      id: "loan.owner",
      kind: "ownership",
      table: "loans",
      at: "OUT>RETURNED",
      is: "new.member_id",
      clauses: ["1.3"],
      message: "The loan is somebody else's.",
    },
    {
      id: "member.loans_out",
      kind: "counter",
      table: "members",
      column: "loans_out",
      rows: { from: "loans", match: { member_id: "owner.id" } },
      clauses: ["1.1"],
    },
    {
      id: "loan.receipt",
      kind: "spawn",
      table: "loans",
      at: "OUT>RETURNED",
      into: "receipts",
      values: { loan_id: "new.id", days: "new.days" },
      clauses: ["1.2"],
    },
  ],
} as const;

/** Rows for {@link lendingSheet}; members' counters and everything the engine fills are left out. */
export const lendingRows = {
  implements: [
    { code: "saw", weight: 1.5, price: 9007199254740993n, limit: 1n },
    { code: "axe", weight: 2, price: null, limit: 3n },
    { code: "awl", weight: 0.25, price: 300n, limit: 2n },
  ],
  members: [
    { id: "m1", name: "Ada", pin: "1111" },
    { id: "m2", name: "Béa", pin: "2222" },
  ],
} as const;
