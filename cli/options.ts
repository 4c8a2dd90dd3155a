import { resolve } from "node:path";
import { Option } from "commander";

/** Options that many commands share, as commander parses them. */
export interface SharedOptions {
  /** Absolute path of the output folder. */
  readonly out: string;
  readonly json?: true;
}

/** `--out DIR`: where campaigns, their store and the server's database lie. */
export function outOption(): Option {
  return new Option("--out <folder>", "folder of campaigns and of the local Temporal server")
    .default(resolve("campaigns"), "./campaigns")
    .argParser((folder: string) => resolve(folder));
}

/** `--json`: the documented JSON on standard output, everything else on standard error. */
export function jsonOption(): Option {
  return new Option("--json", "print one JSON line (docs/json) instead of text");
}

/** How an answer is to be written. */
export function formOf({ json }: Pick<SharedOptions, "json">): "json" | "text" {
  return json === true ? "json" : "text";
}
