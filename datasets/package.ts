/**
 * A task package: one self-contained task in a folder (paper, D_i), which is an environment folder with more in it.
 *
 * The files are listed with their digests in `manifest.json`; `provenance.json` (workflow, models, tokens, cost, times, host)
 * lies beside them and outside the package's digest, so that the same task made elsewhere has the same digest.
 */
import { renameSync, rmSync } from "node:fs";
import { z } from "zod";
import type { Certificate } from "../environment/task/certificate.js";
import { certificatePoints } from "../environment/task/certificate-point.js";
import {
  checkSchema,
  EnvironmentFolderError,
  type KnownEnvironments,
  readCompiledFiles,
  readFile,
  readListed,
} from "../environment/engine/folder.js";
import {
  type Environment,
  environmentFiles,
  formatVersion,
  manifestOf,
  manifestSchema,
  writeFiles,
} from "../environment/engine/folder-files.js";
import { type TaskDescription, taskDescriptionSchema } from "../environment/task/task-description.js";
import type { Call } from "../environment/compare/trial.js";
import { packageDigest } from "./dataset-digest.js";
import { readTrajectories, type Trajectory, trajectoryLines } from "./trajectory.js";

/** The version of what a package adds to an environment folder; another one is refused by name. */
export const packageVersion = 1;

const count = z.int().nonnegative();

/** The gold log as it is stored: arguments as JSON has them. */
export const goldSchema = z.strictObject({
  version: z.literal(packageVersion),
  writes: z
    .array(z.strictObject({ tool: z.string(), arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])) }))
    .describe("every accepted write in order, authenticate among them"),
  refusals: z.array(z.string()).describe("rules that refused a write in the episode, in order"),
});

export const certificateSchema = z.strictObject({
  ok: z.boolean(),
  difficulty: z.enum(["L1", "L2", "L3"]),
  tags: z.array(z.string()),
  points: z.array(z.strictObject({ name: z.enum(certificatePoints), ok: z.boolean(), evidence: z.array(z.string()) })),
});

export const packageManifestSchema = manifestSchema.extend({
  package: z.literal(packageVersion).describe("version of what a package adds to an environment folder"),
  task: z.string().describe("readable id of the task"),
  kind: z.enum(["reach", "refusal"]),
  author: z.string().describe("who wrote it: builtin, or the models"),
  difficulty: z.enum(["L1", "L2", "L3"]),
  tags: z.array(z.string()),
  attempts: count.describe("rollouts tried"),
  passes: count.describe("verified trajectories"),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("the package's digest, over its files"),
});

const versionsSchema = z.looseObject({ logigen: z.unknown().optional(), package: z.unknown().optional() });

export type Gold = z.infer<typeof goldSchema>;
export type PackageManifest = z.infer<typeof packageManifestSchema>;

/** A task as it goes into a package. */
export type PackageContent = {
  readonly task: string;
  readonly author: string;
  readonly environment: Environment;
  readonly target: Buffer;
  readonly log: readonly Call[];
  readonly refusals: readonly string[];
  readonly description: TaskDescription;
  readonly certificate: Certificate;
  readonly trajectories: readonly Trajectory[];
  /** Anything that says how it was made; outside the digest. */
  readonly provenance: unknown;
};

/** A package as it was read: its files agree with its manifest, its snapshots with its sheet. Nothing is proven yet. */
export type TaskPackage = Omit<PackageContent, "provenance" | "certificate"> & {
  readonly folder: string;
  readonly manifest: PackageManifest;
  readonly certificate: z.infer<typeof certificateSchema>;
  /** The text of `task.md`, what the simulator reads. */
  readonly text: string;
};

/** Writes the package whole or not at all, in place of one that is there, and returns its manifest. @throws {Error} If the folder cannot be written. */
export function writePackage(folder: string, content: PackageContent): PackageManifest {
  const files = packageFiles(content);
  const manifest = packageManifest(content, files);
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  writeFiles(unfinished, new Map([...files, ["provenance.json", json(content.provenance)], ["manifest.json", json(manifest)]]));
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  return manifest;
}

/** The files that the digest covers, by name. */
export function packageFiles(content: PackageContent): ReadonlyMap<string, Buffer> {
  const { environment, target, description, certificate, trajectories } = content;
  const gold: Gold = goldSchema.parse({ version: packageVersion, writes: content.log.map(plainCall), refusals: content.refusals });
  const { ok, difficulty, tags, points } = certificate;
  return new Map([
    ...environmentFiles(environment),
    ["target.sqlite", target],
    ["task.json", json(description)],
    ["task.md", Buffer.from(description.text)],
    ["gold.json", json(gold)],
    ["certificate.json", json({ ok, difficulty, tags, points })],
    ["trajectories.jsonl", Buffer.from(trajectoryLines(trajectories))],
  ]);
}

/**
 * Reads a package.
 * @throws {EnvironmentFolderError} If it is of another format version, a digest does not match, or a file is not what it should be.
 */
export function readPackage(folder: string): TaskPackage {
  const found = readPackageFiles(folder);
  const { compiled, origin } = found.environment;
  checkSchema("origin.sqlite", { compiled, origin });
  checkSchema("target.sqlite", { compiled, origin: found.target });
  return found;
}

/** The same with the snapshots unopened: whoever asked opens them by `openChecked`. @throws As {@link readPackage}. */
export function readPackageFiles(folder: string, known?: KnownEnvironments): TaskPackage {
  const manifest = readPackageManifest(folder);
  const rest = readBesideEnvironment(folder, manifest);
  const { compiled, origin } = readCompiledFiles(folder, manifest, known);
  return { folder, manifest, task: manifest.task, author: manifest.author, environment: { compiled, origin }, ...rest };
}

function readBesideEnvironment(folder: string, manifest: PackageManifest) {
  const read = (name: string) => readListed(folder, name, manifest);
  return {
    target: read("target.sqlite"),
    ...readTask(folder, manifest),
    text: read("task.md").toString(),
    certificate: parsed("certificate.json", certificateSchema, read("certificate.json")),
    trajectories: named("trajectories.jsonl", () => readTrajectories(read("trajectories.jsonl").toString())),
  };
}

/** What is asked for, and the gold log. @throws {EnvironmentFolderError} As {@link readPackage}, of these two files. */
export function readTask(folder: string, manifest: PackageManifest): Pick<TaskPackage, "description" | "log" | "refusals"> {
  const gold = parsed("gold.json", goldSchema, readListed(folder, "gold.json", manifest));
  const description = parsed("task.json", taskDescriptionSchema, readListed(folder, "task.json", manifest));
  return { description, log: gold.writes, refusals: gold.refusals };
}

/** The manifest alone, checked against itself. @throws {EnvironmentFolderError} As `readPackage`. */
export function readPackageManifest(folder: string): PackageManifest {
  const bytes = readFile(folder, "manifest.json");
  const version = named("manifest.json", () => versionsSchema.parse(JSON.parse(bytes.toString())));
  if (version.logigen !== formatVersion)
    throw new EnvironmentFolderError(
      "manifest.json",
      `format version ${JSON.stringify(version.logigen)} is not ${formatVersion}, the one this logigen reads`,
    );
  if (version.package !== packageVersion)
    throw new EnvironmentFolderError(
      "manifest.json",
      version.package === undefined
        ? "it is an environment's manifest, not a task package's"
        : `package format version ${JSON.stringify(version.package)} is not ${packageVersion}, the one this logigen reads`,
    );
  const manifest = parsed("manifest.json", packageManifestSchema, bytes);
  if (packageDigest(manifest.files) !== manifest.digest)
    throw new EnvironmentFolderError("manifest.json", "its digest is not the digest of the files it lists");
  return manifest;
}

function packageManifest(content: PackageContent, files: ReadonlyMap<string, Buffer>): PackageManifest {
  const base = manifestOf(content.environment, files);
  return {
    ...base,
    package: packageVersion,
    task: content.task,
    kind: content.description.kind,
    author: content.author,
    difficulty: content.certificate.difficulty,
    tags: [...content.certificate.tags],
    attempts: content.trajectories.length,
    passes: content.trajectories.filter((trajectory) => trajectory.verified).length,
    digest: packageDigest(base.files),
  };
}

/** Integers that JSON cannot hold are written as texts, which tools accept. */
function plainCall(call: Call): unknown {
  const plain = (_: string, value: unknown) =>
    typeof value !== "bigint" ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return JSON.parse(JSON.stringify({ tool: call.tool, arguments: call.arguments }, plain)) as unknown; // JSON.parse is typed any
}

function parsed<Schema extends z.ZodType>(name: string, schema: Schema, bytes: Buffer): z.infer<Schema> {
  return named(name, () => schema.parse(JSON.parse(bytes.toString())));
}

/** Whatever goes wrong in reading a file is said with its name. */
function named<Result>(name: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof EnvironmentFolderError) throw error;
    throw new EnvironmentFolderError(
      name,
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : "it cannot be read",
      { cause: error },
    );
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
