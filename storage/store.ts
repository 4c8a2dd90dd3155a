/**
 * Artefacts under the digest of their content: small ones in one SQLite file, large ones as files beside it. The same file holds the
 * journal and the ledger, so that a reply and its account are committed together. Several processes may have it open.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { z } from "zod";
import { sweepTemporaryFiles, writeFileAtomic } from "./atomic-file.js";
import { canonicalJson, contentDigest, type Digest } from "./content-digest.js";

/** Artefacts of more bytes than this are files. */
const largeBytes = 1_000_000;
const busyTimeoutMs = 30_000;
/** Raised with every change of the tables. */
const formatVersion = 1;

/** The store cannot be read or written; `digest` is that of the artefact concerned. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  /** `damaged`: bytes differ from their digest; `missing`: no such artefact; `unwritable`: no space or no right; `version`: of another format. */
  readonly kind: "damaged" | "missing" | "unwritable" | "version";
  readonly digest: Digest | null;

  constructor(kind: StoreError["kind"], message: string, options: { readonly digest?: Digest; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.kind = kind;
    this.digest = options.digest ?? null;
  }
}

export interface Store {
  readonly directory: string;
  /** For the tables of `storage/` alone. */
  readonly database: Database.Database;
  /** Stores bytes, or a text as UTF-8; the same content again changes nothing, save that it mends a damaged artefact. Durable on return. */
  put(content: Uint8Array | string): Digest;
  /** Stores a value as canonical JSON. @throws {TypeError} If it is not JSON. */
  putJson(value: unknown): Digest;
  has(digest: Digest): boolean;
  /** @throws {StoreError} `missing`, or `damaged` if the bytes no longer fit the digest. */
  get(digest: Digest): Buffer;
  /** @throws {StoreError} As `get`; {z.ZodError} if the value does not fit the schema. */
  getJson<T>(digest: Digest, schema: z.ZodType<T>): T;
  /** Runs work whose writes are committed together or not at all; what is nested joins. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens the store of a folder, made where absent, and removes what a killed process left half written.
 *
 * @throws {StoreError} `unwritable`, or `version` if another version of the program made it.
 */
export function openStore(directory: string): Store {
  const blobs = join(directory, "blobs");
  const database = guarded(directory, () => {
    mkdirSync(blobs, { recursive: true });
    sweepTemporaryFiles(blobs, Date.now());
    return openDatabase(join(directory, "store.sqlite"));
  });
  const insert = database.prepare<[Digest, Buffer]>(
    "INSERT INTO artefact (digest, content) VALUES (?, ?) ON CONFLICT DO UPDATE SET content = excluded.content WHERE content IS NOT excluded.content",
  );
  const select = database.prepare<[Digest], Buffer>("SELECT content FROM artefact WHERE digest = ?").pluck();
  const fileOf = (digest: Digest): string => join(blobs, digest.slice(0, 2), digest);

  function has(digest: Digest): boolean {
    return select.get(digest) !== undefined || existsSync(fileOf(digest));
  }

  function put(content: Uint8Array | string): Digest {
    const bytes = Buffer.from(content);
    const digest = contentDigest(bytes);
    guarded(directory, () => {
      if (bytes.length <= largeBytes) insert.run(digest, bytes);
      else if (readIfPresent(fileOf(digest))?.equals(bytes) !== true) writeFileAtomic(fileOf(digest), bytes);
    });
    return digest;
  }

  function get(digest: Digest): Buffer {
    const bytes = select.get(digest) ?? readIfPresent(fileOf(digest));
    if (bytes === undefined) throw new StoreError("missing", `Artefact ${digest} is not in the store`, { digest });
    if (contentDigest(bytes) !== digest)
      throw new StoreError("damaged", `Artefact ${digest} is damaged: its bytes do not fit its digest`, { digest });
    return bytes;
  }

  return {
    directory,
    database,
    put,
    putJson: (value) => put(canonicalJson(value)),
    has,
    get,
    getJson: (digest, schema) => schema.parse(JSON.parse(get(digest).toString("utf8"))),
    transaction: (work) => guarded(directory, () => (database.inTransaction ? work() : database.transaction(work).immediate())),
    close: () => {
      database.close();
    },
  };
}

function openDatabase(path: string): Database.Database {
  const database = new Database(path, { timeout: busyTimeoutMs });
  // FULL: what was acknowledged as paid survives a power cut; NORMAL in WAL mode survives only a killed process.
  database.pragma("synchronous = FULL");
  database.pragma("journal_mode = WAL");
  database
    .transaction(() => {
      prepareTables(database);
    })
    .immediate();
  return database;
}

function prepareTables(database: Database.Database): void {
  const version = database.pragma("user_version", { simple: true });
  if (version !== 0 && version !== formatVersion) {
    throw new StoreError("version", `The store has format ${String(version)}; this version reads format ${formatVersion}`);
  }
  database.exec("CREATE TABLE IF NOT EXISTS artefact (digest TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT");
  database.pragma(`user_version = ${formatVersion}`);
}

function readIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Turns "no space" and "no right" of file system and SQLite into one error that names the folder. */
function guarded<T>(directory: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!unwritableCodes.test(codeOf(error))) throw error;
    throw new StoreError(
      "unwritable",
      `Cannot write to ${directory} (${codeOf(error)}); make room or give the right to write, then resume`,
      { cause: error },
    );
  }
}

const unwritableCodes =
  /^(?:ENOSPC|EDQUOT|EACCES|EPERM|EROFS|EFBIG|EIO|ENOTDIR|SQLITE_FULL|SQLITE_READONLY.*|SQLITE_CANTOPEN.*|SQLITE_IOERR.*)$/;

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
