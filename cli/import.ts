/** `logigen import`: an environment given as raw SQL, through the fences, as an environment folder. */
import { existsSync, realpathSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { z } from "zod";
import { writeFiles } from "../environment/engine/folder-files.js";
import type { Import, ImportSource, Refused } from "../environment/import/import-raw.js";
import { importInChild } from "../environment/child/import-in-child.js";
import { readImport } from "../environment/import/read-import.js";
import { writeAnswer } from "./answer.js";
import { EXIT } from "./command-error.js";
import { importAnswerSchema } from "./json-shapes.js";
import { formOf, jsonOption } from "./options.js";
import { requireWritable } from "./require-writable.js";

type ImportOptions = { readonly out?: string; readonly json?: true };
type Answer = z.infer<typeof importAnswerSchema>;

/** Adds the command `import`; with `--json` a command line that is none is answered in JSON as well. */
export function addImport(program: Command): void {
  const command = program.command("import");
  command
    .exitOverride((error) => {
      if (error.exitCode !== EXIT.ok && command.opts<ImportOptions>().json === true)
        writeAnswer("json", importAnswerSchema, refusal([{ file: ".", statement: null, code: "USAGE", message: error.message }]), "");
      throw error;
    })
    .description(
      "turn raw SQL (schema.sql, triggers.sql, rows.sql, policy.md, columns.json) into an environment folder; exit 1 when it is refused",
    )
    .argument("<folder>", "folder with the files")
    .option("--out <folder>", "folder to write; by default `environment` inside the folder")
    .addOption(jsonOption())
    .action(async (folder: string, options: ImportOptions) => {
      const answer = await importFolder(resolve(folder), {
        out: resolve(options.out ?? resolve(folder, "environment")),
        run: importInChild,
      });
      writeAnswer(formOf(options), importAnswerSchema, answer, describe(answer, folder));
      if (!answer.ok) process.exitCode = EXIT.internal;
    });
}

/** Imports a folder and writes the environment, or says everything that is refused; then nothing is written. `run` carries the import out. */
export async function importFolder(
  folder: string,
  { out, run }: { readonly out: string; readonly run: (source: ImportSource) => Promise<Import> },
): Promise<Answer> {
  const read = readImport(folder);
  if (!read.ok) return refusal(read.refused);
  if (existsSync(out) && realpathSync(out) === realpathSync(folder))
    return refusal([faultOf(out, "the environment would overwrite the files it is made from; name another folder")]);
  const imported = await run(read.source);
  if (!imported.ok) return refusal(imported.refused);
  const fault = write(out, imported.files);
  return fault === null ? { ok: true, environment: out, findings: [...imported.findings] } : refusal([faultOf(out, fault)]);
}

/** Null, or why the folder cannot be written; then it is as it was. */
function write(out: string, files: ReadonlyMap<string, Buffer>): string | null {
  const isNew = !existsSync(out);
  // With a listener of its own the signal waits until the last file is in its place: a folder is whole or not there.
  const wait = (): void => undefined;
  process.on("SIGINT", wait);
  try {
    requireWritable(out);
    writeFiles(out, files);
    return null;
  } catch (error) {
    if (isNew) rmSync(out, { recursive: true, force: true });
    return error instanceof Error ? error.message : "it cannot be written";
  } finally {
    process.off("SIGINT", wait);
  }
}

function refusal(refused: readonly Refused[]): Answer {
  return { ok: false, refused: [...refused] };
}

function faultOf(out: string, message: string): Refused {
  return { file: out, statement: null, code: "OUT", message };
}

function describe(answer: Answer, folder: string): string {
  if (!answer.ok) {
    const lines = answer.refused.map(
      ({ file, statement, code, message }) => `${file}${statement === null ? "" : `, ${statement}`}\n  ${code}: ${message}`,
    );
    return [`Cannot import "${folder}"; nothing was written`, ...lines].join("\n");
  }
  const kinds = [...new Set(answer.findings.map(({ kind }) => kind))];
  const sections = kinds.map((kind) =>
    [kind, ...answer.findings.filter((finding) => finding.kind === kind).map(({ object, message }) => `  ${object}: ${message}`)].join(
      "\n",
    ),
  );
  return [`environment written to ${answer.environment}`, ...sections].join("\n\n");
}
