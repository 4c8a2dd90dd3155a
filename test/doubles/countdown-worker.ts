/** A worker process for `countdown`: address, task queue, bundle. */
import { setTimeout as sleep } from "node:timers/promises";
import { heartbeat } from "@temporalio/activity";
import { NativeConnection } from "@temporalio/worker";
import { installRuntime, runWorker } from "../../workers/run-worker.js";
import { stopSignal } from "../../workers/stop-signal.js";

const [address = "", taskQueue = "", bundle = ""] = process.argv.slice(2);

async function countStep(step: number): Promise<number> {
  heartbeat();
  await sleep(150);
  return step + 1;
}

const stop = stopSignal();
installRuntime();
const connection = await NativeConnection.connect({ address });
await runWorker({ connection, namespace: "default", kind: "models", taskQueue, bundle, activities: { countStep } }, stop);
await connection.close();
process.disconnect();
