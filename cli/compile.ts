/** `logigen compile`: a rule sheet, and perhaps rows, as an environment folder. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { z } from "zod";
import { type Compiled, compileSheet } from "../environment/compile/compile-sheet.js";
import { writeEnvironment } from "../environment/engine/folder-files.js";
import { layRows, RowsError } from "../environment/engine/lay-rows.js";
import { parseSheet } from "../environment/engine/parse-sheet.js";
import type { SheetError } from "../environment/core/sheet-error.js";
import { writeSnapshot } from "../environment/engine/snapshot.js";
import type { Rows } from "../environment/core/values.js";
import { writeAnswer } from "./answer.js";
import { EXIT, UsageError } from "./command-error.js";
import { compileAnswerSchema } from "./json-shapes.js";
import { formOf, jsonOption } from "./options.js";
import { readRows } from "./read-rows.js";
import { requireWritable } from "./require-writable.js";

type CompileOptions = { readonly rows?: string; readonly now: bigint; readonly out: string; readonly json?: true };
type Answer = z.infer<typeof compileAnswerSchema>;
type Step<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly SheetError[] };

/** Adds the command `compile`. */
export function addCompile(program: Command): void {
  program
    .command("compile")
    .description("turn a rule sheet into an environment folder")
    .argument("<sheet>", "rule sheet, YAML or JSON")
    .option("--rows <file>", 'rows of the origin: {"table":[{"column":value}]}')
    .addOption(new Option("--now <step>", "the clock at the origin, in steps").argParser(readStep).default(0n, "0"))
    .requiredOption("--out <folder>", "folder to write")
    .addOption(jsonOption())
    .action((sheet: string, options: CompileOptions) => {
      const answer = compileFiles(sheet, options);
      writeAnswer(formOf(options), compileAnswerSchema, answer, describe(answer, sheet));
      if (!answer.ok) process.exitCode = EXIT.internal;
    });
}

/** Compiles the files and writes the folder, or says what is wrong with them; then nothing is written. */
export function compileFiles(sheet: string, options: Pick<CompileOptions, "rows" | "now" | "out">): Answer {
  const compiled = readSheet(sheet);
  if (!compiled.ok) return { ok: false, errors: [...compiled.errors] };
  const rows = options.rows === undefined ? { ok: true as const, value: {} } : readRows(readText(options.rows));
  if (!rows.ok) return { ok: false, errors: [...rows.errors] };
  const origin = layOrigin(compiled.value, rows.value, options.now);
  if (!origin.ok) return { ok: false, errors: [...origin.errors] };
  const environment = resolve(options.out);
  requireWritable(environment);
  writeEnvironment(environment, { compiled: compiled.value, origin: origin.value });
  return { ok: true, environment };
}

function readSheet(file: string): Step<Compiled> {
  const parsed = parseSheet(readText(file));
  if (!parsed.ok) return parsed;
  const compilation = compileSheet(parsed.sheet);
  return compilation.ok ? { ok: true, value: compilation.compiled } : compilation;
}

function layOrigin(compiled: Compiled, rows: Rows, now: bigint): Step<Buffer> {
  try {
    const db = layRows(compiled, rows, { now });
    const bytes = writeSnapshot(db);
    db.close();
    return { ok: true, value: bytes };
  } catch (error) {
    if (!(error instanceof RowsError)) throw error;
    return {
      ok: false,
      errors: error.problems.map(({ path, rule, message }) => ({
        path: `rows.${path}`,
        message: rule === undefined ? message : `${rule}: ${message}`,
      })),
    };
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`Cannot read "${file}"`, { file, fix: "name a file that exists and can be read" }, { cause: error });
  }
}

function readStep(text: string): bigint {
  if (!/^-?[0-9]{1,18}$/.test(text))
    throw new UsageError(`Cannot read the clock "${text}"`, { key: "--now", fix: "give a whole number of steps" });
  return BigInt(text);
}

function describe(answer: Answer, sheet: string): string {
  if (answer.ok) return `environment written to ${answer.environment}`;
  const errors = answer.errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return [`Cannot compile "${sheet}"; nothing was written`, ...errors].join("\n");
}
