/** A request to a running campaign: pause, resume, cancel. */
import type { WorkflowHandle } from "@temporalio/client";
import type { Command } from "commander";
import { observeCampaign } from "../workers/observe-campaign.js";
import { writeAnswer } from "./answer.js";
import { UsageError } from "./command-error.js";
import { signalAnswerSchema } from "./json-shapes.js";
import { formOf, jsonOption, outOption, type SharedOptions } from "./options.js";
import { withCampaign } from "./with-campaign.js";

/** A command that asks a campaign for something. */
export interface Asking {
  readonly command: "pause" | "resume" | "cancel";
  readonly description: string;
  /** The state that the campaign will come to. */
  readonly state: "paused" | "running" | "cancelled";
  readonly said: string;
  ask(handle: WorkflowHandle): Promise<unknown>;
}

/** Adds a command that asks; a campaign that has ended is a usage error. */
export function addAsking(program: Command, asking: Asking): void {
  program
    .command(asking.command)
    .description(asking.description)
    .argument("<campaign>", "its name")
    .addOption(outOption())
    .addOption(jsonOption())
    .action(async (name: string, options: SharedOptions) => {
      await withCampaign(options.out, name, async (client) => {
        const seen = await observeCampaign(client, name);
        if (seen.kind !== "open")
          throw new UsageError(`Cannot ${asking.command} campaign "${name}": it does not run`, { fix: `see logigen status ${name}` });
        await asking.ask(client.workflow.getHandle(name));
        writeAnswer(formOf(options), signalAnswerSchema, { campaign: name, state: asking.state }, `Campaign "${name}": ${asking.said}`);
      });
    });
}
