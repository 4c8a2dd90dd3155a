/** One column of a text table: its title, and on which side its cells stand. */
export interface Column {
  readonly title: string;
  readonly side: "left" | "right";
}

/** A table of text with two blanks between columns, one line a row, under a line of titles. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) => Math.max(column.title.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ side }, index) => {
        const cell = cells[index] ?? "";
        const width = widths[index] ?? 0;
        return side === "left" ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...rows.map(line)].join("\n");
}
