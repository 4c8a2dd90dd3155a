/** Every command as Markdown, from its definition. */
import type { Argument, Command, Option } from "commander";
import { z } from "zod";
import { JSON_ANSWERS } from "../../cli/json-shapes.js";
import { markdownTable } from "./fill-blocks.js";

/** The commands under the groups of the help, in its order. */
export function commandReference(program: Command): string {
  const groups = new Map<string, Command[]>();
  for (const command of program.commands) groups.set(command.helpGroup(), [...(groups.get(command.helpGroup()) ?? []), command]);
  return [...groups].map(([group, commands]) => [`## ${group.replace(/:$/, "")}`, ...commands.map(sectionOf)].join("\n\n")).join("\n\n");
}

/** The full names of the commands that do something: those that only hold others are left out. */
export function commandNames(program: Command): readonly string[] {
  return program.commands.flatMap((command) => leavesOf(command).map(nameOf));
}

/** The names of the commands with `--json`. */
export function answeringCommands(program: Command): readonly string[] {
  return program.commands.flatMap(leavesOf).filter(hasJson).map(nameOf);
}

/** The files of docs/json/ that describe a command's answers. */
export function answerFiles(name: string): readonly string[] {
  const command = name.split(" ")[0] ?? name;
  return Object.keys(JSON_ANSWERS).filter((answer) => answer === command || answer.startsWith(`${command}-`));
}

function sectionOf(command: Command): string {
  return leavesOf(command).map(commandText).join("\n\n");
}

function commandText(command: Command): string {
  const answers = hasJson(command) ? answerFiles(nameOf(command)).map((file) => `[${file}.json](json/${file}.json)`) : [];
  const { registeredArguments: given, options } = command;
  return [
    `### ${nameOf(command)}`,
    `\`logigen ${nameOf(command)} ${command.usage()}\``.replace(" `", "`"),
    sentence(command.description()),
    ...(given.length === 0 ? [] : [markdownTable(["argument", "meaning"], given.map(argumentRow))]),
    ...(options.length === 0 ? [] : [markdownTable(["option", "default", "meaning"], options.map(optionRow))]),
    ...(answers.length === 0 ? [] : [`With \`--json\` it answers as in ${answers.join(", ")}.`]),
  ].join("\n\n");
}

function argumentRow(argument: Argument): readonly string[] {
  const shown = `${argument.name()}${argument.variadic ? "..." : ""}`;
  const choices = argument.argChoices;
  return [`\`${argument.required ? `<${shown}>` : `[${shown}]`}\``, `${argument.description}${choicesText(choices)}`];
}

function optionRow({ flags, defaultValue, defaultValueDescription, description, argChoices, mandatory }: Option): readonly string[] {
  const value = z
    .union([z.string(), z.number(), z.bigint()])
    .optional()
    .parse(defaultValueDescription ?? defaultValue);
  const shown = mandatory ? "required" : value === undefined ? "" : `\`${String(value)}\``;
  return [`\`${flags}\``, shown, `${description}${choicesText(argChoices)}`];
}

function choicesText(choices: readonly string[] | undefined): string {
  return choices === undefined ? "" : `: ${choices.map((choice) => `\`${choice}\``).join(", ")}`;
}

function leavesOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function nameOf(command: Command): string {
  return command.parent === null || command.parent.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function hasJson(command: Command): boolean {
  return command.options.some((option) => option.long === "--json");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
