/** The import of raw SQL in a process of its own, so that whatever it asks of SQLite ends in an answer. */
import { z } from "zod";
import type { Import, ImportSource } from "../import/import-raw.js";
import { describeEnd, entryBeside, type RunningChild, startChild } from "./child-process.js";
import { type Fences, probeFences } from "./fences.js";
import { packParcel, unpackParcel } from "./parcel.js";

/** Milliseconds that the SQL may take, bytes that its process may hold on top of Node itself; `entry` in place of the one beside this file. */
export type ImportLimits = {
  readonly deadlineMs?: number;
  readonly memoryBytes?: number;
  readonly fences?: Fences;
  readonly entry?: string;
};

const MiB = 2 ** 20;
/** A longer answer is none: it holds the files of the environment, the database among them. */
const LONGEST_ANSWER = 640 * MiB;

const refusedSchema = z.strictObject({ file: z.string(), statement: z.string().nullable(), code: z.string(), message: z.string() });
const findingSchema = z.strictObject({ kind: z.string(), object: z.string(), message: z.string() });
const answerSchema = z.union([
  z.strictObject({ ok: z.literal(false), refused: z.array(refusedSchema).min(1) }),
  z.strictObject({ ok: z.literal(true), findings: z.array(findingSchema) }),
]);
const names = ["columns.json", "policy.md", "schema.sql", "triggers.sql", "tools.json", "origin.sqlite", "manifest.json"];

/** Imports the texts; a process that takes too long, or dies, is a refusal. */
export async function importInChild(
  source: ImportSource,
  { deadlineMs = 10_000, memoryBytes = 1024 * MiB, fences, entry = entryBeside("import-main") }: ImportLimits = {},
): Promise<Import> {
  const limits = { dataBytes: memoryBytes, cpuSeconds: Math.ceil(deadlineMs / 1000) + 30, openFiles: 64 };
  const command = { entry, argument: "", fences: fences ?? (await probeFences()), limits };
  return new Promise((resolve) => {
    const said: Buffer[] = [];
    let size = 0;
    let timer: NodeJS.Timeout | undefined;
    let given: Import | null = null;

    function giveUp(child: RunningChild, why: Import): void {
      given ??= why;
      child.kill();
    }

    const child = startChild(command, {
      ready: () => {
        timer = setTimeout(() => {
          giveUp(
            child,
            refusal("TIME", `the SQL did not load within ${deadlineMs / 1000} seconds, and its process was stopped; ${lessWork(source)}`),
          );
        }, deadlineMs);
        child.write(packParcel(parcelOf(source)));
        child.finish();
      },
      said: (chunk) => {
        size += chunk.length;
        if (size <= LONGEST_ANSWER) said.push(chunk);
        else giveUp(child, refusal("SIZE", `the environment has more than ${LONGEST_ANSWER / MiB} MiB`));
      },
      ended: (end) => {
        clearTimeout(timer);
        const isOver = end.code === 0 && end.signal === null;
        resolve(
          given ??
            (isOver
              ? readAnswer(Buffer.concat(said))
              : refusal("PROCESS", `the process that loads the SQL ${describeEnd(end)}; ${lessWork(source)}`)),
        );
      },
    });
  });
}

/** What its author can do about SQL that asks too much of SQLite, by the files that there are. */
function lessWork({ rows }: ImportSource): string {
  return rows === undefined
    ? "give fewer and shorter statements, with fewer joins and subqueries inside each other"
    : "write rows out as values where rows.sql computes them by joins, and give fewer of them";
}

function parcelOf({ id, ...texts }: ImportSource): Parameters<typeof packParcel>[0] {
  const parts = Object.entries(texts).flatMap(([name, text]): readonly (readonly [string, Buffer])[] =>
    text === undefined ? [] : [[name, Buffer.from(text)]],
  );
  return { head: { id }, parts: new Map(parts) };
}

/** What the child wrote, which may be anything. */
function readAnswer(bytes: Buffer): Import {
  const none = refusal("ANSWER", "the process that loads the SQL gave no answer");
  try {
    const { head, parts } = unpackParcel(bytes);
    const answer = answerSchema.parse(head);
    if (!answer.ok) return answer;
    const isWhole = parts.size === names.length && names.every((name) => parts.has(name));
    return isWhole ? { ...answer, files: parts } : none;
  } catch {
    return none; // What cannot be read is no answer.
  }
}

/** The whole folder is meant: which statement it was, a process that is gone cannot tell. */
function refusal(code: string, message: string): Import {
  return { ok: false, refused: [{ file: ".", statement: null, code, message }] };
}
