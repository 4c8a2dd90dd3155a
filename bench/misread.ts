/**
 * Misread policies: does the Verifier, who reads the policy and never the rules, find what an author got wrong?
 * `npm run bench -- misread` prints the share found and each misreading.
 */
import { pathToFileURL } from "node:url";
import type { ClauseExample } from "../environment/proof/clause-example.js";
import { compileSheet } from "../environment/compile/compile-sheet.js";
import { runExamples } from "../environment/proof/run-examples.js";
import { readSeed, runChain, seedFiles } from "../test/models/builtin/chain.js";
import { type Edit, type Misreading, misreadings } from "./misreadings.js";

/** Where a misreading was noticed: titles of the examples that the engine disagrees with; none where it was not. */
export type Finding = Misreading & { readonly by: readonly string[] };

/** A sheet, as data, that says what its policy says, and the examples that the built-in Verifier wrote from the policy. */
type Right = { readonly sheet: Record<string, unknown>; readonly examples: readonly ClauseExample[] };

/** Runs every misreading. @throws {Error} If one does not compile, or the Verifier objects to a sheet that is right. */
export async function findMisreadings(): Promise<readonly Finding[]> {
  const right = new Map<string, Right>();
  for (const file of seedFiles) right.set(file.split("/").at(-1) ?? "", await rightSheet(file));
  return misreadings.map((misreading) => {
    const found = right.get(misreading.seed);
    if (found === undefined) throw new Error(`Cannot misread "${misreading.seed}": there is no such seed`);
    return { ...misreading, by: objections(misread(found.sheet, misreading.edits), found.examples, misreading.name) };
  });
}

async function rightSheet(file: (typeof seedFiles)[number]): Promise<Right> {
  const { policy, tables, rules, examples } = await runChain(readSeed(file), 2, { errRate: 0 });
  const sheet = { logigen: 1, id: "sheet", title: policy.title, policy: policy.clauses, ...tables, ...rules };
  const objected = objections(sheet, examples.examples, "the right sheet");
  if (objected.length > 0) throw new Error(`Cannot begin: the Verifier objects to the right sheet of "${file}": ${objected.join("; ")}`);
  return { sheet, examples: examples.examples };
}

function objections(sheet: unknown, examples: readonly ClauseExample[], name: string): readonly string[] {
  const compilation = compileSheet(sheet);
  if (!compilation.ok)
    throw new Error(`Cannot compile "${name}": ${compilation.errors.map(({ path, message }) => `${path}: ${message}`).join("; ")}`);
  return runExamples(compilation.compiled, examples).disagreements.map(({ example }) => `${example.clause} ${example.title}`);
}

/** The sheet with the edits made; the one given stays as it is. @throws {RangeError} If an edit's place is not there. */
export function misread(sheet: Readonly<Record<string, unknown>>, edits: readonly Edit[]): Record<string, unknown> {
  const copy = structuredClone({ ...sheet });
  for (const edit of edits) makeEdit(copy, edit);
  return copy;
}

type Node = Record<string | number, unknown>;

function makeEdit(sheet: Record<string, unknown>, edit: Edit): void {
  if (edit.kind === "drop") {
    dropRule(sheet, edit.rule);
    return;
  }
  const last = edit.at.at(-1) ?? "";
  const parent = edit.at.slice(0, -1).reduce<Node>((node, key) => childOf(node, key), sheet);
  switch (edit.kind) {
    case "set":
      parent[last] = edit.to;
      break;
    case "unset":
      if (!(last in parent)) throw new RangeError(`Cannot misread: there is no "${edit.at.join(".")}"`);
      if (Array.isArray(parent)) parent.splice(Number(last), 1);
      else parent[last] = undefined;
      break;
    case "add": {
      const list = childOf(parent, last);
      if (!Array.isArray(list)) throw new RangeError(`Cannot misread: "${edit.at.join(".")}" is no list`);
      list.push(edit.item);
    }
  }
}

/** A rule of the list of rules is known by its id. */
function childOf(node: Node, key: string | number): Node {
  const children: readonly unknown[] = Array.isArray(node) ? node : [];
  const child = typeof key === "string" && Array.isArray(node) ? children.find((each) => isNode(each) && each["id"] === key) : node[key];
  if (!isNode(child)) throw new RangeError(`Cannot misread: there is no "${key}"`);
  return child;
}

function dropRule(sheet: Record<string, unknown>, id: string): void {
  const rules = childOf(sheet, "rules");
  const rule = childOf(rules, id);
  if (!Array.isArray(rules)) throw new RangeError("Cannot misread: the rules are no list");
  const table = childOf(childOf(sheet, "tables"), String(rule["table"]));
  table["clauses"] = [...listOf(table["clauses"]), ...listOf(rule["clauses"])];
  sheet["rules"] = rules.filter((each) => each !== rule);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

/** The share found of all, and a line for each. */
export function misreadReport(findings: readonly Finding[]): string {
  const found = findings.filter(({ by }) => by.length > 0).length;
  const lines = findings.map(
    ({ name, sort, seed, by }) =>
      `${by.length > 0 ? "found " : "MISSED"}  ${seed.padEnd(24)}  ${sort.padEnd(26)}  ${name}${by.length > 0 ? ` [${by[0] ?? ""}]` : ""}`,
  );
  return [`misread policies: ${found} of ${findings.length} found by the Verifier's clause examples`, ...lines, ""].join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.stdout.write(misreadReport(await findMisreadings()));
