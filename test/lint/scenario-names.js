/**
 * The rule `logigen/scenario-names`: the product works for any trade, so that no file of it names a scenario or its tables.
 * The words are read from `seeds/` and from the rule sheets under `examples/`.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const ROOT = new URL("../../", import.meta.url);

/** Table names that are also plain words of the product. */
const GENERIC = new Set(["users", "policies"]);

let words;

export const scenarioNames = {
  meta: { type: "problem", schema: [], messages: { named: 'names "{{word}}" of a scenario; only seeds/, examples/, test/ and docs/ may' } },
  create(context) {
    words ??= readWords();
    const check = (node, text) => {
      const word = words.anywhere.find((candidate) => hasWord(text, candidate)) ?? words.alone.find((candidate) => text === candidate);
      if (word !== undefined) context.report({ node, messageId: "named", data: { word } });
    };
    return {
      Literal: (node) => typeof node.value === "string" && check(node, node.value),
      TemplateElement: (node) => check(node, node.value.cooked ?? ""),
      Identifier: (node) => words.anywhere.includes(node.name) && check(node, node.name),
    };
  },
};

/** `anywhere`: scenario ids and table names of several words; `alone`: table names that are an English word, only as a whole literal. */
function readWords() {
  const seeds = readYamls("seeds");
  const sheets = readYamls("examples");
  const ids = seeds.flatMap((seed) => (typeof seed?.id === "string" ? [seed.id] : []));
  const tables = sheets.flatMap((sheet) => namesOf(sheet?.tables));
  const anywhere = [...ids, ...tables.filter((name) => name.includes("_"))];
  return { anywhere, alone: tables.filter((name) => !name.includes("_") && !GENERIC.has(name)) };
}

function namesOf(tables) {
  if (Array.isArray(tables)) return tables.flatMap((table) => (typeof table?.name === "string" ? [table.name] : []));
  return typeof tables === "object" && tables !== null ? Object.keys(tables) : [];
}

function readYamls(folder) {
  const root = new URL(`${folder}/`, ROOT);
  if (!existsSync(root)) return [];
  return readdirSync(fileURLToPath(root), { recursive: true })
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => parse(readFileSync(new URL(file, root), "utf8")));
}

function hasWord(text, word) {
  return new RegExp(`(?<![A-Za-z0-9_-])${word.replaceAll("-", "\\-")}(?![A-Za-z0-9_-])`).test(text);
}
