/** The certificate of a written package, checked again from its files alone: without a model, a server or the network. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { certify } from "../environment/task/certificate.js";
import { type CertificatePoint, certificatePoints, type CertifyInput } from "../environment/task/certificate-point.js";
import { type Ground, groundOf, type Trial, trialOn } from "../environment/compare/trial.js";
import type { Compiled } from "../environment/compile/compile-sheet.js";
import { brokenInvariants, integrityRule } from "../environment/engine/invariants.js";
import type { Db } from "../environment/engine/snapshot.js";
import { EnvironmentFolderError, noneKnown, openChecked } from "../environment/engine/folder.js";
import type { Environment } from "../environment/engine/folder-files.js";
import { renderDescription } from "../environment/task/task-description.js";
import { readPackageFiles, type TaskPackage } from "./package.js";
import { openSnapshotReader, type SnapshotReader } from "./snapshot-reader.js";
import { trajectoryFaults } from "./verify-trajectory.js";

/** What was found of one package; every point of the certificate is there, in order. */
export type Verification = { readonly package: string; readonly ok: boolean; readonly points: readonly CertificatePoint[] };

/** How many other values of an argument are tried at most. */
type VerifyOptions = Pick<CertifyInput, "alterations">;

/** What packages of one origin have in common. */
type OnGround = VerifyOptions & Pick<Kept, "broken"> & { readonly trial: Trial };

/** Verifies packages one after another; what those of one environment share is made once. */
export interface Verifier {
  /** Checks one package; a folder that cannot be trusted as it lies fails at `replay`, and nothing else is tried. */
  verify(folder: string, options?: VerifyOptions): Verification;
  close(): void;
}

/** What is kept of an environment: it follows from the sheet and the origin's bytes alone; `broken`: the rules that the origin breaks, a line each. */
type Kept = {
  readonly environment: Environment;
  readonly broken: readonly string[];
  readonly ground: Ground;
  readonly reader: SnapshotReader;
};

/** Opens a verifier: it keeps the compiled sheets, a session on the origin of the last package, and a connection for targets of that origin. */
export function openVerifier(): Verifier {
  const known = noneKnown();
  let last: Kept | null = null;

  /** The package's files are read and compared with the sheet each time. */
  function keptFor(environment: Environment): Kept {
    const { compiled, origin } = environment;
    if (last?.environment.compiled === compiled && last.environment.origin.equals(origin)) return last;
    close();
    const db = openChecked("origin.sqlite", compiled, origin);
    try {
      const broken = readable("origin.sqlite", () => brokenIn(db, compiled));
      const ground = readable("origin.sqlite", () => groundOf(environment, db));
      last = { environment, broken, ground, reader: openSnapshotReader(origin) };
      return last;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  function close(): void {
    last?.ground.close();
    last?.reader.close();
    last = null;
  }

  function verify(folder: string, options: VerifyOptions = {}): Verification {
    return orUnreadable(folder, () => {
      const found = readPackageFiles(folder, known);
      const { ground, reader, broken } = keptFor(found.environment);
      const read = reader.read(found.target);
      const target = read ?? openChecked("target.sqlite", found.environment.compiled, found.target);
      try {
        return readable("target.sqlite", () =>
          provePackage(found, { ...options, broken, trial: trialOn(ground, { db: target, bytes: found.target }) }),
        );
      } catch (error) {
        // A trial that was cut short may have left its session anywhere.
        close();
        throw error;
      } finally {
        if (read === null) target.close();
      }
    });
  }

  return { verify, close };
}

/** Checks one package alone. */
export function verifyPackage(folder: string): Verification {
  const verifier = openVerifier();
  try {
    return verifier.verify(folder);
  } finally {
    verifier.close();
  }
}

/** What the origin breaks, save that it is damaged: then nothing that is read of it can be believed. @throws {EnvironmentFolderError} If it is. */
function brokenIn(db: Db, compiled: Compiled): readonly string[] {
  const broken = brokenInvariants(db, compiled);
  const damage = broken.find(({ rule }) => rule === integrityRule);
  if (damage !== undefined) throw new EnvironmentFolderError("origin.sqlite", `it is damaged: ${damage.message}`);
  return broken.map(({ rule, table, message }) => `in the origin ${rule} is broken in ${table}: ${message}`);
}

/**
 * A file can hold the schema that it should and be damaged in its rows, which shows when they are read.
 * @throws {EnvironmentFolderError} If SQLite finds it damaged; what ails the machine (memory, disk) is thrown as it is.
 */
function readable<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || /^SQLITE_(NOMEM|FULL|IOERR|CANTOPEN)/.test(error.code)) throw error;
    throw new EnvironmentFolderError(file, error.message, { cause: error });
  }
}

function orUnreadable(folder: string, verify: () => Verification): Verification {
  try {
    return verify();
  } catch (error) {
    if (!(error instanceof EnvironmentFolderError)) throw error;
    const points = certificatePoints.map(
      (name): CertificatePoint => ({
        name,
        ok: false,
        evidence: [name === "replay" ? error.message : "not tried: the package cannot be read"],
      }),
    );
    return { package: folder, ok: false, points };
  }
}

/** The folders under (and including) this one that hold a task package, in order of their paths. @throws {Error} If there is no such folder. */
export function findPackages(folder: string): readonly string[] {
  const entries = readdirSync(folder).sort();
  if (entries.includes("manifest.json") && entries.includes("task.json")) return [folder];
  return entries.flatMap((name) => {
    const path = join(folder, name);
    return !name.endsWith(".unfinished") && statSync(path).isDirectory() ? findPackages(path) : [];
  });
}

function provePackage(found: TaskPackage, { broken, ...options }: OnGround): Verification {
  const { environment, target, log, refusals, description, certificate } = found;
  const proof = certify({
    ...environment,
    ...options,
    target,
    log,
    refusals,
    description,
    recorded: { difficulty: certificate.difficulty, tags: certificate.tags },
  });
  const wrong = { ...wrongBeside({ ...found, trial: options.trial }), invariants: broken };
  const points = proof.points.map((point) =>
    withWrong(withTrajectories(point, found), [...(wrong[point.name] ?? []), ...recordFaults(point, certificate)]),
  );
  return { package: found.folder, ok: points.every((point) => point.ok), points };
}

type TriedPackage = TaskPackage & { readonly trial: Trial };

/** What a package can have wrong that its task has not: two tellings of one thing that differ. */
function wrongBeside(found: TriedPackage): Partial<Record<CertificatePoint["name"], readonly string[]>> {
  const { description, text, manifest, certificate } = found;
  const determined: string[] = [];
  if (description.text !== renderDescription(description)) determined.push("the description's text is not what its parts say");
  if (text !== description.text) determined.push("task.md is not the description's text");
  const difficulty: string[] = [];
  if (manifest.difficulty !== certificate.difficulty || manifest.tags.join() !== certificate.tags.join())
    difficulty.push("manifest and certificate name different difficulties or tags");
  return { determined, difficulty, replay: [...certificateFaults(certificate), ...manifestFaults(found)] };
}

/** The certificate as it lies: every point, in order, and the verdict that follows from them. */
function certificateFaults({ ok, points }: TaskPackage["certificate"]): readonly string[] {
  const names = points.map(({ name }) => name).join(", ");
  const faults = names === certificatePoints.join(", ") ? [] : [`certificate.json has the points "${names}", not every point in order`];
  const verdict = points.every((point) => point.ok);
  return points.length === 0 || ok === verdict
    ? faults
    : [...faults, `certificate.json says that the task is ${verdict ? "un" : ""}sound, its points say otherwise`];
}

/** What certifying again finds to hold is recorded to hold. */
function recordFaults({ name, ok }: CertificatePoint, { points }: TaskPackage["certificate"]): readonly string[] {
  const isRecorded = points.every((point) => point.name !== name || point.ok);
  return ok && !isRecorded ? ["certificate.json records that this point fails, which it does not"] : [];
}

/** The manifest's words about the task, its author and its rollouts, and the rollouts' about themselves. */
function manifestFaults(found: TriedPackage): readonly string[] {
  const { description, manifest, trajectories } = found;
  const faults: string[] = [];
  if (manifest.kind !== description.kind)
    faults.push(`the manifest calls it a ${manifest.kind} task, the description a ${description.kind} task`);
  const passes = trajectories.filter((trajectory) => trajectory.verified).length;
  if (manifest.attempts !== trajectories.length || manifest.passes !== passes)
    faults.push(
      `the manifest counts ${manifest.attempts} attempts and ${manifest.passes} passes, there are ${trajectories.length} and ${passes}`,
    );
  if (new Set(trajectories.map((trajectory) => trajectory.attempt)).size !== trajectories.length)
    faults.push("two trajectories have the same attempt number");
  const isBuiltin = trajectories.every(({ models }) => Object.values(models).every((model) => model === "builtin"));
  if (trajectories.length > 0 && isBuiltin !== (manifest.author === "builtin"))
    faults.push(
      `the manifest names "${manifest.author}" as its author, its trajectories name ${isBuiltin ? "the built-in author" : "models"}`,
    );
  return [...faults, ...trajectories.flatMap((trajectory) => trajectoryFaults(found, trajectory))];
}

/** How many rollouts were made again is part of what replaying found. */
function withTrajectories(point: CertificatePoint, { trajectories }: TaskPackage): CertificatePoint {
  if (point.name !== "replay") return point;
  return {
    ...point,
    evidence: [
      ...point.evidence,
      `${trajectories.filter((trajectory) => trajectory.verified).length} verified of ${trajectories.length} trajectories, each verified one replayed from its messages`,
    ],
  };
}

function withWrong(point: CertificatePoint, wrong: readonly string[]): CertificatePoint {
  return wrong.length === 0 ? point : { ...point, ok: false, evidence: [...wrong, ...point.evidence] };
}
