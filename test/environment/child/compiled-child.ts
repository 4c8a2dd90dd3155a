/**
 * A child's entry as plain JavaScript, as an installed package has it, and with it everything it imports: it starts several
 * times faster than through the loader.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../../", import.meta.url));

const options = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2023,
  verbatimModuleSyntax: true,
} as const;

/** Compiles a TypeScript file of this project and the files it imports into a folder of their own; returns the entry's path. */
export function compileChild(entry: string): string {
  const out = mkdtempSync(join(tmpdir(), "logigen-compiled-"));
  process.once("exit", () => {
    rmSync(out, { recursive: true });
  });
  writeFileSync(join(out, "package.json"), '{"type":"module"}');
  symlinkSync(join(root, "node_modules"), join(out, "node_modules"));
  const target = (file: string): string => join(out, relative(root, file)).replace(/\.ts$/, ".js");
  const waiting = [entry];
  for (const file of waiting) {
    if (existsSync(target(file))) continue;
    const source = readFileSync(file, "utf8");
    mkdirSync(dirname(target(file)), { recursive: true });
    writeFileSync(target(file), ts.transpileModule(source, { compilerOptions: options }).outputText);
    for (const [, path = ""] of source.matchAll(/from "(\.{1,2}\/[^"]+)\.js"/g)) waiting.push(`${resolve(dirname(file), path)}.ts`);
  }
  return target(entry);
}
