/** A YAML file that a person wrote, read by a schema; what is wrong is said with line, key and what was expected. */
import { readFileSync } from "node:fs";
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { z } from "zod";

/** One thing wrong in a file. */
export interface Problem {
  readonly file: string;
  /** From 1; 1 where the whole file is meant. */
  readonly line: number;
  /** Path of the key, such as `endpoints.main.base_url`; empty for the file as a whole. */
  readonly key: string;
  /** What was expected there; it quotes nothing of what was found, which may be a key pasted by mistake. */
  readonly expected: string;
}

export type ReadYaml<T> =
  | { readonly kind: "read"; readonly value: T; readonly problemAt: (path: Path, expected: string) => Problem }
  | { readonly kind: "refused"; readonly problems: readonly [Problem, ...Problem[]] };
type Path = readonly PropertyKey[];

const maxBytes = 4_000_000;

/** Reads a file; an empty one counts as an empty mapping. `problemAt` places what a later check finds. */
export function readYaml<T>(file: string, schema: z.ZodType<T>): ReadYaml<T> {
  const text = textOf(file);
  if (text.kind === "unreadable") return { kind: "refused", problems: [{ file, line: 1, key: "", expected: text.expected }] };
  const lines = new LineCounter();
  const document = parseDocument(text.text, { lineCounter: lines });
  const problemAt = (path: Path, expected: string): Problem => ({
    file,
    line: lineOf(document, lines, path),
    key: path.map(String).join("."),
    expected,
  });
  const [broken, ...more] = syntaxProblems(document, lines, file);
  if (broken !== undefined) return { kind: "refused", problems: [broken, ...more] };
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (parsed.success) return { kind: "read", value: parsed.data, problemAt };
  const [first, ...rest] = parsed.error.issues.flatMap((issue) => problemsOf(issue, schema, problemAt));
  return { kind: "refused", problems: [first ?? problemAt([], "another form"), ...rest] };
}

/** Problems as lines for a person: `file:line: key: expected`. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(({ file, line, key, expected }) => `${file}:${line}: ${key === "" ? "" : `${key}: `}${expected}`).join("\n");
}

function textOf(
  file: string,
): { readonly kind: "text"; readonly text: string } | { readonly kind: "unreadable"; readonly expected: string } {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > maxBytes) return { kind: "unreadable", expected: `expected a file of at most ${maxBytes} bytes` };
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return { kind: "unreadable", expected: "expected UTF-8 text" };
    return { kind: "unreadable", expected: `expected a file that can be read (${unreadable[code] ?? code})` };
  }
}

const unreadable: Readonly<Partial<Record<string, string>>> = {
  ENOENT: "there is none",
  EISDIR: "this is a folder",
  EACCES: "permission is denied",
};

function syntaxProblems(document: Document.Parsed, lines: LineCounter, file: string): readonly Problem[] {
  const problems = document.errors.map((error) => ({
    file,
    line: lines.linePos(error.pos[0]).line,
    key: "",
    expected: `expected YAML: ${reasons[error.code] ?? "the syntax is wrong here"}`,
  }));
  if (problems.length > 0) return problems;
  try {
    document.toJS();
    return [];
  } catch (error) {
    // An alias without an anchor, or aliases that multiply past the parser's limit.
    if (error instanceof ReferenceError)
      return [{ file, line: 1, key: "", expected: "expected every alias to have its anchor, and few of them" }];
    throw error;
  }
}

/** The parser's own messages quote the line. */
const reasons: Readonly<Partial<Record<string, string>>> = {
  DUPLICATE_KEY: "this key is there twice",
  MULTIPLE_DOCS: "a file holds one document",
  TAB_AS_INDENT: "indent with blanks, not tabs",
  BAD_INDENT: "the indentation is wrong here",
  MISSING_CHAR: "a quote or bracket is not closed",
};

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType, problemAt: (path: Path, expected: string) => Problem): readonly Problem[] {
  if (issue.code !== "unrecognized_keys")
    return [problemAt(issue.path, issue.message.replace(/^Invalid input: /, "").replace(/received undefined$/, "found nothing"))];
  const known = knownKeys(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }), issue.path);
  return issue.keys.map((name) => problemAt([...issue.path, name], `no such key; expected one of ${known.join(", ")}`));
}

/** The keys that a mapping at this path may have, from the JSON schema. */
function knownKeys(schema: unknown, path: Path): readonly string[] {
  const node = jsonNode.parse(schema);
  const [step, ...rest] = path;
  if (step === undefined) return Object.keys(node.properties ?? {}).concat(node.propertyNames?.enum ?? []);
  return knownKeys(node.properties?.[String(step)] ?? node.items ?? node.additionalProperties ?? {}, rest);
}

const jsonNode = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
  propertyNames: z.looseObject({ enum: z.array(z.string()).optional() }).optional(),
});

/** The line of the deepest part of the path that is there. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: Path): number {
  let offset = document.contents?.range[0] ?? 0;
  let node: unknown = document.contents;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      offset = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = (isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined) ?? offset;
    }
  }
  return lines.linePos(offset).line || 1;
}
