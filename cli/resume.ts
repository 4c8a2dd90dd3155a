import type { Command } from "commander";
import { addAsking } from "./ask-campaign.js";

/** Adds `resume <campaign>`: goes on after a pause. */
export function addResume(program: Command): void {
  addAsking(program, {
    command: "resume",
    description: "go on after a pause",
    state: "running",
    said: "going on; workers run as long as the `logigen run` that started it",
    ask: (handle) => handle.signal("resume"),
  });
}
