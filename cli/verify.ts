/** `logigen verify`: the certificates of packages, checked again without a model, a server or the network. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { findPackages, openVerifier, type Verification } from "../datasets/verify.js";
import { say, writeAnswer } from "./answer.js";
import { EXIT, UsageError } from "./command-error.js";
import { verifyAnswerSchema } from "./json-shapes.js";
import { formOf, jsonOption, type SharedOptions } from "./options.js";

/** Adds `verify`. */
export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("check the certificates of task packages again; exit 1 when a point fails")
    .argument("<folder>", "a task package, or a folder that is searched for packages")
    .addOption(jsonOption())
    .action((folder: string, options: Pick<SharedOptions, "json">) => {
      const packages = packagesIn(resolve(folder));
      const verifier = openVerifier();
      let failed = 0;
      for (const path of packages) {
        const verification = verifier.verify(path);
        failed += verification.ok ? 0 : 1;
        writeAnswer(
          formOf(options),
          verifyAnswerSchema,
          { ...verification, points: [...verification.points] },
          verificationText(verification),
        );
      }
      verifier.close();
      say(`${packages.length - failed} of ${packages.length} packages hold`);
      if (failed > 0) process.exitCode = EXIT.internal;
    });
}

function packagesIn(folder: string): readonly string[] {
  try {
    const packages = findPackages(folder);
    if (packages.length > 0) return packages;
  } catch (error) {
    throw new UsageError(
      `Cannot read "${folder}"`,
      { file: folder, fix: "name a task package or a folder that holds some" },
      { cause: error },
    );
  }
  throw new UsageError(`There is no task package in "${folder}"`, {
    file: folder,
    fix: "name a folder with a manifest.json and a task.json below it",
  });
}

function verificationText({ package: path, ok, points }: Verification): string {
  const wrong = points.filter((point) => !point.ok).flatMap((point) => [`  ${point.name}: ${point.evidence[0] ?? ""}`]);
  return [`${ok ? "holds" : "FAILS"} ${path}`, ...wrong].join("\n");
}
