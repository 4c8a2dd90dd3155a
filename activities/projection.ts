/** The user's side of an episode: told by the Projector, checked for what it gives away and for what it leaves open. */
import { clientReplySchema } from "../agents/client.js";
import { type Projection, projector, type ProjectorInput } from "../agents/projector.js";
import { type Finding, findingSchema } from "../agents/role.js";
import { spoilerFindings } from "../agents/spoiler-lint.js";
import type { Compiled } from "../environment/compile/compile-sheet.js";
import { certify } from "../environment/task/certificate.js";
import { openSession } from "../environment/engine/session.js";
import { writeSnapshot } from "../environment/engine/snapshot.js";
import { projectionSchema, renderDescription, type TaskDescription } from "../environment/task/task-description.js";
import { toolsOf } from "../environment/engine/tools.js";
import { draftArtefact, settleRun } from "./ask-role.js";
import type { CertifiedTask } from "./certified-task.js";
import type { At, Checked, CorrectionRefs, Drafted, Ref } from "./contract.js";
import { type Conversation, loadConversation, messagesOf } from "./conversation.js";
import { loadCompiled } from "./loaded.js";
import { exact, replay } from "./run-tools.js";
import { finding, load, report, type Workshop } from "./workshop.js";

export function createProjectionActivities(workshop: Workshop) {
  function projectStory({
    at,
    episode,
    correction,
  }: {
    readonly at: At;
    readonly episode: Ref;
    readonly correction: CorrectionRefs | null;
  }): Promise<Drafted> {
    const conversation = loadConversation(workshop, episode);
    const compiled = loadCompiled(workshop, conversation.environment.sheet);
    const input: ProjectorInput = {
      kind: conversation.wanted,
      goal: conversation.goal ?? "",
      profile: conversation.user.profile,
      dialogue: dialogueOf(conversation),
      writes: conversation.writes.map(({ turn, tool, arguments: given }, write) => ({ write, turn, tool, arguments: given })),
      refusals: conversation.refusals.map(({ turn, tool, arguments: given, rule }) => ({ turn, tool, arguments: given, rule })),
      tables: tablesOf(compiled),
      correction:
        correction === null
          ? null
          : {
              previous: workshop.store.get(correction.previous).toString("utf8"),
              report: load(workshop, correction.report, findingSchema.array()),
            },
    };
    return draftArtefact(workshop, projector, {
      at,
      input,
      run: "project",
      line: (told) => `${String(told.sub_goals.length)} sub-goals, ${String(told.choices.length)} choices`,
    });
  }

  function checkProjection({
    episode,
    projection,
  }: {
    readonly at: At;
    readonly episode: Ref;
    readonly projection: Ref;
  }): Promise<Checked> {
    const conversation = loadConversation(workshop, episode);
    const compiled = loadCompiled(workshop, conversation.environment.sheet);
    const told = load(workshop, projection, projectionSchema);
    const findings = [...spoilerFindings(renderDescription(told), namesOf(compiled)), ...openPoints(compiled, conversation, told)];
    return Promise.resolve(findings.length > 0 ? report(workshop, findings) : { kind: "passed", line: "complete, no spoiler" });
  }

  /** Point 7 of the certificate, before the others: what it finds, the Projector can repair. */
  function openPoints(compiled: Compiled, conversation: Conversation, told: Projection): Finding[] {
    const { points } = certificateOf(compiled, conversation, told);
    const determined = points.find((point) => point.name === "determined");
    return determined === undefined || determined.ok
      ? []
      : [
          finding(
            "choices and values",
            JSON.stringify(determined.evidence).slice(0, 900),
            "wishes that single out exactly the row chosen, and a source for every other argument",
          ),
        ];
  }

  function certifyTask({
    at,
    episode,
    projection,
  }: {
    readonly at: At;
    readonly episode: Ref;
    readonly projection: Ref;
  }): Promise<
    | { readonly kind: "passed"; readonly task: Ref; readonly identity: string; readonly difficulty: string; readonly line: string }
    | { readonly kind: "failed"; readonly line: string }
  > {
    const conversation = loadConversation(workshop, episode);
    const compiled = loadCompiled(workshop, conversation.environment.sheet);
    const told = load(workshop, projection, projectionSchema);
    const { ok, points, target, difficulty, tags } = certificateOf(compiled, conversation, told);
    settleRun(workshop, at, "project", ok ? "accepted" : "rejected");
    if (!ok) return Promise.resolve({ kind: "failed", line: points.find((point) => !point.ok)?.name ?? "certificate" });
    const description = descriptionOf(conversation, told);
    const task: CertifiedTask = {
      environment: conversation.environment,
      description,
      gold: conversation.log,
      target: workshop.store.put(target),
      certificate: workshop.store.putJson({ ok, points, difficulty, tags }),
      difficulty,
      refused: conversation.refusals.map((one) => one.rule),
    };
    const identity = workshop.store.putJson({ user: conversation.user.key, gold: conversation.log, refusal: told.refusal });
    return Promise.resolve({ kind: "passed", task: workshop.store.putJson(task), identity, difficulty, line: `certified ${difficulty}` });
  }

  function certificateOf(compiled: Compiled, conversation: Conversation, told: Projection) {
    const origin = workshop.store.get(conversation.environment.origin);
    const session = openSession({ compiled, origin });
    try {
      replay(session, conversation.log);
      const target = writeSnapshot(session.db);
      const log = conversation.log.map(({ tool, arguments: given }) => ({ tool, arguments: exact(given) }));
      const refusals = conversation.refusals.map((one) => one.rule);
      return { ...certify({ compiled, origin, target, log, description: descriptionOf(conversation, told), refusals }), target };
    } finally {
      session.close();
    }
  }

  /** What client and consultant said to each other; a client's reply is a document of which only `say` was heard. */
  function dialogueOf(conversation: Conversation): ProjectorInput["dialogue"] {
    return messagesOf(workshop, conversation.other).map((message) => {
      if (message.role !== "assistant") return { speaker: "consultant" as const, text: message.content };
      return { speaker: "client" as const, text: clientReplySchema.parse(JSON.parse(message.content)).say };
    });
  }

  return { projectStory, checkProjection, certifyTask };
}

function descriptionOf(conversation: Conversation, told: Projection): TaskDescription {
  return { ...told, version: 1, kind: conversation.wanted, user: conversation.user, text: renderDescription(told) };
}

function namesOf(compiled: Compiled): { toolNames: string[]; tableNames: string[]; columnNames: string[] } {
  const tables = Object.values(compiled.catalogue.tables);
  return {
    toolNames: toolsOf(compiled).map((tool) => tool.name),
    tableNames: tables.map((table) => table.name),
    columnNames: tables.flatMap((table) => table.columns.map((column) => column.name)),
  };
}

function tablesOf(compiled: Compiled): ProjectorInput["tables"] {
  return Object.fromEntries(
    Object.values(compiled.catalogue.tables).map((table) => [
      table.name,
      {
        label: table.label,
        key: table.key,
        columns: Object.fromEntries(
          table.columns
            .filter((column) => column.visible)
            .map((column) => [
              column.name,
              { label: column.label, class: column.class, ...(column.references === null ? {} : { references: column.references }) },
            ]),
        ),
      },
    ]),
  );
}
