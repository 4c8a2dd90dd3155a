/** One server, however it was found, and a client's connection to it. */
import { Client, Connection } from "@temporalio/client";
import type { NativeConnectionOptions } from "@temporalio/worker";
import type { ProcessConfig } from "./config.js";
import { findServer } from "./find-server.js";
import { startLocalServer } from "./local-server.js";
import { addSearchAttributes, retentionDays } from "./namespace.js";
import type { Notice } from "./notice.js";
import { ServerError } from "./server-error.js";

/** A Temporal server to work with. */
export interface TemporalServer {
  /** local: started by logigen on the database file under `--out`; named: the user's own. */
  readonly kind: "local" | "named";
  readonly address: string;
  readonly namespace: string;
  /** Address of the web UI; null where it is not known. */
  readonly ui: string | null;
  readonly connection: NativeConnectionOptions;
}

type ServerPlaces = Pick<ProcessConfig, "namedServer" | "searchPath" | "cacheFolder" | "downloadSite">;

/**
 * The server for the output folder `out`: the one the user named, else the local one, started if it does not run.
 * @throws {ServerError} If there is none, or the named one does not answer.
 */
export async function ensureServer(out: string, places: ServerPlaces, notice: Notice): Promise<TemporalServer> {
  const named = places.namedServer;
  if (named !== null) return { kind: "named", address: named.address, namespace: named.namespace, ui: null, connection: named.connection };
  const local = await startLocalServer({
    out,
    notice,
    binary: async () => {
      const source = await findServer(places, notice);
      if (source.kind === "binary") return source;
      throw new TypeError("Cannot run a server that the user named");
    },
  });
  return { kind: "local", address: local.address, namespace: "default", ui: local.ui, connection: { address: local.address } };
}

/** A client and the connection to close after use. */
export interface OpenClient {
  readonly client: Client;
  readonly close: () => Promise<void>;
}

/**
 * Connects a client; on a named server it also registers the search attributes and says when histories are kept briefly.
 * @throws {ServerError} If the server does not answer.
 */
export async function connectClient(server: TemporalServer, notice: Notice): Promise<OpenClient> {
  const connection = await Connection.connect({ ...server.connection, connectTimeout: 10_000 }).catch((cause: unknown) => {
    throw unreachable(server, cause);
  });
  if (server.kind === "named") await prepareNamed(connection, server.namespace, notice);
  return { client: new Client({ connection, namespace: server.namespace }), close: () => connection.close() };
}

/** The error of a server that does not answer: which address, and what to do. */
export function unreachable(server: TemporalServer, cause: unknown): ServerError {
  const fix =
    server.kind === "named"
      ? "start that server, or unset TEMPORAL_ADDRESS to use a local one"
      : "run `logigen server start` and see temporal.log";
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new ServerError(`Cannot reach the Temporal server at ${server.address} (namespace "${server.namespace}")${reason}`, fix, {
    cause,
  });
}

async function prepareNamed(connection: Connection, namespace: string, notice: Notice): Promise<void> {
  await addSearchAttributes(connection, namespace);
  const days = await retentionDays(connection, namespace);
  if (days < 90) notice(`Namespace "${namespace}" deletes closed workflows after ${String(days)} days; the audit trail goes with them`);
}
