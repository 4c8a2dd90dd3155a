/** The environment of the process, read once, here; everything below is handed the fields it needs. */
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { loadClientConnectConfig } from "@temporalio/envconfig";
import type { NativeConnectionOptions } from "@temporalio/worker";
import { ServerError } from "./server-error.js";

/** Where a Temporal server was named by the user: `TEMPORAL_*` variables or Temporal's own configuration file. */
export interface NamedServer {
  readonly address: string;
  readonly namespace: string;
  readonly connection: NativeConnectionOptions;
}

/** What logigen takes from the environment variables of its process. */
export interface ProcessConfig {
  /** Folder of what is fetched or built once a user: `LOGIGEN_CACHE`, else `logigen` in the XDG cache. */
  readonly cacheFolder: string;
  /** The folders of `PATH`, in order. */
  readonly searchPath: readonly string[];
  /** Site of the Temporal CLI's archives: `LOGIGEN_DOWNLOAD_SITE`, for mirrors; the SDK's own unless given. */
  readonly downloadSite: string;
  readonly namedServer: NamedServer | null;
}

/**
 * Reads the process's environment.
 * @throws {ServerError} If a `TEMPORAL_*` variable or Temporal's configuration file cannot be read.
 */
export function readProcessConfig(env: NodeJS.ProcessEnv = process.env): ProcessConfig {
  return {
    cacheFolder: env["LOGIGEN_CACHE"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "logigen"),
    searchPath: (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""),
    downloadSite: env["LOGIGEN_DOWNLOAD_SITE"] ?? "https://temporal.download",
    namedServer: readNamedServer(env),
  };
}

/** Whether errors show where they happened: `LOGIGEN_DEBUG` is set. */
export function hasStackTraces(env: NodeJS.ProcessEnv = process.env): boolean {
  return (env["LOGIGEN_DEBUG"] ?? "") !== "";
}

/** The value of the variable a configuration names for an endpoint's key; null where it is not set. */
export function readKey(variable: string, env: NodeJS.ProcessEnv = process.env): string | null {
  const value = env[variable];
  return value === undefined || value === "" ? null : value;
}

function readNamedServer(env: NodeJS.ProcessEnv): NamedServer | null {
  const given = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const { connectionOptions, namespace } = readClientConfig(Object.fromEntries(given));
  if (connectionOptions.address === undefined) return null;
  return { address: connectionOptions.address, namespace: namespace ?? "default", connection: connectionOptions };
}

function readClientConfig(variables: Record<string, string>): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig({ overrideEnvVars: variables });
  } catch (cause) {
    // A parser's further lines quote the file, which may hold a key.
    const reason = cause instanceof Error ? cause.message.split("\n", 1).join() : "it cannot be read";
    const file = variables["TEMPORAL_CONFIG_FILE"] ?? "temporalio/temporal.toml in the user's configuration folder";
    throw new ServerError(
      `Cannot read how to reach Temporal, from the TEMPORAL_* variables and ${file}: ${reason}`,
      "correct them there, or remove them to use a local server",
      { cause },
    );
  }
}
