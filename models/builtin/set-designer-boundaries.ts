/** The built-in Set Designer, boundaries: for each rule a call that it refuses at this origin, after calls that it accepts; all tried before they are claimed. */
import { z } from "zod";
import { rulesSchema } from "../../agents/architect-rules.js";
import { tablesSchema } from "../../agents/architect-tables.js";
import type { Boundaries } from "../../agents/set-designer-boundaries.js";
import { type Compiled, compileSheet } from "../../environment/compile/compile-sheet.js";
import type { Rows } from "../../environment/core/values.js";
import type { ModelRequest } from "../port.js";
import { candidateCalls } from "./candidate-calls.js";
import { createRandom, type Random } from "./random.js";
import { type Reading, readPolicyText } from "./reading/read-policy.js";
import { customerOf } from "./reading/terms.js";
import { readJsonBlock, readTextBlock } from "./request.js";
import { attempt, type Call, stateOf, storedRow, withContext } from "./world.js";

type Claim = Boundaries["claims"][number];

/** Claims for one rule, each of another customer. */
const CLAIMS_A_RULE = 3;
/** Accepted calls before the refused one, at most. */
const DEPTH = 2;
/** Claims in all. */
const MOST = 60;

const rowsSchema = z.record(z.string(), z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))));

/** @throws {SyntaxError} If tables and rules do not compile. */
export function answerBoundaries(request: ModelRequest): Boundaries {
  const reading = readPolicyText(readTextBlock(request, "policy"));
  const tables = readJsonBlock(request, "tables", tablesSchema);
  const { rules } = readJsonBlock(request, "rules", rulesSchema);
  const policy = reading.clauses.map(({ id, kind, text }) => ({ id, kind, text }));
  const compilation = compileSheet({ logigen: 1, id: "origin", title: reading.title, policy, ...tables, rules });
  if (!compilation.ok) throw new SyntaxError(`Cannot name boundaries: the sheet does not compile: ${compilation.errors[0]?.message ?? ""}`);
  const { compiled } = compilation;
  const state = originOf(compiled, readJsonBlock(request, "rows", rowsSchema), readJsonBlock(request, "now", z.number()));
  return { claims: claimsOf({ compiled, reading, state, random: createRandom(request.random, "boundaries") }) };
}

/** The rows of the origin with the marks that finished effects leave. */
function originOf(compiled: Compiled, rows: z.infer<typeof rowsSchema>, now: number): Rows {
  const stored = Object.values(compiled.catalogue.tables).map(({ name, marks }) => {
    const list = (rows[name] ?? []).map((plain) => {
      const row = storedRow(plain);
      return { ...row, ...Object.fromEntries(marks.map(({ column, of }) => [column, of === null ? "created" : (row[of] ?? null)])) };
    });
    return [name, list] as const;
  });
  return stateOf(compiled, Object.fromEntries(stored), now);
}

interface Search {
  readonly compiled: Compiled;
  readonly reading: Reading;
  readonly state: Rows;
  readonly random: Random;
}

function claimsOf({ compiled, reading, state, random }: Search): Claim[] {
  const customer = customerOf(reading.terms);
  const guards = new Set(compiled.normal.guards.filter(({ origin }) => origin === "rule").map(({ id }) => id));
  const people = random.shuffle(state[customer.table] ?? []).map((row) => String(row[customer.key]));
  return spread(
    people.flatMap((user) =>
      boundariesOf({ compiled, reading, state: withContext(compiled, state, { actor: user }), random }, user, (rule) => guards.has(rule)),
    ),
  );
}

/** Claims chosen so that rules come evenly, and customers as evenly as that allows. */
function spread(claims: readonly Claim[]): Claim[] {
  const chosen: Claim[] = [];
  const count = (key: "rule" | "user", claim: Claim): number => chosen.filter((each) => each[key] === claim[key]).length;
  let left = claims;
  while (chosen.length < MOST) {
    left = left.filter((claim) => count("rule", claim) < CLAIMS_A_RULE);
    const [next] = [...left].sort((a, b) => count("rule", a) - count("rule", b) || count("user", a) - count("user", b));
    if (next === undefined) break;
    chosen.push(next);
    left = left.filter((claim) => claim !== next);
  }
  return chosen;
}

/** What this customer can run into: breadth first through accepted calls, one accepted call a kind of act and depth. */
function boundariesOf(search: Search, user: string, isWanted: (rule: string) => boolean): Claim[] {
  const claims = new Map<string, Claim>();
  let paths: { readonly state: Rows; readonly calls: readonly Call[] }[] = [{ state: search.state, calls: [] }];
  for (let depth = 0; depth <= DEPTH && paths.length > 0; depth += 1) {
    const next: typeof paths = [];
    for (const { state, calls } of paths) {
      const tried = candidateCalls({ ...search, state }, user).map((call) => ({ call, verdict: attempt(search.compiled, state, call) }));
      const accepted = tried.flatMap(({ call, verdict }) =>
        verdict.kind === "accepted" ? [{ state: verdict.state, calls: [...calls, call] }] : [],
      );
      for (const { call, verdict } of tried) {
        if (verdict.kind !== "refused" || !isWanted(verdict.rule) || claims.has(verdict.rule)) continue;
        const claim =
          calls.length > 0
            ? { calls }
            : accepted.find((path) => isStillRefused(search.compiled, path.state, call, verdict.rule) && isAlike(path.calls.at(-1), call));
        if (claim !== undefined)
          claims.set(verdict.rule, claimOf(search, { user, accepted: claim.calls, refused: call, rule: verdict.rule }));
      }
      next.push(...oneOfEach(search.random.shuffle(accepted)));
    }
    paths = next.slice(0, 4);
  }
  return [...claims.values()];
}

function isStillRefused(compiled: Compiled, state: Rows, call: Call, rule: string): boolean {
  const verdict = attempt(compiled, state, call);
  return verdict.kind === "refused" && verdict.rule === rule;
}

/** An accepted call shows an edge where it is of the same sort as the refused one. */
function isAlike(accepted: Call | undefined, refused: Call): boolean {
  return accepted?.tool === refused.tool;
}

function oneOfEach<T extends { readonly calls: readonly Call[] }>(paths: readonly T[]): T[] {
  const seen = new Set<string>();
  return paths.filter(({ calls }) => {
    const tool = calls.at(-1)?.tool ?? "";
    if (seen.has(tool)) return false;
    seen.add(tool);
    return true;
  });
}

function claimOf(
  { compiled }: Search,
  {
    user,
    accepted,
    refused,
    rule,
  }: { readonly user: string; readonly accepted: readonly Call[]; readonly refused: Call; readonly rule: string },
): Claim {
  const message = compiled.normal.guards.find(({ id }) => id === rule)?.message ?? rule;
  const plain = ({ tool, arguments: given }: Call): Claim["refused"] => ({ tool, arguments: { ...given } });
  return { rule, title: message.slice(0, 200), user, accepted: accepted.map(plain), refused: plain(refused) };
}
