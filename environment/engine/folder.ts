/**
 * Reads an environment folder back: nothing in it is believed that can be made again.
 *
 * Digests show an accident; against a deliberate change with the digests rewritten, what the sheet compiles to (of an import,
 * what the origin holds) is compared with what the folder holds.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { type Compiled, compileSheet } from "../compile/compile-sheet.js";
import { type DeclaredClasses, type Imported, importedEngine } from "./imported.js";
import { type Db, openSnapshot, schemaObjects } from "./snapshot.js";
import { gatedScript } from "./imported-script.js";
import {
  columnsSchema,
  derivedFiles,
  type Environment,
  formatVersion,
  type ImportedEnvironment,
  isImported,
  type Manifest,
  manifestSchema,
  sha256,
} from "./folder-files.js";

/** A folder that is no sound environment; `file` is the wrong one. */
export class EnvironmentFolderError extends Error {
  override readonly name = "EnvironmentFolderError";
  readonly file: string;

  constructor(file: string, message: string, options?: ErrorOptions) {
    super(`Cannot read "${file}": ${message}`, options);
    this.file = file;
  }
}

/**
 * What was made of folders read before, which those of one environment need not make again: sheets compiled, by the SHA-256 of
 * `sheet.yaml`, and the file last read under each name, with its SHA-256.
 */
export type KnownEnvironments = {
  readonly sheets: Map<string, Compiled>;
  readonly files: Map<string, { readonly bytes: Buffer; readonly digest: string }>;
};

/** Nothing known yet. */
export function noneKnown(): KnownEnvironments {
  return { sheets: new Map(), files: new Map() };
}

/** What a folder holds, with its manifest; of an imported environment `compiled.sheet` is undefined. */
export type ReadEnvironment = (Environment | ImportedEnvironment) & { readonly manifest: Manifest };

/**
 * Reads an environment folder, or a task package, which holds the same files; `sheet.yaml` or `columns.json` says of which sort it is.
 * @throws {EnvironmentFolderError} If the layout's version is another one, a digest does not match, the sheet does not compile, an
 * import's SQL does not pass the gate, or what the sheet compiles to, or the origin holds, is not what the folder holds.
 */
export function readEnvironment(folder: string, known: KnownEnvironments = noneKnown()): ReadEnvironment {
  const environment = readFiles(folder, readManifest(folder), known);
  checkSchema("origin.sqlite", environment);
  return environment;
}

function readFiles(folder: string, manifest: Manifest, known: KnownEnvironments): ReadEnvironment {
  const read = once((name: string) => checked(name, readFile(folder, name), { manifest, digestOf: digestFrom(known) }));
  const isImport = "columns.json" in manifest.files && !("sheet.yaml" in manifest.files);
  const environment = isImport ? readImported(read, manifest) : readCompiled(read, known);
  const source = isImport ? "columns.json" : "sheet.yaml";
  for (const [name, bytes] of derivedFiles(environment)) {
    if (!read(name).equals(bytes))
      throw new EnvironmentFolderError(name, isImport ? notOfTheOrigin : `it is not what ${source} compiles to`);
  }
  return { ...environment, manifest };
}

function once(read: ReadFile): ReadFile {
  const known = new Map<string, Buffer>();
  return (name) => {
    const bytes = known.get(name) ?? read(name);
    known.set(name, bytes);
    return bytes;
  };
}

/**
 * Reads the folder of an environment that was compiled from a sheet.
 * @throws {EnvironmentFolderError} As {@link readEnvironment} does, and if the environment was imported.
 */
export function readCompiledEnvironment(folder: string, known?: KnownEnvironments): Environment & { readonly manifest: Manifest } {
  const environment = readCompiledFiles(folder, readManifest(folder), known);
  checkSchema("origin.sqlite", environment);
  return environment;
}

/** The same of a folder with this manifest, with the origin unopened: whoever asked opens it by {@link openChecked}. @throws As {@link readCompiledEnvironment}. */
export function readCompiledFiles(
  folder: string,
  manifest: Manifest,
  known: KnownEnvironments = noneKnown(),
): Environment & { readonly manifest: Manifest } {
  const environment = readFiles(folder, manifest, known);
  if (isImported(environment)) throw new EnvironmentFolderError("sheet.yaml", "the environment was imported, and has no rule sheet");
  return environment;
}

const notOfTheOrigin = "it is not what origin.sqlite holds";

type ReadFile = (name: string) => Buffer;

function readCompiled(read: ReadFile, known: KnownEnvironments): Environment {
  const sheet = read("sheet.yaml");
  const digest = digestFrom(known)("sheet.yaml", sheet);
  const compiled = known.sheets.get(digest) ?? compiledFrom(sheet);
  known.sheets.set(digest, compiled);
  return { compiled, origin: read("origin.sqlite") };
}

function compiledFrom(sheet: Buffer): Compiled {
  const compilation = compileSheet(sheetOf(sheet));
  if (compilation.ok) return compilation.compiled;
  const [first] = compilation.errors;
  throw new EnvironmentFolderError("sheet.yaml", `it does not compile: ${first?.path ?? ""} ${first?.message ?? ""}`);
}

/** The SQL is judged, and found to be the origin's, before anything but the schema of the origin is read. */
function readImported(read: ReadFile, { environment: id, title }: Manifest): ImportedEnvironment {
  const origin = read("origin.sqlite");
  const found = openAndRead("origin.sqlite", origin, (db) => {
    const schema = storedSchema(db);
    db.close();
    return schema;
  });
  for (const name of ["schema", "triggers"] as const) {
    const script = gatedScript(name, read(`${name}.sql`).toString());
    if (!script.ok) throw new EnvironmentFolderError(`${name}.sql`, script.message);
    if (!sameStatements(found[name], script.statements)) throw new EnvironmentFolderError(`${name}.sql`, notOfTheOrigin);
  }
  return { compiled: engineOf(origin, classesIn(read("columns.json"))), origin, id, title, policy: read("policy.md").toString() };
}

function engineOf(origin: Buffer, classes: DeclaredClasses): Imported {
  let db: Db | undefined;
  try {
    db = openSnapshot(origin, { readonly: true });
    return importedEngine(db, classes);
  } catch (error) {
    throw new EnvironmentFolderError("origin.sqlite", error instanceof RangeError ? error.message : "it is no SQLite file", {
      cause: error,
    });
  } finally {
    db?.close();
  }
}

function classesIn(bytes: Buffer): DeclaredClasses {
  const classes = columnsSchema.safeParse(parseDocument("columns.json", () => JSON.parse(bytes.toString()) as unknown)); // typed any
  if (!classes.success) throw new EnvironmentFolderError("columns.json", z.prettifyError(classes.error));
  return classes.data;
}

/**
 * Checks that a snapshot has the tables, indexes and triggers of the environment, and no others.
 * @throws {EnvironmentFolderError} If it has not, or is no SQLite file; `file` names it in the message.
 */
export function checkSchema(file: string, { compiled, origin }: Pick<ReadEnvironment, "compiled" | "origin">): void {
  openChecked(file, compiled, origin).close();
}

/** A snapshot that passed {@link checkSchema}, open for reading. @throws As it does. */
export function openChecked(file: string, { sheet, schemaSql, triggerSql }: ReadEnvironment["compiled"], bytes: Buffer): Db {
  return openAndRead(file, bytes, (db) => {
    const found = storedSchema(db);
    const wanted = sheet === undefined ? "those of the environment" : "what sheet.yaml compiles to";
    if (!sameStatements(found.schema, schemaSql)) throw new EnvironmentFolderError(file, `its tables are not ${wanted}`);
    if (!sameStatements(found.triggers, triggerSql)) throw new EnvironmentFolderError(file, `its triggers are not ${wanted}`);
    return db;
  });
}

/** Opens a snapshot, and closes it again if reading it fails. */
function openAndRead<T>(file: string, bytes: Buffer, read: (db: Db) => T): T {
  let db: Db | undefined;
  try {
    db = openSnapshot(bytes, { readonly: true });
    return read(db);
  } catch (error) {
    db?.close();
    if (error instanceof EnvironmentFolderError) throw error;
    throw new EnvironmentFolderError(file, "it is no SQLite file", { cause: error });
  }
}

type StoredSchema = { readonly schema: readonly string[]; readonly triggers: readonly string[] };

function storedSchema(db: Db): StoredSchema {
  const objects = schemaObjects(db);
  const textsOf = (isWanted: (kind: string) => boolean) => objects.flatMap(({ kind, sql }) => (isWanted(kind) ? [sql] : []));
  return { schema: textsOf((kind) => kind !== "trigger"), triggers: textsOf((kind) => kind === "trigger") };
}

/** Triggers of one event fire in an order of their own, tables do not; a snapshot has tables before indexes. */
function sameStatements(found: readonly string[], wanted: readonly string[]): boolean {
  const sorted = [...found].sort();
  return found.length === wanted.length && [...wanted].sort().every((sql, i) => sql === sorted[i]);
}

const versionSchema = z.looseObject({ logigen: z.unknown() });

function readManifest(folder: string): Manifest {
  const bytes = readFile(folder, "manifest.json");
  const content = parseDocument("manifest.json", () => JSON.parse(bytes.toString()) as unknown); // JSON.parse is typed any
  const version = versionSchema.safeParse(content);
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
export function readListed(folder: string, name: string, manifest: Pick<Manifest, "files">): Buffer {
  return checked(name, readFile(folder, name), { manifest, digestOf: (_, bytes) => sha256(bytes) });
}

type DigestOf = (name: string, bytes: Buffer) => string;

function checked(
  name: string,
  bytes: Buffer,
  { manifest: { files }, digestOf }: { readonly manifest: Pick<Manifest, "files">; readonly digestOf: DigestOf },
): Buffer {
  const listed = files[name];
  if (listed === undefined) throw new EnvironmentFolderError(name, "manifest.json does not list it");
  if (digestOf(name, bytes) !== listed) throw new EnvironmentFolderError(name, "its digest is not the one in manifest.json");
  return bytes;
}

/** Comparing bytes with those of the last folder takes a small part of what their digest does. */
function digestFrom({ files }: KnownEnvironments): DigestOf {
  return (name, bytes) => {
    const last = files.get(name);
    const found = last?.bytes.equals(bytes) === true ? last : { bytes, digest: sha256(bytes) };
    files.set(name, found);
    return found.digest;
  };
}

/** A file of the folder. @throws {EnvironmentFolderError} If there is none. */
export function readFile(folder: string, name: string): Buffer {
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
