/** A page of docs/ with generated blocks: whatever stands between `<!-- name: generated -->` and `<!-- /name -->`. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The absolute path of a file in docs/. */
export function docFile(name: string): string {
  return fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
}

/** The page with its blocks as they should be. @throws {RangeError} If the page lacks a block's two marks. */
export function filled(page: string, blocks: Readonly<Record<string, string>>): string {
  return Object.entries(blocks).reduce(
    (text, [name, content]) => {
      const [open, close] = [`<!-- ${name}: generated -->\n`, `<!-- /${name} -->`];
      const [start, end] = [text.indexOf(open), text.indexOf(close)];
      if (start < 0 || end < start) throw new RangeError(`Cannot fill docs/${page}: it lacks ${open.trim()} or ${close}`);
      return `${text.slice(0, start)}${open}\n${content}\n\n${text.slice(end)}`;
    },
    readFileSync(docFile(page), "utf8"),
  );
}

/** A Markdown table. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
