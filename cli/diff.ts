/** `logigen diff`: the exact difference of two states of one origin, for people, or a line a line for programs. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { type Diff, diffStates } from "../environment/compare/diff.js";
import { stringifyExactJson } from "../environment/engine/exact-json.js";
import { columnsSchema } from "../environment/engine/folder-files.js";
import type { Db } from "../environment/engine/snapshot.js";
import { classesOf, type ColumnClasses, type StateView, viewOf, viewOfEngine } from "../environment/compare/state-view.js";
import { UsageError } from "./command-error.js";
import type { diffAnswerSchema } from "./json-shapes.js";
import { jsonOption } from "./options.js";
import { readFolder } from "./read-folder.js";
import { readLines } from "./read-lines.js";
import { openState, readable, refuseOther } from "./state-file.js";

const requestSchema = z.strictObject({ environment: z.string(), origin: z.string(), wanted: z.string(), found: z.string() });
type DiffRequest = z.infer<typeof requestSchema>;
/** What an environment says of its states: its columns' classes and, where it has tables, how they are looked at. */
type Compared = { readonly classes: ColumnClasses; readonly view: StateView | null };
type DiffOptions = { readonly batch?: true; readonly json?: true };

/** Adds `diff`. */
export function addDiff(program: Command): void {
  program
    .command("diff")
    .description("compare two states of one origin, up to the keys that the database chose; exit 1 when they differ")
    .argument("[files...]", "environment folder or task package; then the SQLite files origin, wanted and found")
    .option("--batch", 'read NDJSON {"environment","origin","wanted","found"} from standard input and answer each line at once')
    .addOption(jsonOption())
    .action(async (files: readonly string[], options: DiffOptions) => {
      if (options.batch === true) await answerLines(process.stdin, process.stdout);
      else printDiff(files, options);
    });
}

function printDiff([environment, origin, wanted, found, ...rest]: readonly string[], { json }: DiffOptions): void {
  const request = requestSchema.safeParse({ environment, origin, wanted, found });
  if (!request.success || rest.length > 0)
    throw new UsageError("Cannot compare: name the environment and three SQLite files, or use --batch");
  const diff = compareFiles(request.data, new Map());
  process.stdout.write(json === true ? `${stringifyExactJson(answerOf(diff))}\n` : `${textOf(diff)}\n`);
  if (diff.kind === "undecided" || !diff.equal) process.exitCode = 1;
}

async function answerLines(input: AsyncIterable<Buffer>, output: NodeJS.WritableStream): Promise<void> {
  const known = new Map<string, Compared>();
  for await (const line of readLines(input)) if (line.trim() !== "") output.write(`${stringifyExactJson(answerLine(line, known))}\n`);
}

function answerLine(line: string, known: Map<string, Compared>): unknown {
  const request = requestOf(line);
  if (request === null) return refusal("BAD_REQUEST", 'A line is {"environment","origin","wanted","found"}, all texts');
  try {
    return answerOf(compareFiles(request, known));
  } catch (error) {
    return refusal("UNREADABLE", error instanceof Error ? error.message : "The states cannot be read");
  }
}

function requestOf(line: string): DiffRequest | null {
  try {
    return requestSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function refusal(code: string, message: string): unknown {
  return { ok: false, error: { code, message } };
}

function compareFiles(request: DiffRequest, known: Map<string, Compared>): Diff {
  const folder = resolve(request.environment);
  const compared = known.get(folder) ?? comparedIn(folder);
  known.set(folder, compared);
  const opened: Db[] = [];
  const open = (file: string): Db => {
    const db = openState(file);
    opened.push(db);
    return db;
  };
  const files = [request.origin, request.wanted, request.found];
  try {
    const origin = open(request.origin);
    const tables = viewOf(origin, {});
    if (compared.view !== null) refuseOther(request.origin, tables, { of: folder, view: compared.view });
    const [wanted, found] = [request.wanted, request.found].map((file) => {
      const db = open(file);
      refuseOther(file, viewOf(db, {}), { of: request.origin, view: tables });
      return db;
    });
    if (wanted === undefined || found === undefined) throw new RangeError("Cannot compare fewer than three states");
    return readable(files, () => diffStates({ view: viewOf(origin, compared.classes), origin, wanted, found }));
  } finally {
    for (const db of opened) db.close();
  }
}

/** A folder that is no whole environment may tell the classes of columns alone. */
function comparedIn(folder: string): Compared {
  const file = join(folder, "columns.json");
  if (existsSync(file) && !existsSync(join(folder, "manifest.json"))) return { classes: declaredClasses(file), view: null };
  const { compiled } = readFolder(folder);
  return { classes: classesOf(compiled.catalogue), view: viewOfEngine(compiled) };
}

function declaredClasses(file: string): ColumnClasses {
  const fix = 'write {"table.column": "business" | "text" | "technical" | "provenance"}';
  try {
    const classes = columnsSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (classes.success) return classes.data;
    throw new UsageError(`Cannot read "${file}": ${z.prettifyError(classes.error)}`, { file, fix });
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`Cannot read "${file}": ${error.message}`, { file, fix }, { cause: error });
    throw error;
  }
}

function answerOf(diff: Diff): z.input<typeof diffAnswerSchema> {
  if (diff.kind === "undecided") return { equal: null, undecided: true };
  const { equal, missing, collateral, exact, rows } = diff;
  return { equal, missing, collateral, ...(exact ? {} : { upper_bound: true }), rows };
}

function textOf(diff: Diff): string {
  if (diff.kind === "undecided") return "not decided within the work limit";
  if (diff.equal) return "equal";
  const head = `${diff.missing} missing, ${diff.collateral} collateral${diff.exact ? "" : " (at most)"}`;
  const lines = diff.rows.map((row) => {
    const place = `${row.table} ${stringifyExactJson(row.key)}${row.column === null ? "" : `.${row.column}`}`;
    return `  ${place}: wanted ${row.column === null && row.wanted === null ? "no row" : stringifyExactJson(row.wanted)}, found ${row.column === null && row.found === null ? "no row" : stringifyExactJson(row.found)}`;
  });
  return [head, ...lines].join("\n");
}
