import type { Command } from "commander";
import { addAsking } from "./ask-campaign.js";

/** Adds `cancel <campaign>`: ends it for good with the packages it has. */
export function addCancel(program: Command): void {
  addAsking(program, {
    command: "cancel",
    description: "end it with the packages it has",
    state: "cancelled",
    said: "cancelling; finished packages stay",
    ask: (handle) => handle.cancel(),
  });
}
