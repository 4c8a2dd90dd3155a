import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { budgetState } from "../../storage/budget.js";
import { costTable } from "../../storage/cost-table.js";
import { type Ledger, type LedgerEntry, openLedger } from "../../storage/ledger.js";
import { openStore, type Store } from "../../storage/store.js";

let directory: string;
let store: Store;
let ledger: Ledger;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "logigen-ledger-"));
  store = openStore(directory);
  ledger = openLedger(store);
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

function entry(call: number, over: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    call,
    role: "consultant",
    module: "Explorer",
    run: "task-1/episode-1",
    endpoint: "main",
    model: "plain-1",
    environment: "librarian-1",
    task: "task-1",
    prompt: 100,
    cached: 40,
    completion: 10,
    estimated: false,
    costNanos: 1_000,
    currency: "USD",
    ...over,
  };
}

test("rows() gives back what was entered, in the order of calls, with the verdict on the run", () => {
  ledger.enter(entry(2, { run: "open", task: null, estimated: true, currency: null }));
  ledger.enter(entry(1));
  ledger.settle("task-1/episode-1", "rejected");
  ledger.settle("task-1/episode-1", "accepted");
  expect(ledger.rows()).toEqual([
    { ...entry(1), verdict: "accepted" },
    { ...entry(2, { run: "open", task: null, estimated: true, currency: null }), verdict: null },
  ]);
});

test("enter() counts a call once", () => {
  ledger.enter(entry(1));
  ledger.enter(entry(1));
  expect(ledger.spent()).toEqual({ costNanos: 1_000, tokens: 110 });
});

test("costTable() sums modules and their agents by run, as the paper's Table 5 does", () => {
  for (const [position, run] of ["a", "a", "b"].entries()) ledger.enter(entry(position, { run }));
  ledger.enter(entry(3, { run: "b", role: "client", prompt: 50, completion: 4, costNanos: 500 }));
  ledger.enter(entry(4, { run: "c", module: "Distill", role: "teacher", currency: null, costNanos: 0 }));
  ledger.settle("a", "accepted");
  ledger.settle("b", "rejected");
  expect(costTable(ledger.rows())).toEqual([
    {
      module: "Explorer",
      agent: null,
      calls: 4,
      runs: 2,
      successRate: 0.5,
      meanTurns: 2,
      meanPromptTokens: 175,
      meanCompletionTokens: 17,
      cost: 3.5e-6,
      currency: "USD",
    },
    {
      module: "Explorer",
      agent: "consultant",
      calls: 3,
      runs: 2,
      successRate: 0.5,
      meanTurns: 1.5,
      meanPromptTokens: 150,
      meanCompletionTokens: 15,
      cost: 3e-6,
      currency: "USD",
    },
    {
      module: "Explorer",
      agent: "client",
      calls: 1,
      runs: 1,
      successRate: 0,
      meanTurns: 1,
      meanPromptTokens: 50,
      meanCompletionTokens: 4,
      cost: 5e-7,
      currency: "USD",
    },
    {
      module: "Distill",
      agent: null,
      calls: 1,
      runs: 1,
      successRate: null,
      meanTurns: 1,
      meanPromptTokens: 100,
      meanCompletionTokens: 10,
      cost: 0,
      currency: null,
    },
    {
      module: "Distill",
      agent: "teacher",
      calls: 1,
      runs: 1,
      successRate: null,
      meanTurns: 1,
      meanPromptTokens: 100,
      meanCompletionTokens: 10,
      cost: 0,
      currency: null,
    },
  ]);
});

test("costTable() of nothing is empty", () => {
  expect(costTable([])).toEqual([]);
});

test.each([
  ["below every limit", { money: 4.99, tokens: 99, hours: 1.9 }, { kind: "within" }],
  ["at the limit on money", { money: 5, tokens: 200, hours: 9 }, { kind: "exhausted", limit: "money", allowed: 5, spent: 5 }],
  ["past the limit on tokens", { money: 0, tokens: 101, hours: 0 }, { kind: "exhausted", limit: "tokens", allowed: 100, spent: 101 }],
])("budgetState() %s", (_name, spent, expected) => {
  expect(budgetState({ money: 5, tokens: 100, hours: null }, spent)).toEqual(expected);
});
