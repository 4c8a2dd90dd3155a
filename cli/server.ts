/** `logigen server`: the local Temporal server of an output folder. */
import type { Command } from "commander";
import { readProcessConfig } from "../workers/config.js";
import { ensureServer } from "../workers/connect.js";
import { localServerState, stopLocalServer } from "../workers/local-server.js";
import { databaseFile } from "../workers/server-record.js";
import { say, writeAnswer } from "./answer.js";
import { type ServerAnswer, serverAnswerSchema } from "./json-shapes.js";
import { formOf, jsonOption, outOption, type SharedOptions } from "./options.js";
import { requireWritable } from "./require-writable.js";

/** Adds `server status|start|stop`. */
export function addServer(program: Command): void {
  const server = program.command("server").description("status, start or stop the local Temporal server");
  server.command("status").description("is it running, and where").addOption(outOption()).addOption(jsonOption()).action(tellState);
  server
    .command("start")
    .description("start it in the background, unless it runs")
    .addOption(outOption())
    .addOption(jsonOption())
    .action(async (options: SharedOptions) => {
      requireWritable(options.out);
      await ensureServer(options.out, { ...readProcessConfig(), namedServer: null }, say);
      tellState(options);
    });
  server
    .command("stop")
    .description("stop it; campaigns wait in its database file")
    .addOption(outOption())
    .addOption(jsonOption())
    .action(async (options: SharedOptions) => {
      await stopLocalServer(options.out);
      tellState(options);
    });
}

function tellState(options: SharedOptions): void {
  const answer = stateOf(options.out);
  writeAnswer(formOf(options), serverAnswerSchema, answer, stateText(answer));
}

function stateOf(out: string): ServerAnswer {
  const database = databaseFile(out);
  const state = localServerState(out);
  switch (state.kind) {
    case "absent":
      return { state: "absent", address: null, ui: null, version: null, pid: null, database };
    case "stopped":
      return { state: "stopped", address: null, ui: null, version: state.record.version, pid: null, database };
    case "running": {
      const { address, ui, version, pid } = state.server;
      return { state: "running", address, ui, version, pid, database };
    }
  }
}

function stateText(answer: ServerAnswer): string {
  switch (answer.state) {
    case "absent":
      return `No Temporal server has run on ${answer.database}`;
    case "stopped":
      return `The Temporal server on ${answer.database} is stopped`;
    case "running":
      return `Temporal server ${answer.version ?? ""} at ${answer.address ?? ""}, UI ${answer.ui ?? "none"}, process ${String(answer.pid)}, on ${answer.database}`;
  }
}
