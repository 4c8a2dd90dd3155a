import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Folders that may read the environment of their process. */
const folders = ["workers", "cli", "models", "bin"];

/** `env["NAME"]`, `env.NAME`, and the same of `process.env` and of variables handed to a library. */
const reads = /\b(?:env|variables)(?:\[["'`]|\.)([A-Za-z][A-Za-z0-9_]*)/g;

/** The names of the environment variables that the program reads, sorted. */
export function environmentVariables(): readonly string[] {
  const texts = folders.flatMap((folder) => {
    const path = fileURLToPath(new URL(`../../${folder}/`, import.meta.url));
    const files = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((file) => /\.(ts|js)$/.test(file));
    return files.map((file) => readFileSync(`${path}${file}`, "utf8"));
  });
  return [...new Set(texts.flatMap((text) => [...text.matchAll(reads)].flatMap(([, name]) => (name === undefined ? [] : [name]))))].sort();
}
