/** What the commands on an existing campaign share: find it, reach its server, close the connection. */
import type { Client } from "@temporalio/client";
import { campaignsUnder, readCampaignRecord } from "../workers/campaign-folder.js";
import { readProcessConfig } from "../workers/config.js";
import { connectClient, ensureServer, type TemporalServer } from "../workers/connect.js";
import { say } from "./answer.js";
import { UsageError } from "./command-error.js";

/** Runs `work` with a client of the server that the campaign `name` under `out` lives on. */
export async function withCampaign<Result>(
  out: string,
  name: string,
  work: (client: Client, server: TemporalServer) => Promise<Result>,
): Promise<Result> {
  requireCampaign(out, name);
  const server = await ensureServer(out, readProcessConfig(), say);
  const { client, close } = await connectClient(server, say);
  try {
    return await work(client, server);
  } finally {
    await close();
  }
}

/** @throws {UsageError} If no campaign of this name has been run under `out`. */
export function requireCampaign(out: string, name: string): void {
  if (readCampaignRecord(out, name) !== null) return;
  const names = campaignsUnder(out);
  const fix = names.length === 0 ? "give the --out it was run with" : `name one of these: ${names.join(", ")}`;
  throw new UsageError(`No campaign "${name}" has been run under ${out}`, { fix });
}
