/** The ledger: what every paid call used and cost, and how the runs ended that the calls belong to. */
import { z } from "zod";
import type { Store } from "./store.js";

export const ledgerEntrySchema = z.strictObject({
  call: z.int().describe("number of the call in the journal"),
  role: z.string(),
  module: z.string().describe("what the role worked for, as in the paper's Table 5: Architect, Set Designer, Explorer, Distill"),
  run: z.string().describe("what turns are counted in: one stage of an environment, one episode, one attempt"),
  endpoint: z.string(),
  model: z.string(),
  environment: z.string(),
  task: z.string().nullable(),
  prompt: z.int().min(0).describe("tokens, cached ones included"),
  cached: z.int().min(0),
  completion: z.int().min(0),
  estimated: z.boolean().describe("the endpoint did not report its usage"),
  costNanos: z.int().min(0).describe("billionths of the currency"),
  currency: z.string().nullable().describe("null where nothing is charged"),
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

/** How a run ended: what it made passed its checks, or not. */
export const verdicts = ["accepted", "rejected"] as const;
export type Verdict = (typeof verdicts)[number];

/** An entry with the verdict on its run; null while that is open. */
export const ledgerRowSchema = ledgerEntrySchema.extend({ verdict: z.enum(verdicts).nullable() });
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

export interface Ledger {
  /** Enters a call; the same call again changes nothing. */
  enter(entry: LedgerEntry): void;
  /** Says how a run ended; said again, the last word stands. */
  settle(run: string, verdict: Verdict): void;
  /** All entries in the order of their calls. */
  rows(): readonly LedgerRow[];
  /** What all calls together used; kept as a running total, since it is asked before every call. */
  spent(): { readonly costNanos: number; readonly tokens: number };
}

const spentSchema = z.strictObject({ costNanos: z.int(), tokens: z.int() });
const storedRowSchema = z.looseObject({ estimated: z.int() });

/** The ledger in a store's database. */
export function openLedger(store: Store): Ledger {
  const { database } = store;
  store.transaction(() => database.exec(tables));
  const insert = database.prepare(`INSERT INTO ledger VALUES (${columns.map((column) => `:${column}`).join(", ")}) ON CONFLICT DO NOTHING`);
  const settle = database.prepare(
    "INSERT INTO run (run, verdict) VALUES (?, ?) ON CONFLICT (run) DO UPDATE SET verdict = excluded.verdict",
  );
  const select = database.prepare(`SELECT ${columns.join(", ")}, verdict FROM ledger LEFT JOIN run USING (run) ORDER BY call`);
  const total = database.prepare("SELECT costNanos, tokens FROM ledger_total");
  return {
    enter: (entry) => {
      store.transaction(() => insert.run({ ...ledgerEntrySchema.parse(entry), estimated: entry.estimated ? 1 : 0 }));
    },
    settle: (run, verdict) => {
      store.transaction(() => settle.run(run, verdict));
    },
    rows: () =>
      z
        .array(storedRowSchema)
        .parse(select.all())
        .map((row) => ledgerRowSchema.parse({ ...row, estimated: row.estimated === 1 })),
    spent: () => spentSchema.parse(total.get()),
  };
}

/** In the order of the table below. */
const columns = [
  "call",
  "role",
  "module",
  "run",
  "endpoint",
  "model",
  "environment",
  "task",
  "prompt",
  "cached",
  "completion",
  "estimated",
  "costNanos",
  "currency",
] as const satisfies readonly (keyof LedgerEntry)[];

const tables = `
CREATE TABLE IF NOT EXISTS ledger (
  call INTEGER PRIMARY KEY,
  role TEXT NOT NULL,
  module TEXT NOT NULL,
  run TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  task TEXT,
  prompt INTEGER NOT NULL,
  cached INTEGER NOT NULL,
  completion INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  costNanos INTEGER NOT NULL,
  currency TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS run (run TEXT PRIMARY KEY, verdict TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_total (id INTEGER PRIMARY KEY CHECK (id = 1), costNanos INTEGER NOT NULL, tokens INTEGER NOT NULL) STRICT;
INSERT INTO ledger_total VALUES (1, 0, 0) ON CONFLICT DO NOTHING;
CREATE TRIGGER IF NOT EXISTS ledger_add AFTER INSERT ON ledger BEGIN
  UPDATE ledger_total SET costNanos = costNanos + NEW.costNanos, tokens = tokens + NEW.prompt + NEW.completion;
END;`;
