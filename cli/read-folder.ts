/** Folders that a person names: what is wrong with one is told with the path of the file. */
import { join } from "node:path";
import { readPackageManifest } from "../datasets/package.js";
import { EnvironmentFolderError, readCompiledEnvironment, type ReadEnvironment, readEnvironment } from "../environment/engine/folder.js";
import type { Environment, Manifest } from "../environment/engine/folder-files.js";
import { UsageError } from "./command-error.js";

/** An environment folder, or a task package, whose own format version is then checked too. @throws {UsageError} If it is no sound one. */
export function readFolder(folder: string): ReadEnvironment {
  return named(folder, () => {
    const environment = readEnvironment(folder);
    if ("package" in environment.manifest) readPackageManifest(folder);
    return environment;
  });
}

/** As {@link readFolder}, of an environment that has a sheet. @throws {UsageError} If it is no sound one, or was imported. */
export function readCompiledFolder(folder: string): Environment & { readonly manifest: Manifest } {
  return named(folder, () => {
    const environment = readCompiledEnvironment(folder);
    if ("package" in environment.manifest) readPackageManifest(folder);
    return environment;
  });
}

/** Reads something of a folder. @throws {UsageError} If the folder is not what it should be. */
export function named<Result>(folder: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EnvironmentFolderError)) throw error;
    throw new UsageError(
      error.message,
      {
        file: join(folder, error.file),
        fix: "name a folder as this version of logigen writes it: an environment from compile or import, a package from run",
      },
      { cause: error },
    );
  }
}
