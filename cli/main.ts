/** The `logigen` command: what people do, one file a command; only the command that is asked for is loaded. */
import { Command, CommanderError } from "commander";
import { hasStackTraces } from "../workers/config.js";
import { describeError, EXIT, EXIT_MEANINGS, exitCodeOf } from "./command-error.js";

type AddCommand = (program: Command) => void;

/** Commands in the order of the help, under what people do. */
const COMMANDS = {
  run: { group: "Campaigns:", load: async () => (await import("./run.js")).addRun },
  status: { group: "Campaigns:", load: async () => (await import("./status.js")).addStatus },
  pause: { group: "Campaigns:", load: async () => (await import("./pause.js")).addPause },
  resume: { group: "Campaigns:", load: async () => (await import("./resume.js")).addResume },
  cancel: { group: "Campaigns:", load: async () => (await import("./cancel.js")).addCancel },
  verify: { group: "Tasks:", load: async () => (await import("./verify.js")).addVerify },
  view: { group: "Tasks:", load: async () => (await import("./view.js")).addView },
  play: { group: "Tasks:", load: async () => (await import("./play.js")).addPlay },
  compile: { group: "Environments:", load: async () => (await import("./compile.js")).addCompile },
  import: { group: "Environments:", load: async () => (await import("./import.js")).addImport },
  prove: { group: "Environments:", load: async () => (await import("./prove.js")).addProve },
  diff: { group: "Environments:", load: async () => (await import("./diff.js")).addDiff },
  advantages: { group: "Training:", load: async () => (await import("./advantages.js")).addAdvantages },
  doctor: { group: "This machine:", load: async () => (await import("./doctor.js")).addDoctor },
  server: { group: "This machine:", load: async () => (await import("./server.js")).addServer },
  worker: { group: "This machine:", load: async () => (await import("./worker.js")).addWorker },
} as const satisfies Record<string, { group: string; load: () => Promise<AddCommand> }>;

const EXIT_CODES = `
Exit codes:
${EXIT_MEANINGS.map(({ code, meaning }) => `  ${String(code).padEnd(5)}${meaning}`).join("\n")}`;

/** Runs one command line and returns its exit code; an action sets `process.exitCode` where it is not 0. */
export async function main(args: readonly string[]): Promise<number> {
  endUnheard();
  try {
    const program = await programFor(args);
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`${describeError(error, hasStackTraces() ? "shown" : "hidden")}\n`);
    return exitCodeOf(error);
  }
}

/** Once nobody reads what is written (`… | head -n 1`) there is nothing to go on for, and nobody to tell. */
function endUnheard(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(EXIT.unheard);
    });
}

/** The command tree: the command that is asked for alone, or every one where none is. */
export async function programFor(args: readonly string[]): Promise<Command> {
  const program = new Command("logigen")
    .description("Business rules in, proven tasks for tool-using agents out")
    .version("0.1.0")
    .addHelpText("after", EXIT_CODES)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(logigen --help lists the commands)");
  const asked = args[0];
  for (const [name, { group, load }] of Object.entries(COMMANDS)) {
    if (asked !== undefined && asked in COMMANDS && name !== asked) continue;
    program.commandsGroup(group);
    (await load())(program);
  }
  return program.helpCommand(true);
}
