/** Digests that name a package and a dataset by what is in them. */
import { createHash } from "node:crypto";

/** SHA-256, in hex, over a package's files: a line `path, NUL, digest` each, sorted by path. */
export function packageDigest(files: Readonly<Record<string, string>>): string {
  const lines = Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, digest]) => `${path}\0${digest}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

/** SHA-256, in hex, over the sorted digests of the packages, a line each; the order of packages does not matter. */
export function datasetDigest(packages: readonly string[]): string {
  return createHash("sha256")
    .update(
      [...packages]
        .sort()
        .map((digest) => `${digest}\n`)
        .join(""),
    )
    .digest("hex");
}
