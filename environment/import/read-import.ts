/** The files of a folder that is to be imported, read within bounds. */
import { isUtf8 } from "node:buffer";
import { type Stats, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { ImportSource, Refused } from "./import-raw.js";

/** Bytes of a file that are read at most. */
const caps = {
  "schema.sql": 16 * 2 ** 20,
  "triggers.sql": 16 * 2 ** 20,
  "rows.sql": 256 * 2 ** 20,
  "policy.md": 4 * 2 ** 20,
  "columns.json": 4 * 2 ** 20,
};
type FileName = keyof typeof caps;

/** The texts of a folder, or which of its files cannot be read and why. */
export type ReadImport =
  | { readonly ok: true; readonly source: ImportSource }
  | { readonly ok: false; readonly refused: readonly Refused[] };

/** Reads the folder; `schema.sql` must be there, and `triggers.sql` may be empty but not missing. */
export function readImport(folder: string): ReadImport {
  const stats = statsOf(folder);
  if (stats?.isDirectory() !== true) {
    const message = stats === null ? `there is no folder "${folder}"` : `"${folder}" is no folder`;
    return { ok: false, refused: [{ file: folder, statement: null, code: "MISSING", message }] };
  }
  const refused: Refused[] = [];
  const read = (name: FileName): string | undefined => readText(folder, name, refused);
  const texts = {
    schema: read("schema.sql"),
    triggers: read("triggers.sql"),
    rows: read("rows.sql"),
    policy: read("policy.md"),
    columns: read("columns.json"),
  };
  for (const name of ["schema.sql", "triggers.sql"] as const)
    if (statsOf(join(folder, name)) === null)
      refused.push({ file: name, statement: null, code: "MISSING", message: `there is no file "${name}" in the folder` });
  const { schema, triggers, ...rest } = texts;
  if (refused.length > 0 || schema === undefined || triggers === undefined) return { ok: false, refused };
  return { ok: true, source: { id: idOf(folder), schema, triggers, ...rest } };
}

function readText(folder: string, name: FileName, refused: Refused[]): string | undefined {
  const stats = statsOf(join(folder, name));
  if (stats === null) return undefined;
  const fault = faultOf(name, stats);
  if (fault === null) {
    try {
      const bytes = readFileSync(join(folder, name));
      if (isUtf8(bytes)) return bytes.toString();
      const found = /^(\xff\xfe|\xfe\xff)/.test(bytes.toString("latin1", 0, 2)) ? "is UTF-16" : "is no UTF-8";
      refused.push(refusal(name, "ENCODING", `the file ${found}; save it as UTF-8`));
    } catch {
      refused.push(refusal(name, "MISSING", `"${name}" cannot be read; give its reader the right to`));
    }
  } else refused.push(fault);
  return undefined;
}

function faultOf(name: FileName, stats: Stats): Refused | null {
  if (!stats.isFile()) return refusal(name, "MISSING", `"${name}" is no file`);
  return stats.size > caps[name] ? refusal(name, "SIZE", `the file has ${stats.size} bytes, at most ${caps[name]} are read`) : null;
}

function refusal(file: string, code: string, message: string): Refused {
  return { file, statement: null, code, message };
}

function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null; // Absent, or out of reach: for the import the same.
  }
}

/** A name for the environment: the folder's, as ids are written. */
function idOf(folder: string): string {
  const id = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 64);
  return id === "" ? "import" : id;
}
