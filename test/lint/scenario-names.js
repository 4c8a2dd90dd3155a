/**
 * The rule `logigen/scenario-names`: the product works for any trade, so that no file of it names a scenario, its tables or
 * its acts, in code or comment.
 *
 * The names are read from `seeds/` (ids, and every `noun`, `plural` and act of a vocabulary) and from the rule sheets under
 * `examples/`. Names of several words are refused anywhere, with blanks, hyphens or underscores between the words. A table
 * name of one word ("loans", "titles") is mostly an ordinary English word: it is refused only as a whole literal, and
 * not at all where it is a word of the product as well.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const ROOT = new URL("../../", import.meta.url);

/** Table names that are also plain words of the product. */
const GENERIC = new Set(["users", "policies", "holds"]);

let names;

export const scenarioNames = {
  meta: { type: "problem", schema: [], messages: { named: 'names "{{name}}" of a scenario; only seeds/, examples/, test/ and docs/ may' } },
  create(context) {
    names ??= readNames();
    const check = (node, text) => {
      const name = names.anywhere.exec(text)?.[0] ?? (names.alone.has(text) ? text : undefined);
      if (name !== undefined) context.report({ loc: node.loc, messageId: "named", data: { name } });
    };
    return {
      Program: () => {
        for (const comment of context.sourceCode.getAllComments()) check(comment, comment.value);
      },
      Literal: (node) => typeof node.value === "string" && check(node, node.value),
      TemplateElement: (node) => check(node, node.value.cooked ?? ""),
      Identifier: (node) => names.anywhere.test(node.name) && check(node, node.name),
    };
  },
};

function readNames() {
  const seeds = readYamls("seeds");
  const tables = readYamls("examples").flatMap((sheet) => namesOf(sheet?.tables));
  const words = [
    ...seeds.flatMap((seed) => (typeof seed?.id === "string" ? [seed.id] : [])),
    ...seeds.flatMap((seed) => vocabularyNames(seed?.vocabulary)),
    ...tables,
  ];
  const several = [
    ...new Set(
      words
        .map((name) => name.split(/[ _-]/))
        .filter((parts) => parts.length > 1)
        .map((parts) => parts.join("[ _-]")),
    ),
  ];
  const plurals = seeds.flatMap((seed) => pluralsOf(seed?.vocabulary));
  return {
    anywhere: several.length === 0 ? /(?!)/ : new RegExp(`(?<![A-Za-z0-9_-])(?:${several.join("|")})(?![A-Za-z0-9_-])`, "i"),
    alone: new Set([...tables, ...plurals].filter((name) => /^[a-z0-9]+$/.test(name) && !GENERIC.has(name))),
  };
}

/** Every `noun`, `plural` and act in a vocabulary, at any depth. */
function vocabularyNames(part) {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => {
    if (key === "noun" || key === "plural" || key === "act") return [value];
    return key === "acts" ? Object.values(value) : vocabularyNames(value);
  });
}

/** Every `plural` in a vocabulary: tables are named by it. */
function pluralsOf(part) {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => (key === "plural" ? [value] : pluralsOf(value)));
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
