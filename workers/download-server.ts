/** Fetches the pinned Temporal CLI from the site that Temporal's SDKs use. */
import { execFile } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { z } from "zod";

const ANSWER_WITHIN_MS = 4000;
const ARCHIVE_WITHIN_MS = 300_000;

const archiveSchema = z.object({ archiveUrl: z.url(), fileToExtract: z.string().min(1) });

/** Either the binary lies at the target, or the reason why the site could not give it. */
export type Download = { readonly kind: "downloaded" } | { readonly kind: "unavailable"; readonly reason: string };

/**
 * Downloads version `version` into `target`, which appears whole or not at all.
 * @see sdk-core `ephemeral_server/mod.rs`, whose two requests these are.
 */
export async function downloadServer(site: string, version: string, target: string): Promise<Download> {
  mkdirSync(dirname(target), { recursive: true });
  const scratch = mkdtempSync(join(dirname(target), "download-"));
  try {
    const archive = await askForArchive(site, version);
    const packed = join(scratch, "archive.tar.gz");
    await fetchInto(archive.archiveUrl, packed);
    await promisify(execFile)("tar", ["-xzf", packed, "-C", scratch, archive.fileToExtract]);
    renameSync(join(scratch, archive.fileToExtract), target);
    return { kind: "downloaded" };
  } catch (error) {
    return { kind: "unavailable", reason: reasonOf(error) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function askForArchive(site: string, version: string): Promise<z.infer<typeof archiveSchema>> {
  const platform = process.platform === "darwin" ? "darwin" : process.platform === "win32" ? "windows" : "linux";
  const query = new URLSearchParams({ platform, arch: process.arch === "arm64" ? "arm64" : "amd64", format: "tar.gz" });
  const answer = await fetch(`${site}/cli/v${version}?${query.toString()}`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  if (!answer.ok) throw new Error(`HTTP ${String(answer.status)}`);
  return archiveSchema.parse(await answer.json());
}

async function fetchInto(url: string, file: string): Promise<void> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ARCHIVE_WITHIN_MS) });
  if (!answer.ok || answer.body === null) throw new Error(`HTTP ${String(answer.status)}`);
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(file));
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
