/** `temporal.json` beside the database file: which process serves it, where, and which server version made it. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const recordSchema = z.strictObject({
  pid: z.int().positive().nullable().describe("null: stopped"),
  address: z.string().describe("host:port of the gRPC frontend"),
  ui: z.url().nullable().describe("null: started without a web UI"),
  version: z.string().describe("version of the server that made the database file"),
  binary: z.string(),
  started: z.iso.datetime(),
});

/** What `temporal.json` holds. */
export type ServerRecord = z.infer<typeof recordSchema>;

/** The database file of the server under `out`. */
export function databaseFile(out: string): string {
  return join(out, "temporal.sqlite");
}

/** The record under `out`; null where there is none or where a crash left it unreadable. */
export function readServerRecord(out: string): ServerRecord | null {
  const file = recordFile(out);
  if (!existsSync(file)) return null;
  const parsed = z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue("not JSON");
        return z.NEVER;
      }
    })
    .pipe(recordSchema)
    .safeParse(readFileSync(file, "utf8"));
  return parsed.success ? parsed.data : null;
}

/** Writes the record; readers see the old one or the new one whole. */
export function writeServerRecord(out: string, record: ServerRecord): void {
  const unfinished = `${recordFile(out)}.${String(process.pid)}`;
  writeFileSync(unfinished, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(unfinished, recordFile(out));
}

/** Whether the recorded process lives and still is this server, not another program that was given its number. */
export function isServing(out: string, record: ServerRecord): boolean {
  return record.pid !== null && commandLine(record.pid).includes(databaseFile(out));
}

function commandLine(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${String(pid)}/cmdline`, "utf8").replaceAll("\0", " ");
    return execFileSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" });
  } catch {
    return "";
  }
}

function recordFile(out: string): string {
  return join(out, "temporal.json");
}
