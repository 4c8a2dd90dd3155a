/** Entry of a child process that imports raw SQL: a parcel of texts in, a parcel of files or the refusals out. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { importRaw } from "../import/import-raw.js";
import { packParcel, unpackParcel } from "./parcel.js";
import { greeting } from "./wire.js";
import { writeWhole } from "./write-whole.js";

const INPUT = 0;
const headSchema = z.strictObject({ id: z.string() });

writeWhole(Buffer.from(`${greeting}\n`));
const { head, parts } = unpackParcel(readFileSync(INPUT));
const textOf = (name: string): string | undefined => parts.get(name)?.toString();
const imported = importRaw({
  ...headSchema.parse(head),
  schema: textOf("schema") ?? "",
  triggers: textOf("triggers") ?? "",
  rows: textOf("rows"),
  policy: textOf("policy"),
  columns: textOf("columns"),
});
writeWhole(
  imported.ok
    ? packParcel({ head: { ok: true, findings: imported.findings }, parts: imported.files })
    : packParcel({ head: { ok: false, refused: imported.refused }, parts: new Map() }),
);
