/** `logigen view`: a task as its agent, its user simulator or its grader sees it. */
import { resolve } from "node:path";
import { Argument, type Command } from "commander";
import { readPackage } from "../datasets/package.js";
import { type Viewer, viewers, viewOfPackage, viewText } from "../datasets/view.js";
import { writeAnswer } from "./answer.js";
import { viewAnswerSchema } from "./json-shapes.js";
import { formOf, jsonOption, type SharedOptions } from "./options.js";
import { named } from "./read-folder.js";

/** Adds `view`. */
export function addView(program: Command): void {
  program
    .command("view")
    .description("show a task package as the agent, the simulator or the grader sees it")
    .argument("<package>", "folder of a task package")
    .addArgument(new Argument("<viewer>", "whose view").choices(viewers))
    .addOption(jsonOption())
    .action((folder: string, viewer: Viewer, options: Pick<SharedOptions, "json">) => {
      const path = resolve(folder);
      const found = named(path, () => readPackage(path));
      writeAnswer(formOf(options), viewAnswerSchema, viewAnswerSchema.parse(viewOfPackage(found, viewer)), viewText(found, viewer));
    });
}
