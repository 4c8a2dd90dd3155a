import { describe, expect, test } from "vitest";
import { setDesignerBoundaries } from "../../../agents/set-designer-boundaries.js";
import { type Cast, setDesignerCast } from "../../../agents/set-designer-cast.js";
import { type Resources, setDesignerResources } from "../../../agents/set-designer-resources.js";
import { buildOrigin } from "../../../environment/engine/build-origin.js";
import { type Compiled, compileSheet } from "../../../environment/compile/compile-sheet.js";
import { labelFaults } from "../../../environment/task/resource-labels.js";
import { openSession, type Session } from "../../../environment/engine/session.js";
import { openSnapshot } from "../../../environment/engine/snapshot.js";
import { createBuiltinAuthor } from "../../../models/builtin/author.js";
import { ask, type Chain, readSeed, runChain, seedFiles } from "./chain.js";

type Plain = Record<string, string | number | null>;

describe.each(seedFiles)("the Set Designer on %s", (file) => {
  const author = createBuiltinAuthor({ errRate: 0 });
  const seed = readSeed(file);

  test("labels truly, writes a history that the engine accepts, and claims boundaries that hold", async () => {
    for (const number of [1, 2]) {
      const chain = await runChain(seed, number, { errRate: 0, review: { ok: true, findings: [] } });
      const compiled = compile(chain);
      const resources = await ask(
        author,
        setDesignerResources,
        { seed, policy: chain.policy, tables: chain.tables, correction: null },
        number,
      );
      expect(labelFaults(compiled.catalogue, resources.rows)).toEqual([]);

      const cast = await ask(
        author,
        setDesignerCast,
        { seed, policy: chain.policy, tables: chain.tables, resources, correction: null },
        number,
      );
      const built = build(compiled, resources, cast);
      if (!built.ok) throw new TypeError(JSON.stringify(built.problems));
      expect(new Set(cast.users.map(({ archetype }) => archetype))).toEqual(new Set(["edge", "entangled", "mismatch", "rookie"]));

      const rows = plainRows(compiled, built.origin);
      expectArchetypes(compiled, rows, cast);
      const { claims } = await ask(
        author,
        setDesignerBoundaries,
        { policy: chain.policy, tables: chain.tables, rules: chain.rules, rows, now: cast.now, correction: null },
        number,
      );
      const guards = compiled.normal.guards.filter(({ origin }) => origin === "rule").map(({ id }) => id);
      expect(new Set(claims.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(Math.floor(guards.length * 0.7));
      const session = openSession({ compiled, origin: built.origin });
      for (const { user, accepted, refused, rule } of claims) {
        session.reset();
        authenticate(compiled, session, rows, String(user));
        expect(accepted.map(({ tool, arguments: given }) => session.call(tool, given).ok)).toEqual(accepted.map(() => true));
        expect(session.call(refused.tool, refused.arguments)).toMatchObject({ ok: false, error: { violated_rule: rule } });
      }
      session.close();
    }
  }, 120_000);
});

function compile({ policy, tables, rules }: Chain): Compiled {
  const compilation = compileSheet({ logigen: 1, id: "sheet", title: policy.title, policy: policy.clauses, ...tables, ...rules });
  if (!compilation.ok) throw new TypeError(JSON.stringify(compilation.errors));
  return compilation.compiled;
}

function build(compiled: Compiled, resources: Resources, cast: Cast): ReturnType<typeof buildOrigin> {
  const rows: Record<string, Plain[]> = {};
  for (const { table, values } of [...resources.rows, ...cast.rows]) (rows[table] ??= []).push(values);
  const history = cast.history.map((step) => (step.kind === "tick" ? { kind: "tick" as const, now: BigInt(step.now) } : step));
  return buildOrigin(compiled, { rows, history, start: BigInt(cast.start), now: BigInt(cast.now) });
}

function plainRows({ catalogue }: Compiled, origin: Buffer): Record<string, Plain[]> {
  const db = openSnapshot(origin, { readonly: true });
  const rows = Object.values(catalogue.tables).map(({ name, columns }) => {
    const names = columns.filter(({ insert }) => insert.kind !== "mark").map((column) => `"${column.name}"`);
    return [
      name,
      db
        .prepare<[], Plain>(`SELECT ${names.join(", ")} FROM "${name}"`)
        .safeIntegers(false)
        .all(),
    ] as const;
  });
  db.close();
  return Object.fromEntries(rows);
}

function expectArchetypes({ catalogue }: Compiled, rows: Readonly<Record<string, readonly Plain[]>>, { users }: Cast): void {
  const stamped = Object.values(catalogue.tables).flatMap(({ name, columns }) =>
    columns.filter(({ insert }) => insert.kind === "user").map((column) => ({ table: name, column: column.name })),
  );
  for (const { key, archetype } of users) {
    const owned = stamped.reduce((sum, { table, column }) => sum + (rows[table] ?? []).filter((row) => row[column] === key).length, 0);
    if (archetype === "entangled") expect(owned).toBeGreaterThanOrEqual(2);
    if (archetype === "rookie") expect(owned).toBe(0);
  }
}

function authenticate({ catalogue }: Compiled, session: Session, rows: Readonly<Record<string, readonly Plain[]>>, user: string): void {
  const { actor } = catalogue;
  if (actor === null) return;
  const row = rows[actor.table]?.find((each) => each[actor.key] === user) ?? {};
  expect(
    session.call("authenticate", Object.fromEntries([actor.key, ...actor.evidence].map((column) => [column, row[column]]))),
  ).toMatchObject({ ok: true });
}
