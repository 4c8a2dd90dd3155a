/**
 * An environment as a folder, the layout that play, diff and task packages share: `sheet.yaml`, `policy.md`, `schema.sql`,
 * `triggers.sql`, `tools.json`, `origin.sqlite` and `manifest.json` with the digests of all.
 *
 * Digests show an accident; against a deliberate change with the digests rewritten, what the sheet compiles to is
 * compared with what the folder holds. A manifest may hold more than is read here, and list more files.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml, stringify as stringifyYaml } from "yaml";
import { z } from "zod";
import { quoteIdentifier } from "../core/identifier.js";
import { type Compiled, compileSheet } from "../compile/compile-sheet.js";
import { policyText } from "../sheet/policy-text.js";
import { type Db, openSnapshot, schemaOf } from "./snapshot.js";
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

/** A folder that is no sound environment; `file` is the wrong one. */
export class EnvironmentFolderError extends Error {
  override readonly name = "EnvironmentFolderError";
  readonly file: string;

  constructor(file: string, message: string, options?: ErrorOptions) {
    super(`Cannot read "${file}": ${message}`, options);
    this.file = file;
  }
}

/** The files of an environment by name, the manifest left out: the same environment gives the same bytes. */
export function environmentFiles({ compiled, origin }: Environment): ReadonlyMap<string, Buffer> {
  return new Map([
    ["sheet.yaml", Buffer.from(stringifyYaml(compiled.sheet, { lineWidth: 0 }))],
    ["policy.md", Buffer.from(policyText(compiled.sheet))],
    ["schema.sql", Buffer.from(script(compiled.schemaSql))],
    ["triggers.sql", Buffer.from(script(compiled.triggerSql))],
    ["tools.json", Buffer.from(`${JSON.stringify(toolsOf(compiled), null, 2)}\n`)],
    ["origin.sqlite", origin],
  ]);
}

/** The manifest of an environment whose files are these; more files may be among them. */
export function manifestOf({ compiled, origin }: Environment, files: ReadonlyMap<string, Buffer>): Manifest {
  const { sheet, catalogue, normal } = compiled;
  const db = openSnapshot(origin, { readonly: true });
  try {
    return {
      logigen: formatVersion,
      environment: sheet.id,
      title: sheet.title,
      sqlite: z.string().parse(db.prepare("SELECT sqlite_source_id()").pluck().get()),
      counts: {
        clauses: sheet.policy.length,
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
export function writeEnvironment(folder: string, environment: Environment): Manifest {
  const files = environmentFiles(environment);
  const manifest = manifestOf(environment, files);
  writeFiles(folder, new Map([...files, ["manifest.json", Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]]));
  return manifest;
}

/** Writes files into a folder, in their order, each by a rename, so that a reader never sees half of one. */
export function writeFiles(folder: string, files: ReadonlyMap<string, Buffer>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) {
    const unfinished = join(folder, `.${name}.unfinished`);
    writeFileSync(unfinished, bytes);
    renameSync(unfinished, join(folder, name));
  }
}

/**
 * Reads an environment folder, or a task package, which holds the same files.
 * @throws {EnvironmentFolderError} If the layout's version is another one, a digest does not match, the sheet does not compile, or what it
 * compiles to is not what the folder holds.
 */
export function readEnvironment(folder: string): Environment & { readonly manifest: Manifest } {
  const manifest = readManifest(folder);
  const read = (name: string): Buffer => readListed(folder, name, manifest);
  const compilation = compileSheet(sheetOf(read("sheet.yaml")));
  if (!compilation.ok) {
    const [first] = compilation.errors;
    throw new EnvironmentFolderError("sheet.yaml", `it does not compile: ${first?.path ?? ""} ${first?.message ?? ""}`);
  }
  const environment = { compiled: compilation.compiled, origin: read("origin.sqlite") };
  for (const [name, bytes] of environmentFiles(environment)) {
    if (name !== "sheet.yaml" && !read(name).equals(bytes)) throw new EnvironmentFolderError(name, "it is not what sheet.yaml compiles to");
  }
  checkSchema("origin.sqlite", environment);
  return { ...environment, manifest };
}

/**
 * Checks that a snapshot has the tables, indexes and triggers that the sheet compiles to, and no others.
 * @throws {EnvironmentFolderError} If it has not, or is no SQLite file; `file` names it in the message.
 */
export function checkSchema(file: string, { compiled, origin }: Environment): void {
  const found = storedSchema(file, origin);
  const { schemaSql, triggerSql } = compiled;
  if (!sameStatements(found.schema, schemaSql)) throw new EnvironmentFolderError(file, "its tables are not what sheet.yaml compiles to");
  if (!sameStatements(found.triggers, triggerSql))
    throw new EnvironmentFolderError(file, "its triggers are not what sheet.yaml compiles to");
}

function storedSchema(file: string, bytes: Buffer): { readonly schema: readonly string[]; readonly triggers: readonly string[] } {
  let db: Db | undefined;
  try {
    db = openSnapshot(bytes, { readonly: true });
    const schema = [...schemaOf(db, "table"), ...schemaOf(db, "index"), ...schemaOf(db, "view")];
    return { schema, triggers: schemaOf(db, "trigger") };
  } catch (error) {
    throw new EnvironmentFolderError(file, "it is no SQLite file", { cause: error });
  } finally {
    db?.close();
  }
}

/** Triggers of one event fire in an order of their own, tables do not; a snapshot has tables before indexes. */
function sameStatements(found: readonly string[], wanted: readonly string[]): boolean {
  const sorted = [...found].sort();
  return found.length === wanted.length && [...wanted].sort().every((sql, i) => sql === sorted[i]);
}

function readManifest(folder: string): Manifest {
  const bytes = readFile(folder, "manifest.json");
  const content = parseDocument("manifest.json", () => JSON.parse(bytes.toString()) as unknown); // JSON.parse is typed any
  const version = z.looseObject({ logigen: z.unknown() }).safeParse(content);
  if (version.success && version.data.logigen !== formatVersion) {
    throw new EnvironmentFolderError(
      "manifest.json",
      `format version ${JSON.stringify(version.data.logigen)} is not ${formatVersion}, the one this logigen reads`,
    );
  }
  const manifest = manifestSchema.safeParse(content);
  if (!manifest.success) throw new EnvironmentFolderError("manifest.json", z.prettifyError(manifest.error));
  return manifest.data;
}

/** A file whose digest the manifest lists. @throws {EnvironmentFolderError} If it is missing, not listed, or another one. */
export function readListed(folder: string, name: string, { files }: Pick<Manifest, "files">): Buffer {
  const bytes = readFile(folder, name);
  const digest = files[name];
  if (digest === undefined) throw new EnvironmentFolderError(name, "manifest.json does not list it");
  if (sha256(bytes) !== digest) throw new EnvironmentFolderError(name, "its digest is not the one in manifest.json");
  return bytes;
}

function readFile(folder: string, name: string): Buffer {
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    throw new EnvironmentFolderError(name, `there is no such file in "${folder}"`, { cause: error });
  }
}

function sheetOf(bytes: Buffer): unknown {
  return parseDocument("sheet.yaml", () => parseYaml(bytes.toString()) as unknown); // parse is typed any
}

function parseDocument(file: string, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    throw new EnvironmentFolderError(file, error instanceof Error ? error.message : "it cannot be parsed", { cause: error });
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

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
