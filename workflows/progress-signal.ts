/** How an environment stands, told to its campaign while it runs. */
import { defineSignal } from "@temporalio/workflow";
import type { StageEvent } from "../activities/contract.js";

/** Workflow id of the environment, and all that has happened in it so far. */
export const progressSignal = defineSignal<[string, readonly StageEvent[]]>("progress");
