/** Makes a namespace fit for campaigns: history kept for 90 days, and the search attributes that find them. */
import type { Connection } from "@temporalio/client";
import { msToTs, tsToMs } from "@temporalio/common/lib/time.js";
import { ServerError } from "./server-error.js";

const RETENTION = "90 days";
const KEYWORD = 2;
const DOUBLE = 4;

/** Search attributes that the workflows set, with their `IndexedValueType`. */
export const SEARCH_ATTRIBUTES = {
  LogigenCampaign: KEYWORD,
  LogigenScenario: KEYWORD,
  LogigenStage: KEYWORD,
  LogigenOutcome: KEYWORD,
  LogigenDifficulty: KEYWORD,
  LogigenCost: DOUBLE,
} as const;

/** The visibility query that finds everything of one campaign in the Temporal UI. */
export function campaignQuery(campaign: string): string {
  return `LogigenCampaign = '${campaign.replaceAll("'", "''")}'`;
}

/**
 * Raises the retention of closed workflows to 90 days. Must precede the first workflow: the time of deletion is fixed
 * when a workflow closes, and a development server's default is 24 hours.
 */
export async function keepHistories(connection: Connection, namespace: string): Promise<void> {
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: msToTs(RETENTION) },
  });
}

/** Days that closed workflows are kept in a namespace. */
export async function retentionDays(connection: Connection, namespace: string): Promise<number> {
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  return tsToMs(config?.workflowExecutionRetentionTtl) / 86_400_000;
}

/**
 * Registers the search attributes that the namespace lacks.
 * @throws {ServerError} If the server does not let this client do it; the fix names the attributes.
 */
export async function addSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => customAttributes[name] === undefined);
  if (missing.length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) });
  } catch (cause) {
    const names = missing.map(([name, type]) => `${name}=${type === KEYWORD ? "Keyword" : "Double"}`).join(", ");
    throw new ServerError(`Cannot add search attributes to namespace "${namespace}"`, `add them once by hand: ${names}`, { cause });
  }
}
