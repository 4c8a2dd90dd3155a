import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readEnvironment } from "../../environment/engine/folder.js";
import { writeFiles } from "../../environment/engine/folder-files.js";
import { openSession } from "../../environment/engine/session.js";
import { toolsOf } from "../../environment/engine/tools.js";
import { stateDigest } from "../../environment/engine/snapshot.js";
import { ordinaryScripts } from "./corpora/ordinary.js";
import { importTexts } from "./import-texts.js";

const folder = mkdtempSync(join(tmpdir(), "ordinary-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Classes every column that a refusal names technical, and imports again. */
function importWhole(texts: { readonly schema: string; readonly triggers?: string; readonly rows?: string }) {
  const first = importTexts(texts);
  if (first.ok) return first;
  const clocks = first.refused.flatMap(({ code, message }) =>
    code === "CLOCK_DEFAULT" ? [/class "(.*)" technical/.exec(message)?.[1] ?? ""] : [],
  );
  return importTexts({ ...texts, columns: JSON.stringify(Object.fromEntries(clocks.map((name) => [name, "technical"]))) });
}

describe("importRaw() of ordinary SQL", () => {
  test.each(
    ordinaryScripts.map(
      ({ name, schema, triggers, rows }) =>
        [name, { schema, ...(triggers !== undefined && { triggers }), ...(rows !== undefined && { rows }) }] as const,
    ),
  )("gives a folder that is read and played: %s", (_name, texts) => {
    const imported = importWhole(texts);
    if (!imported.ok) throw new Error(JSON.stringify(imported.refused));
    writeFiles(folder, imported.files);
    const environment = readEnvironment(folder);
    const session = openSession(environment);
    const origin = stateDigest(session.db);
    for (const { name } of toolsOf(environment.compiled).filter((tool) => tool.name.startsWith("query_")))
      expect(session.call(name, { limit: 200 })).toMatchObject({ ok: true, truncated: false });
    for (const { name, parameters } of toolsOf(environment.compiled).filter((tool) => tool.name.startsWith("insert_"))) {
      const values = { integer: 1, number: 1.5, string: "x", boolean: true };
      const given = Object.fromEntries(
        parameters.required.map((column) => [column, values[parameters.properties[column]?.type ?? "string"]]),
      );
      const answer = session.call(name, given);
      expect(answer.ok || answer.error.code === "POLICY_VIOLATION" ? "answered" : answer).toBe("answered");
    }
    session.reset();
    expect(stateDigest(session.db)).toBe(origin);
    session.close();
  });
});
