/** Exit codes, and the errors that tell a person what to change. */

/** Exit codes of every command. */
export const EXIT = { ok: 0, internal: 1, usage: 2, belowYield: 3, budget: 4, interrupted: 130, unheard: 141 } as const;

/** What each exit code says; `logigen --help` and docs/cli.md list them. */
export const EXIT_MEANINGS: readonly { readonly code: number; readonly meaning: string }[] = [
  { code: EXIT.ok, meaning: "done" },
  { code: EXIT.internal, meaning: "a check that failed, a Temporal server that does not answer, or an internal error" },
  { code: EXIT.usage, meaning: "wrong usage, configuration or input; nothing was started" },
  { code: EXIT.belowYield, meaning: "finished below the yield asked for" },
  { code: EXIT.budget, meaning: "budget reached" },
  { code: EXIT.interrupted, meaning: "interrupted; the same command resumes" },
  { code: EXIT.unheard, meaning: "whoever read the output stopped reading before its end" },
];

/** Where in the user's input the trouble lies, and what to do. */
export interface Trouble {
  readonly file?: string;
  /** Path of the key inside the file: `endpoints.main.base_url`. */
  readonly key?: string;
  readonly fix?: string;
}

/** The user's input cannot be used; nothing was started. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly trouble: Trouble;

  constructor(message: string, trouble: Trouble = {}, options?: ErrorOptions) {
    super(message, options);
    this.trouble = trouble;
  }
}

/** An error as lines for a person; no stack trace unless asked for. */
export function describeError(error: unknown, stackTraces: "shown" | "hidden"): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  const lines = [`error: ${error.message}`];
  for (const [name, value] of Object.entries(troubleOf(error))) lines.push(`  ${name}: ${value}`);
  if (stackTraces === "shown") lines.push(...stacks(error));
  else if (!isExpected(error)) lines.push("  fix: set LOGIGEN_DEBUG=1 to see where it happened, and report it");
  return lines.join("\n");
}

/** 2 for what the user can mend in the input, 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  return error instanceof Error && USER_ERRORS.has(error.name) ? EXIT.usage : EXIT.internal;
}

const USER_ERRORS: ReadonlySet<string> = new Set(["UsageError", "SeedError", "ConfigError"]);

function isExpected(error: Error): boolean {
  return USER_ERRORS.has(error.name) || Object.keys(troubleOf(error)).length > 0;
}

/** `file`, `key` and `fix`, on the error itself or in its `trouble`. */
function troubleOf(error: Error): Record<string, string> {
  const source: object = "trouble" in error && typeof error.trouble === "object" && error.trouble !== null ? error.trouble : error;
  const found = new Map(Object.entries(source));
  return Object.fromEntries(
    ["file", "key", "fix"].flatMap((name) => {
      const value: unknown = found.get(name);
      return typeof value === "string" && value !== "" ? [[name, value] as const] : [];
    }),
  );
}

function stacks(error: Error): readonly string[] {
  const own = error.stack === undefined ? [] : [error.stack];
  return error.cause instanceof Error ? [...own, `caused by: ${error.cause.message}`, ...stacks(error.cause)] : own;
}
