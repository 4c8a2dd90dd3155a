/** Imports short texts and fixtures, for the tests of imports. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Import, importRaw, type ImportSource } from "../../environment/import/import-raw.js";
import type { Finding } from "../../environment/import/facts.js";

/** Imports texts; what is not given is empty. */
export function importTexts(texts: Partial<Omit<ImportSource, "id">>): Import {
  return importRaw({ id: "texts", schema: "", triggers: "", ...texts });
}

/** The folder of a fixture. */
export function fixtureFolder(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

const known = new Map<string, Import>();

/** Imports a fixture, once. */
export function importFixture(name: string): Import {
  const imported = known.get(name) ?? importTexts(fixtureTexts(name));
  known.set(name, imported);
  return imported;
}

/** The texts of a fixture. */
export function fixtureTexts(name: string): Omit<ImportSource, "id"> {
  const read = (file: string) => {
    const path = join(fixtureFolder(name), file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  return {
    schema: read("schema.sql") ?? "",
    triggers: read("triggers.sql") ?? "",
    rows: read("rows.sql"),
    policy: read("policy.md"),
    columns: read("columns.json"),
  };
}

/** An import's findings. @throws {Error} If it was refused. */
export function findingsIn(imported: Import): readonly Finding[] {
  if (!imported.ok) throw new Error(`refused: ${JSON.stringify(imported.refused)}`);
  return imported.findings;
}

/** An import's refusals, as file and code. @throws {Error} If it was accepted. */
export function refusedIn(imported: Import): readonly (readonly [file: string, code: string])[] {
  if (imported.ok) throw new Error("accepted");
  return imported.refused.map(({ file, code }) => [file, code]);
}
