/** Random sheets that compile: a skeleton, or the tables of a sheet made by hand, with rules drawn over it. */
import { type Compiled, emitTriggers, type Lowered, lowerSheet } from "../../environment/compile/compile-sheet.js";
import { emitTables } from "../../environment/compile/emit-tables.js";
import type { SheetError } from "../../environment/core/sheet-error.js";
import { type Rule, type Sheet, ruleSchema, sheetSchema } from "../../environment/sheet/sheet.js";
import type { Draw } from "./random-draw.js";
import { drawAnswer } from "./random-answers.js";
import { drawRule } from "./random-rules.js";
import type { DrawnRule } from "./random-setting.js";
import type { Skeleton } from "./random-skeletons.js";

/** A sheet for the engine, and for the interpreter the same with its SQL said in the core. */
export interface DrawnSheet {
  readonly engine: Compiled;
  readonly twin: Compiled;
  /** The rules as drawn, for a person to read. */
  readonly source: Source;
  /** How many of the rules drawn the compiler refused. */
  readonly refused: number;
}

/** The two sheets before they are compiled. */
export interface Source {
  readonly sheet: Sheet;
  readonly twins: readonly Rule[];
}

/**
 * A sheet over a skeleton with a rule of each of these kinds, drawn in this order; rules that the compiler refuses are left out.
 * So often (0 to 1) an effect is answered by a guard over what it writes.
 */
export function drawSheet(draw: Draw, skeleton: Skeleton, kinds: readonly Rule["kind"][], answered: number): DrawnSheet | null {
  const sheet = sheetSchema.parse({
    logigen: 1,
    id: "drawn",
    title: "A sheet drawn at random",
    policy: [{ id: "1", kind: "enforceable", text: "All that the rules say." }],
    ...skeleton,
    rules: [],
  });
  const written: string[] = [];
  const setting = {
    draw,
    written,
    sheet,
    addColumn: (table: string, column: Sheet["tables"][string]["columns"][string]) => {
      const columns = sheet.tables[table]?.columns ?? {};
      const name = `counted_${Object.keys(columns).length}`;
      columns[name] = column;
      return name;
    },
  };
  const drawn = kinds.flatMap((kind, index) => {
    const rule = drawRule(setting, kind);
    if (rule === null) return [];
    if (rule.writes !== undefined) written.push(rule.writes);
    const answer = effectKinds.has(kind) && draw.chance(answered) ? drawAnswer(setting, rule) : null;
    return [...asRule(rule, kind, `r${index}`), ...(answer === null ? [] : asRule(answer, "guard", `a${index}`))];
  });
  return withoutRefused({ ...sheet, rules: [] }, shuffled(draw, drawn));
}

function shuffled<T>(draw: Draw, list: readonly T[]): readonly T[] {
  return list
    .map((item) => ({ item, order: draw.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

/** Kinds of rules that write. */
export const effectKinds: ReadonlySet<string> = new Set(["counter", "propagate", "promote", "spawn", "stamp", "rollup", "custom_effect"]);

interface Pair {
  readonly rule: Rule;
  readonly twin: Rule;
}

/** The rule and its twin, read by the schema; none where the schema refuses one of them. */
function asRule({ table, rule, twin }: DrawnRule, kind: string, id: string): readonly Pair[] {
  const isEffect = effectKinds.has(kind);
  const common = { id, table, clauses: ["1"], ...(isEffect ? {} : { message: `Refused by ${id}.` }) };
  const own = ruleSchema.safeParse({ kind, ...common, ...rule });
  const other = twin === undefined ? own : ruleSchema.safeParse({ kind, ...common, ...twin });
  return own.success && other.success ? [{ rule: own.data, twin: other.data }] : [];
}

/** Compiles, leaving out each rule that an error names until none is left. */
function withoutRefused(sheet: Sheet, pairs: readonly Pair[]): DrawnSheet | null {
  const source: Source = { sheet: { ...sheet, rules: pairs.map(({ rule }) => rule) }, twins: pairs.map(({ twin }) => twin) };
  const compiled = compileSource(source);
  if (compiled.ok) return { ...compiled.drawn, refused: 0 };
  const bad = new Set(compiled.errors.flatMap(({ path }) => /^rules\[(\d+)\]/.exec(path)?.[1] ?? []).map(Number));
  if (bad.size === 0) throw new TypeError(compiled.errors.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  const rest = withoutRefused(
    sheet,
    pairs.filter((_, index) => !bad.has(index)),
  );
  return rest === null ? null : { ...rest, refused: rest.refused + bad.size };
}

/**
 * Both sheets, compiled as a mutant is: what an author may not leave without use (a move that no effect makes, a count that
 * never changes) is let pass, since a drawn sheet that is made smaller has plenty of it.
 */
export function compileSource(
  source: Source,
): { readonly ok: true; readonly drawn: Omit<DrawnSheet, "refused"> } | { readonly ok: false; readonly errors: readonly SheetError[] } {
  const engine = lowerSheet(source.sheet);
  if (!engine.ok) return engine;
  const isOne = source.twins.every((twin, index) => twin === source.sheet.rules[index]);
  const sheet: Sheet = { ...source.sheet, rules: [...source.twins] };
  const twin = isOne ? engine : lowerSheet(sheet);
  if (!twin.ok) return twin;
  const compiled = compiledFrom(source.sheet, engine);
  return {
    ok: true,
    drawn: { engine: compiled, twin: isOne ? compiled : { ...compiled, sheet, catalogue: twin.catalogue, normal: twin.normal }, source },
  };
}

function compiledFrom(sheet: Sheet, { catalogue, normal }: Extract<Lowered, { ok: true }>): Compiled {
  const clauses = Object.fromEntries(sheet.policy.map(({ id, text }) => [id, text]));
  return { sheet, clauses, catalogue, normal, schemaSql: emitTables(catalogue), triggerSql: emitTriggers(catalogue, normal) };
}
