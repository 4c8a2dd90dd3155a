/** A campaign's folder under the output folder: its configuration, its store, its last report, its packages. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type CampaignReport, campaignReportSchema } from "../datasets/campaign-report.js";

/** What a campaign is made from; fixed by the first `run`. */
export const campaignRecordSchema = z.strictObject({
  format: z.literal(1),
  config: z.record(z.string(), z.unknown()).describe("the resolved configuration"),
  scenarios: z.record(z.string(), z.string()).describe("scenario id → SHA-256 of everything it enters with"),
});
export type CampaignRecord = z.infer<typeof campaignRecordSchema>;

/** The folders and files of one campaign. */
export interface CampaignFolder {
  readonly path: string;
  readonly record: string;
  readonly report: string;
  readonly store: string;
  readonly packages: string;
  readonly workersLog: string;
}

/** Where a campaign lies. */
export function campaignFolder(out: string, campaign: string): CampaignFolder {
  const path = join(out, campaign);
  return {
    path,
    record: join(path, "campaign.json"),
    report: join(path, "report.json"),
    store: join(path, "store"),
    packages: join(path, "packages"),
    workersLog: join(path, "workers.log"),
  };
}

/** The campaigns under `out`, by name. */
export function campaignsUnder(out: string): readonly string[] {
  if (!existsSync(out)) return [];
  return readdirSync(out)
    .filter((name) => existsSync(campaignFolder(out, name).record))
    .sort();
}

/** What the campaign was made from; null where it has not been started under `out`. */
export function readCampaignRecord(out: string, campaign: string): CampaignRecord | null {
  const file = campaignFolder(out, campaign).record;
  return existsSync(file) ? campaignRecordSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : null;
}

/** Whether a campaign may run with this record: it is new, it is the same, or these keys differ. */
export type Claim = { readonly kind: "new" } | { readonly kind: "same" } | { readonly kind: "changed"; readonly keys: readonly string[] };

/** Compares a record with the one that is there; writes nothing. */
export function compareClaim(out: string, campaign: string, record: CampaignRecord): Claim {
  const before = readCampaignRecord(out, campaign);
  if (before === null) return { kind: "new" };
  const keys = differingKeys(before, record);
  return keys.length === 0 ? { kind: "same" } : { kind: "changed", keys };
}

/** Writes the record of a new campaign, or compares it with the one that is there. */
export function claimCampaign(out: string, campaign: string, record: CampaignRecord): Claim {
  const claim = compareClaim(out, campaign, record);
  if (claim.kind !== "new") return claim;
  const folder = campaignFolder(out, campaign);
  mkdirSync(folder.path, { recursive: true });
  writeWhole(folder.record, record);
  return claim;
}

/** Keeps the report that `status` shows while no worker can be asked. */
export function keepReport(out: string, report: CampaignReport): void {
  writeWhole(campaignFolder(out, report.campaign).report, report);
}

/** The last report kept; null where there is none. */
export function readKeptReport(out: string, campaign: string): CampaignReport | null {
  const file = campaignFolder(out, campaign).report;
  return existsSync(file) ? campaignReportSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : null;
}

/** Packages of a report whose folder is not there. */
export function missingPackages(out: string, report: CampaignReport): readonly string[] {
  const { path } = campaignFolder(out, report.campaign);
  return report.packages.map((line) => resolve(path, line.path)).filter((folder) => !existsSync(join(folder, "manifest.json")));
}

/** Paths of the keys at which two JSON values differ, in the order of the first. */
export function differingKeys(before: unknown, after: unknown, path = ""): readonly string[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => differingKeys(before[name], after[name], path === "" ? name : `${path}.${name}`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function writeWhole(file: string, value: unknown): void {
  const unfinished = `${file}.${String(process.pid)}`;
  writeFileSync(unfinished, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(unfinished, file);
}
