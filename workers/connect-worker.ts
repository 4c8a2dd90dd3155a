import { NativeConnection } from "@temporalio/worker";
import { type TemporalServer, unreachable } from "./connect.js";

/**
 * Connects a worker to a server.
 * @throws {ServerError} If the server does not answer.
 */
export async function connectWorker(server: TemporalServer): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({
      ...server.connection,
      ...(server.kind === "local" ? { grpcCompression: { codec: "none" } } : {}),
    });
  } catch (cause) {
    throw unreachable(server, cause);
  }
}
