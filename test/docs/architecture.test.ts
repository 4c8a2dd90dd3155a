import { createRequire } from "node:module";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const page = readFileSync(new URL("../../docs/architecture.md", import.meta.url), "utf8");
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The first cells of the table after this line of the page, without their quotes and slash. */
function firstCells(line: string): readonly string[] {
  const lines = page.slice(page.indexOf(line)).split("\n");
  const start = lines.findIndex((each) => each.startsWith("| ---")) + 1;
  const end = lines.findIndex((each, at) => at > start && !each.startsWith("|"));
  return lines.slice(start, end).map((row) => /`([a-z]+)\/`/.exec(row)?.[1] ?? row);
}

describe("docs/architecture.md", () => {
  test("names no file that is not there", () => {
    const named = [...page.matchAll(/`([a-z-]+(?:\/[a-z-]+)+\.ts)`/g)].map(([, path]) => path ?? "");
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => ![path, `environment/${path}`].some((each) => existsSync(`${root}/${each}`)))).toEqual([]);
  });

  test("has the rooms of environment/ in the order in which they may import", () => {
    const config = z
      .object({ forbidden: z.array(z.looseObject({ name: z.string() })) })
      .parse(createRequire(import.meta.url)("../../.dependency-cruiser.cjs"));
    const ruled = config.forbidden.flatMap(({ name }) => /^environment-([a-z]+)-imports-downwards$/.exec(name)?.[1] ?? []);
    const rooms = firstCells("| room |");
    expect(rooms.slice(0, -1)).toEqual(ruled);
    const folders = readdirSync(`${root}/environment`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect([...rooms].sort()).toEqual(folders.map(({ name }) => name).sort());
  });
});
