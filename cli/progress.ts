/** Live progress of a campaign: a panel on a terminal, else one line a change; always on standard error. */
import { createLogUpdate } from "log-update";
import type { CampaignReport, FunnelStage } from "../datasets/campaign-report.js";
import { durationText } from "./duration.js";
import { funnelText, reasonsText } from "./report.js";

export interface Progress {
  /** Shows the campaign as it stands. */
  readonly show: (report: CampaignReport) => void;
  /** Says something once, above the panel. */
  readonly notice: (line: string) => void;
  /** Leaves the panel where it is; later output goes below. */
  readonly end: () => void;
}

/** Lines end when nothing changes; after this long one says that work goes on. */
const SILENCE_MS = 15_000;

type Screen = NodeJS.WriteStream & { readonly fd: 2 | 1 };

/** Progress on a stream: live where it is a terminal. */
export function createProgress(stream: Screen): Progress {
  return stream.isTTY ? createPanel(stream) : createLines((line) => stream.write(`${line}\n`));
}

function createPanel(stream: Screen): Progress {
  const update = createLogUpdate(stream);
  return {
    show(report) {
      update(panelText(report));
    },
    notice(line) {
      update.persist(line);
    },
    end() {
      update.done();
    },
  };
}

function createLines(write: (line: string) => void): Progress {
  let before: CampaignReport | null = null;
  let saidAtMs = 0;
  return {
    show(report) {
      const changes = changeLines(before, report);
      const lines = changes.length === 0 && report.elapsedMs - saidAtMs >= SILENCE_MS ? [stillLine(report)] : changes;
      for (const line of lines) write(line);
      if (lines.length > 0) saidAtMs = report.elapsedMs;
      before = report;
    },
    notice: write,
    end: () => undefined,
  };
}

/** The whole panel: state and times, the funnel so far, what is in flight. */
export function panelText(report: CampaignReport): string {
  const inFlight = report.running.slice(0, 8).map((line) => `  ${line}`);
  const more = report.running.length - inFlight.length;
  return [headline(report), "", funnelText(report.funnel), "", ...inFlight, ...(more > 0 ? [`  and ${String(more)} more`] : [])].join("\n");
}

/** One line a stage that changed, and one for a new state. */
export function changeLines(before: CampaignReport | null, after: CampaignReport): readonly string[] {
  const stages = after.funnel.filter(
    (line) =>
      line.in > 0 &&
      !isSame(
        before?.funnel.find(({ stage }) => stage === line.stage),
        line,
      ),
  );
  const elapsed = durationText(after.elapsedMs);
  return [
    ...(before?.state === after.state ? [] : [headline(after)]),
    ...stages.map((line) => `${elapsed}  ${line.stage}: ${String(line.out)} of ${String(line.in)} accepted${rejections(line)}`),
  ];
}

/** What is said where nothing has changed for a while. */
function stillLine(report: CampaignReport): string {
  return `${durationText(report.elapsedMs)}  in flight: ${report.running.slice(0, 8).join(", ")}`;
}

function headline(report: CampaignReport): string {
  const forecast = report.forecastMs === null ? "" : `, about ${durationText(report.forecastMs)} to go`;
  const reason = report.state === "paused" ? `; ${report.running.join("; ")}; \`logigen resume ${report.campaign}\` goes on` : "";
  return `Campaign "${report.campaign}": ${report.state}, ${durationText(report.elapsedMs)}${forecast}${reason}`;
}

function rejections(line: FunnelStage): string {
  return Object.keys(line.rejected).length === 0 ? "" : `; rejected: ${reasonsText(line.rejected)}`;
}

function isSame(before: FunnelStage | undefined, after: FunnelStage): boolean {
  return before?.in === after.in && before.out === after.out && reasonsText(before.rejected) === reasonsText(after.rejected);
}
