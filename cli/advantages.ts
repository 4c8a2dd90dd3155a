/** `logigen advantages`: turn-aware advantages of groups of trajectories, a line a group. */
import { type Command, Option } from "commander";
import { z } from "zod";
import { type AdvantageOptions, defaultAdvantageOptions, turnAdvantages } from "../environment/compare/advantages.js";
import { UsageError } from "./command-error.js";
import { readLines } from "./read-lines.js";

const groupSchema = z.strictObject({ terminal: z.array(z.number()).min(1), turns: z.array(z.array(z.number())) });

/** Adds `advantages`. */
export function addAdvantages(program: Command): void {
  program
    .command("advantages")
    .description('read NDJSON {"terminal":[…],"turns":[[…]]}, write {"advantages":[[…]]} for each line (TA-GRPO)')
    .addOption(
      new Option("--std <kind>", "deviation of the sample or of the population")
        .choices(["sample", "population"])
        .default(defaultAdvantageOptions.std),
    )
    .addOption(new Option("--eps <number>", "added to the deviation").default(defaultAdvantageOptions.eps).argParser(positive))
    .action(async (options: AdvantageOptions) => {
      for await (const line of readLines(process.stdin))
        if (line.trim() !== "") process.stdout.write(`${JSON.stringify(answerLine(line, options))}\n`);
    });
}

function answerLine(line: string, options: AdvantageOptions): unknown {
  try {
    const { advantages, equal } = turnAdvantages(groupSchema.parse(JSON.parse(line)), options);
    return equal ? { advantages, equal } : { advantages };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError || error instanceof RangeError)) throw error;
    return { ok: false, error: { code: "BAD_REQUEST", message: error instanceof z.ZodError ? z.prettifyError(error) : error.message } };
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new UsageError(`--eps must be a number of at least 0, found "${text}"`);
  return value;
}
