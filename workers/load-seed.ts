/** Seeds of a campaign from their files, with what they enter the pipeline with. */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Seed, seedSchema } from "../agents/seed.js";
import { vocabularySchema } from "../agents/vocabulary.js";
import { describeProblems, type Problem, readYaml } from "./read-yaml.js";

const entries = ["policy", "sheet", "environment"] as const;

/** What the built-in author composes from: catalogues and customers even where policy and rules are given. */
const composedSchema = seedSchema.extend({ vocabulary: vocabularySchema.optional() });

/** A seed, and how far in it enters: with nothing but itself, or with a file or folder at an absolute path. */
export interface LoadedSeed {
  readonly file: string;
  readonly seed: Seed;
  readonly entry: { readonly kind: "seed" } | { readonly kind: (typeof entries)[number]; readonly path: string };
  /** Places what is wrong with that file or folder at the seed's key. */
  readonly problemAt: (path: readonly PropertyKey[], expected: string) => Problem;
}

/** Seeds cannot be used; the message has one line a problem, the fields are those of the first. */
export class SeedError extends Error {
  override readonly name = "SeedError";
  readonly problems: readonly Problem[];
  readonly file: string;
  readonly key: string;
  readonly fix = "correct what is said above; docs/seeds.md describes every key";

  constructor(problems: readonly [Problem, ...Problem[]]) {
    super(describeProblems(problems));
    this.problems = problems;
    ({ file: this.file, key: this.key } = problems[0]);
  }
}

/**
 * Reads seeds, in the order given, for a campaign whose roles this author answers.
 *
 * @throws {SeedError} With every problem of every file.
 */
export function loadSeeds(files: readonly string[], { author }: { readonly author: "builtin" | "models" }): readonly LoadedSeed[] {
  const loaded: LoadedSeed[] = [];
  const problems: Problem[] = [];
  for (const file of files) {
    const read = readYaml(file, seedSchema);
    if (read.kind === "refused") {
      problems.push(...read.problems);
      continue;
    }
    const twin = loaded.find(({ seed }) => seed.id === read.value.id);
    const found = findings(read.value, { folder: dirname(file), author, twin: twin?.file });
    problems.push(...found.map(({ key, expected }) => read.problemAt([key], expected)));
    if (author === "builtin" && isComposed(read.value)) {
      const composed = readYaml(file, composedSchema);
      if (composed.kind === "refused") problems.push(...composed.problems);
    }
    loaded.push({ file, seed: read.value, entry: entryOf(read.value, dirname(file)), problemAt: read.problemAt });
  }
  const [first, ...rest] = problems;
  if (first !== undefined) throw new SeedError([first, ...rest]);
  return loaded;
}

interface Finding {
  readonly key: keyof Seed;
  readonly expected: string;
}

function findings(
  seed: Seed,
  { folder, author, twin }: { readonly folder: string; readonly author: "builtin" | "models"; readonly twin: string | undefined },
): readonly Finding[] {
  const given = entries.filter((key) => seed[key] !== undefined);
  const second = given[1];
  return [
    ...(twin === undefined ? [] : [{ key: "id" as const, expected: `expected another id: ${twin} has the same` }]),
    ...(second === undefined
      ? []
      : [{ key: second, expected: `expected one of policy, sheet and environment, and ${String(given[0])} is there already` }]),
    ...given.flatMap((key) => missing(key, resolve(folder, seed[key] ?? ""))),
    ...(author === "builtin" && isComposed(seed) && seed.vocabulary === undefined
      ? [{ key: "vocabulary" as const, expected: vocabularyExpected(given[0]) }]
      : []),
  ];
}

/** Does the built-in author need the seed's vocabulary? Boundaries, with which an environment enters, are found without. */
function isComposed(seed: Seed): boolean {
  return entryKind(seed) !== "environment";
}

function vocabularyExpected(entry: (typeof entries)[number] | undefined): string {
  const use =
    entry === undefined
      ? "from which the built-in author composes"
      : `from which the built-in author takes the names of catalogue rows and customers, with \`${entry}\` as well`;
  return `expected a vocabulary, ${use}; without it configure a model endpoint (endpoints and roles in campaign.yaml)`;
}

function missing(key: (typeof entries)[number], path: string): readonly Finding[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (key === "environment") return found?.isDirectory() ? [] : [{ key, expected: `expected a folder at ${path}` }];
  return found?.isFile() ? [] : [{ key, expected: `expected a file at ${path}` }];
}

function entryOf(seed: Seed, folder: string): LoadedSeed["entry"] {
  const kind = entryKind(seed);
  return kind === undefined ? { kind: "seed" } : { kind, path: resolve(folder, seed[kind] ?? "") };
}

function entryKind(seed: Seed): (typeof entries)[number] | undefined {
  return entries.find((key) => seed[key] !== undefined);
}
