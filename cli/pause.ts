import type { Command } from "commander";
import { addAsking } from "./ask-campaign.js";

/** Adds `pause <campaign>`: calls in flight end, no new one starts. */
export function addPause(program: Command): void {
  addAsking(program, {
    command: "pause",
    description: "let calls in flight end and start no new one",
    state: "paused",
    said: "pausing; `logigen resume` goes on",
    ask: (handle) => handle.signal("pause", "paused by a person"),
  });
}
