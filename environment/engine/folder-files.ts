/**
 * An environment as files: the layout that play, diff and task packages share.
 *
 * `sheet.yaml`, `policy.md`, `schema.sql`, `triggers.sql`, `tools.json`, `origin.sqlite` and `manifest.json` with the digests of
 * all. An imported environment has `columns.json`, every column's class, in place of the sheet. A manifest may hold more than is
 * read here, and list more files.
 */
import { createHash } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify as stringifyYaml } from "yaml";
import { z } from "zod";
import { quoteIdentifier } from "../core/identifier.js";
import type { Compiled, Engine } from "../compile/compile-sheet.js";
import { oncePer } from "../core/memo.js";
import { type Imported, writtenClasses } from "./imported.js";
import { policyText } from "../sheet/policy-text.js";
import { type Db, openSnapshot } from "./snapshot.js";
import { toolsOf } from "./tools.js";

/** The version of the folder's layout; another one is refused by name. */
export const formatVersion = 1;

const count = z.int().nonnegative();

export const manifestSchema = z.looseObject({
  logigen: z.literal(formatVersion).describe("version of this layout"),
  environment: z.string().describe("id of the rule sheet"),
  title: z.string(),
  sqlite: z.string().describe("source id of the SQLite that wrote the snapshots"),
  counts: z.strictObject({ clauses: count, tables: count, guards: count, effects: count, tools: count, rows: count }),
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)).describe("SHA-256 of every file, by name"),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** An environment in memory: the compiled sheet, and the snapshot that sessions start from. */
export type Environment = { readonly compiled: Compiled; readonly origin: Buffer };

/** An imported environment in memory: the text of its policy stands beside it, since it has no sheet. */
export type ImportedEnvironment = {
  readonly compiled: Imported;
  readonly origin: Buffer;
  readonly id: string;
  readonly title: string;
  readonly policy: string;
};

/** Classes as a file has them, by `"table.column"`. */
export const columnsSchema = z.record(z.string(), z.enum(["business", "text", "technical", "provenance"]));

/** The files of an environment by name, the manifest left out: the same environment gives the same bytes. */
export function environmentFiles(environment: Environment | ImportedEnvironment): ReadonlyMap<string, Buffer> {
  const source: readonly (readonly [string, Buffer])[] = isImported(environment)
    ? []
    : [["sheet.yaml", Buffer.from(stringifyYaml(environment.compiled.sheet, { lineWidth: 0 }))]];
  return new Map([...source, ...derivedFiles(environment)]);
}

/** The files but the sheet, which the others are made from. */
export function derivedFiles(environment: Environment | ImportedEnvironment): readonly (readonly [string, Buffer])[] {
  return [...policyFiles(environment), ...engineFiles(environment.compiled), ["origin.sqlite", environment.origin]];
}

const engineFiles = oncePer((engine: Engine): readonly (readonly [string, Buffer])[] => [
  ["schema.sql", Buffer.from(script(engine.schemaSql))],
  ["triggers.sql", Buffer.from(script(engine.triggerSql))],
  ["tools.json", Buffer.from(`${JSON.stringify(toolsOf(engine), null, 2)}\n`)],
]);

const policyFile = oncePer(({ sheet }: Compiled) => Buffer.from(policyText(sheet)));

function policyFiles(environment: Environment | ImportedEnvironment): readonly (readonly [string, Buffer])[] {
  if (!isImported(environment)) return [["policy.md", policyFile(environment.compiled)]];
  return [
    ["columns.json", Buffer.from(`${JSON.stringify(writtenClasses(environment.compiled.catalogue), null, 2)}\n`)],
    ["policy.md", Buffer.from(environment.policy)],
  ];
}

/** Whether an environment was imported, and so has no sheet. */
export function isImported(environment: Environment | ImportedEnvironment): environment is ImportedEnvironment {
  return environment.compiled.sheet === undefined;
}

/** The manifest of an environment whose files are these; more files may be among them. The rules of an import are not counted. */
export function manifestOf(environment: Environment | ImportedEnvironment, files: ReadonlyMap<string, Buffer>): Manifest {
  const { compiled, origin } = environment;
  const { catalogue, normal } = compiled;
  const { id, title } = isImported(environment) ? environment : environment.compiled.sheet;
  const db = openSnapshot(origin, { readonly: true });
  try {
    return {
      logigen: formatVersion,
      environment: id,
      title,
      sqlite: z.string().parse(db.prepare("SELECT sqlite_source_id()").pluck().get()),
      counts: {
        clauses: compiled.sheet?.policy.length ?? 0,
        tables: Object.keys(catalogue.tables).length,
        guards: normal.guards.length,
        effects: normal.effects.length,
        tools: toolsOf(compiled).length,
        rows: countRows(db, Object.keys(catalogue.tables)),
      },
      files: Object.fromEntries([...files].map(([name, bytes]) => [name, sha256(bytes)])),
    };
  } finally {
    db.close();
  }
}

/** Writes the folder, each file whole or not at all, the manifest last. @throws {Error} If the folder cannot be written. */
export function writeEnvironment(folder: string, environment: Environment | ImportedEnvironment): Manifest {
  const files = environmentFiles(environment);
  const manifest = manifestOf(environment, files);
  writeFiles(folder, withManifest(files, manifest));
  return manifest;
}

/** The files of a folder with its manifest, which comes last. */
export function withManifest(files: ReadonlyMap<string, Buffer>, manifest: Manifest): ReadonlyMap<string, Buffer> {
  return new Map([...files, ["manifest.json", Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]]);
}

/**
 * Writes files into a folder, all of them aside first, then each into place by a rename, in their order: a reader never sees half of
 * one, and what cannot be written whole (a disk that is full) leaves the folder's own files as they were.
 *
 * @throws {Error} If they cannot be written.
 */
export function writeFiles(folder: string, files: ReadonlyMap<string, Buffer>): void {
  mkdirSync(folder, { recursive: true });
  const aside = (name: string): string => join(folder, `.${name}.unfinished`);
  try {
    for (const [name, bytes] of files) writeFileSync(aside(name), bytes);
    for (const name of files.keys()) renameSync(aside(name), join(folder, name));
  } catch (error) {
    for (const name of files.keys()) rmSync(aside(name), { recursive: true, force: true });
    throw error;
  }
}

function countRows(db: Db, tables: readonly string[]): number {
  const counts = tables.map((table) =>
    Number(
      db
        .prepare(`SELECT COUNT(*) FROM ${quoteIdentifier(table)}`)
        .pluck()
        .get(),
    ),
  );
  return counts.reduce((sum, rows) => sum + rows, 0);
}

function script(statements: readonly string[]): string {
  return statements.map((sql) => `${sql};\n`).join("");
}

/** The digest that a manifest lists, in hex. */
export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
