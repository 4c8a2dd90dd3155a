/** The certificate of a written package, checked again from its files alone: without a model, a server or the network. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { certify } from "../environment/certificate.js";
import { type CertificatePoint, certificatePoints } from "../environment/certificate-point.js";
import { EnvironmentFolderError } from "../environment/folder.js";
import { renderDescription } from "../environment/task-description.js";
import { readPackage, type TaskPackage } from "./package.js";

/** What was found of one package; every point of the certificate is there, in order. */
export type Verification = { readonly package: string; readonly ok: boolean; readonly points: readonly CertificatePoint[] };

/** Checks one package; a folder that cannot be trusted as it lies fails at `replay`, and nothing else is tried. */
export function verifyPackage(folder: string): Verification {
  try {
    return provePackage(readPackage(folder));
  } catch (error) {
    if (!(error instanceof EnvironmentFolderError)) throw error;
    const points = certificatePoints.map((name): CertificatePoint => ({ name, ok: false, evidence: [name === "replay" ? error.message : "not tried: the package cannot be read"] }));
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

function provePackage(found: TaskPackage): Verification {
  const { environment, target, log, refusals, description, certificate } = found;
  const proof = certify({ ...environment, target, log, refusals, description, recorded: { difficulty: certificate.difficulty, tags: certificate.tags } });
  const points = proof.points.map((point) => withWrong(point, wrongBeside(found)[point.name] ?? []));
  return { package: found.folder, ok: points.every((point) => point.ok), points };
}

/** What a package can have wrong that its task has not: two tellings of one thing that differ. */
function wrongBeside({ description, text, manifest, certificate, trajectories }: TaskPackage): Partial<Record<CertificatePoint["name"], readonly string[]>> {
  const determined: string[] = [];
  if (description.text !== renderDescription(description)) determined.push("the description's text is not what its parts say");
  if (text !== description.text) determined.push("task.md is not the description's text");
  const difficulty: string[] = [];
  if (manifest.difficulty !== certificate.difficulty || manifest.tags.join() !== certificate.tags.join()) difficulty.push("manifest and certificate name different difficulties or tags");
  const passes = trajectories.filter((trajectory) => trajectory.verified).length;
  const replay: string[] = [];
  if (manifest.attempts !== trajectories.length || manifest.passes !== passes) replay.push(`the manifest counts ${manifest.attempts} attempts and ${manifest.passes} passes, there are ${trajectories.length} and ${passes}`);
  return { determined, difficulty, replay };
}

function withWrong(point: CertificatePoint, wrong: readonly string[]): CertificatePoint {
  return wrong.length === 0 ? point : { ...point, ok: false, evidence: [...wrong, ...point.evidence] };
}
