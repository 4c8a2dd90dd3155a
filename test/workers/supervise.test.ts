import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, Connection } from "@temporalio/client";
import { expect, inject, test } from "vitest";
import { superviseWorkers } from "../../workers/supervise.js";
import { workflowBundle } from "../../workers/workflow-bundle.js";

const doubles = fileURLToPath(new URL("../doubles/", import.meta.url));

test("superviseWorkers() starts a killed worker again, and the workflow ends as if nothing had happened", async () => {
  const out = mkdtempSync(join(tmpdir(), "logigen-workers-"));
  const bundle = await workflowBundle(out, join(doubles, "countdown-workflow.ts"));
  expect(await workflowBundle(out, join(doubles, "countdown-workflow.ts"))).toBe(bundle);
  const address = inject("temporal");
  const taskQueue = `countdown-${String(process.pid)}`;
  const notices: string[] = [];
  const supervisor = superviseWorkers({
    commands: [{ name: "models", file: join(doubles, "countdown-worker.ts"), args: [address, taskQueue, bundle] }],
    logFile: join(out, "workers.log"),
    notice: (line) => notices.push(line),
  });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const handle = await client.workflow.start("countdown", {
    taskQueue,
    workflowId: taskQueue,
    args: [{ campaign: "c", steps: 12, held: false }],
  });
  await expect
    .poll(async () => (await handle.query<{ funnel: { out: number }[] }>("funnel")).funnel[0]?.out, { timeout: 20_000 })
    .toBeGreaterThan(3);
  const [pid = 0] = supervisor.pids();
  process.kill(pid, "SIGKILL");
  expect(await handle.result()).toMatchObject({ state: "complete", funnel: [{ out: 12 }] });
  expect(notices).toEqual(['The worker "models" ended with SIGKILL; starting it again']);
  await supervisor.stop();
  expect(supervisor.pids()).toEqual([]);
  await connection.close();
});

test("superviseWorkers() gives up on a worker that cannot start, naming its log", async () => {
  const out = mkdtempSync(join(tmpdir(), "logigen-workers-"));
  const file = join(out, "broken.ts");
  writeFileSync(file, 'throw new Error("no such module");\n');
  const supervisor = superviseWorkers({
    commands: [{ name: "models", file, args: [] }],
    logFile: join(out, "workers.log"),
    notice: () => undefined,
  });
  await expect(supervisor.failed).rejects.toThrow(/Cannot keep the worker "models" alive.*no such module/);
  expect(readFileSync(join(out, "workers.log"), "utf8")).toContain("no such module");
  await supervisor.stop();
});
