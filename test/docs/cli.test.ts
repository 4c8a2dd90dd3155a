import type { Command } from "commander";
import { expect, test } from "vitest";
import { EXIT, EXIT_MEANINGS } from "../../cli/command-error.js";
import { programFor } from "../../cli/main.js";
import { answerFiles, answeringCommands, commandNames, commandReference } from "./command-reference.js";
import { docFile, filled, markdownTable } from "./fill-blocks.js";

const page = "cli.md";

test("docs/cli.md describes every command and exit code as they are defined", async () => {
  const exits = markdownTable(
    ["code", "meaning"],
    EXIT_MEANINGS.map(({ code, meaning }) => [String(code), meaning]),
  );
  await expect(filled(page, { commands: commandReference(await programFor([])), exits })).toMatchFileSnapshot(docFile(page));
});

test("commandReference() has a section for every command", async () => {
  const program = await programFor([]);
  expect(commandNames(program)).toEqual(expect.arrayContaining(["run", "verify", "server stop", "advantages"]));
  const text = commandReference(program);
  expect(commandNames(program).filter((name) => !text.includes(`### ${name}\n`))).toEqual([]);
});

test("every command can tell its help", async () => {
  const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)];
  const helps = all(await programFor([])).map((command) => command.helpInformation());
  expect(helps.length).toBeGreaterThan(16);
  expect(helps.filter((help) => !help.startsWith("Usage: "))).toEqual([]);
});

test("every command with --json has its answer in docs/json/", async () => {
  const names = answeringCommands(await programFor([]));
  expect(names).toContain("server stop");
  expect(names.filter((name) => answerFiles(name).length === 0)).toEqual([]);
});

test("EXIT_MEANINGS tells what each exit code says", () => {
  expect(EXIT_MEANINGS.map(({ code }) => code)).toEqual(Object.values(EXIT));
});
