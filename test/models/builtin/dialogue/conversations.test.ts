import { describe, expect, test } from "vitest";
import { clientReplySchema, type Lead } from "../../../../agents/client.js";
import type { Message } from "../../../../agents/message.js";
import { projector, type ProjectorInput } from "../../../../agents/projector.js";
import { simulatorFindings } from "../../../../agents/simulator-lint.js";
import { spoilerFindings } from "../../../../agents/spoiler-lint.js";
import { certify } from "../../../../environment/task/certificate.js";
import { callLimits, parseExactJson } from "../../../../environment/engine/exact-json.js";
import { stateDigest, writeSnapshot } from "../../../../environment/engine/snapshot.js";
import { type Projection, projectionSchema, renderDescription } from "../../../../environment/task/task-description.js";
import { answerProjector } from "../../../../models/builtin/projector.js";
import { explore, requestOf, rollOut, type Talk } from "../../../doubles/conversations.js";
import { toolRentalRows } from "../../../doubles/tool-rental.js";
import { openToolRental, type ToolRental } from "../../../doubles/tool-rental-shop.js";

const saw = { kind: "SAW", maker: "Northway", "daily price": 1500, deposit: 9000, weight: 5, licence: "NONE", condition: "GOOD" };
const bigMixer = { kind: "MIXER", maker: "Kestrel", "daily price": 2500, deposit: 20000, weight: 40, licence: "NEEDED", condition: "GOOD" };

/** What each member could ask for at an edge of the policy. */
const stories: readonly { readonly member: string; readonly wanted: "reach" | "refusal"; readonly leads: readonly Lead[] }[] = [
  {
    member: "M-101",
    wanted: "reach",
    leads: [
      { act: "reserve a machine", rows: { machine: saw }, values: { "number of days": 3, price: 4500 }, expected: "refused" },
      {
        act: "cancel a loan",
        rows: { loan: { machine: "D-11", "number of days": 3, price: 2700, "reserved step": 2, status: "RESERVED", refund: null } },
        values: { refund: 0 },
        expected: "accepted",
      },
    ],
  },
  {
    member: "M-102",
    wanted: "reach",
    leads: [
      { act: "reserve a machine", rows: { machine: bigMixer }, values: { "number of days": 14, price: 35000 }, expected: "accepted" },
    ],
  },
  { member: "M-103", wanted: "reach", leads: [] },
  {
    member: "M-104",
    wanted: "refusal",
    leads: [{ act: "reserve a machine", rows: { machine: bigMixer }, values: { "number of days": 2 }, expected: "refused" }],
  },
];

function profileOf(member: string): Readonly<Record<string, string | number | null>> {
  const row = toolRentalRows["members"]?.find((each) => each["member_number"] === member);
  return { "member number": member, name: row?.["name"] ?? null, "birth year": row?.["birth_year"] ?? null, rank: row?.["rank"] ?? null };
}

interface Episode {
  readonly number: number;
  readonly wanted: "reach" | "refusal";
  readonly member: string;
  readonly shop: ToolRental;
  readonly talk: Talk;
}

function episode(number: number): Episode {
  const { member, wanted, leads } = stories[number % stories.length]!;
  const shop = openToolRental();
  return { number, wanted, member, shop, talk: explore(shop, { profile: profileOf(member), wanted, episode: number, leads }, number) };
}

function project({ shop, talk, wanted, member }: Episode): Projection {
  const calls = talk.calls.filter(({ tool, result }) => tool !== "authenticate" && result.rows === undefined);
  const tables: Record<string, ProjectorInput["tables"][string]> = {};
  for (const { name, label, key, columns } of Object.values(shop.compiled.catalogue.tables)) {
    tables[name] = {
      label,
      key,
      columns: Object.fromEntries(
        columns.map((column) => [column.name, { label: column.label, class: column.class, references: column.references ?? undefined }]),
      ),
    };
  }
  const input: ProjectorInput = {
    kind: wanted,
    goal: talk.goal ?? "",
    profile: profileOf(member),
    dialogue: talk.lines.map(({ speaker, text }) => ({
      speaker: speaker === "agent" ? ("consultant" as const) : ("client" as const),
      text,
    })),
    writes: calls
      .filter(({ result }) => result.ok)
      .map(({ turn, tool, arguments: given }, write) => ({ write, turn, tool, arguments: given })),
    refusals: calls
      .filter(({ result }) => !result.ok)
      .map(({ turn, tool, arguments: given, result }) => ({ turn, tool, arguments: given, rule: result.error?.violated_rule ?? "" })),
    tables,
    correction: null,
  };
  return projectionSchema.parse(JSON.parse(answerProjector(requestOf(projector.prompt(input), [], 7)).text));
}

const episodes = Array.from({ length: 12 }, (_, number) => episode(number));
const finished = episodes.filter(({ wanted, talk }) => talk.end === (wanted === "reach" ? "reached" : "refused"));

describe("Client and Consultant", () => {
  test("come to an end that the story wanted", () => {
    expect(episodes.map(({ talk }) => talk.end)).not.toContain("max_turns");
    expect(finished.length).toBeGreaterThanOrEqual(11);
  });

  test("write in a story to be reached, and nothing in one to be refused", () => {
    for (const { wanted, talk } of finished) {
      const writes = talk.calls.filter(({ tool, result }) => result.ok && tool !== "authenticate" && result.rows === undefined);
      expect(wanted === "reach" ? writes.length > 0 : writes.length === 0).toBe(true);
    }
  });

  test("never make the same refused call twice", () => {
    for (const { talk } of episodes) {
      const refused = talk.calls.filter(({ result }) => !result.ok).map(({ tool, arguments: given }) => JSON.stringify([tool, given]));
      expect(new Set(refused).size).toBe(refused.length);
    }
  });

  test("keep one goal from the moment it is chosen", () => {
    for (const { talk } of episodes) {
      const goals = talk.customer.flatMap((message) =>
        message.role === "assistant" ? [clientReplySchema.parse(JSON.parse(message.content)).goal] : [],
      );
      expect(new Set(goals.filter((goal) => goal !== null)).size).toBeLessThanOrEqual(1);
    }
  });

  test("name no key that the system chose", () => {
    for (const { talk } of episodes) for (const { text } of talk.lines) expect(text).not.toMatch(/\b(?:loan|insurance) number\b/);
  });

  test("confirm every write before it is made", () => {
    for (const { talk } of episodes)
      for (const [index, message] of talk.agent.entries()) expect(isWrite(message) ? confirmedBefore(talk.agent, index) : true).toBe(true);
  });

  test("are the same again for the same number, and differ for another", () => {
    expect(episode(1).talk.lines).toEqual(episodes[1]?.talk.lines);
    expect(episodes[5]?.talk.lines).not.toEqual(episodes[1]?.talk.lines);
  });
});

describe("the Projector", () => {
  test("tells each story so that its certificate holds and nothing is given away", () => {
    for (const each of finished) {
      const told = project(each);
      const text = renderDescription(told);
      const { shop, member, wanted, talk } = each;
      const log = shop.session
        .log()
        .map(({ tool, arguments: given }) => ({ tool, arguments: parseExactJson(JSON.stringify(given), callLimits) }));
      const refusals = talk.calls.flatMap(({ result }) => result.error?.violated_rule ?? []);
      const description = {
        ...told,
        version: 1 as const,
        kind: wanted,
        user: { table: "members", key: member, profile: profileOf(member) },
        text,
      };
      const { points } = certify({
        compiled: shop.compiled,
        origin: shop.origin,
        target: writeSnapshot(shop.session.db),
        log,
        description,
        refusals,
      });
      expect(points.filter(({ ok }) => !ok)).toEqual([]);
      const tables = Object.values(shop.compiled.catalogue.tables);
      expect(
        spoilerFindings(text, {
          toolNames: shop.tools.map(({ name }) => name),
          tableNames: tables.map(({ name }) => name),
          columnNames: tables.flatMap(({ columns }) => columns.map(({ name }) => name)),
        }),
      ).toEqual([]);
    }
  });
});

describe("User Simulator and Teacher", () => {
  test("reach the same state again in most rollouts, with no fault of the simulator", () => {
    const reached = finished.filter((each) => {
      const shop = openToolRental();
      const description = renderDescription(project(each));
      const profile = profileOf(each.member);
      const talk = rollOut(shop, { profile, description }, each.number + 1000);
      expect(talk.end).toBe("stop");
      const lines = talk.lines.map(({ speaker, text }) => ({
        speaker: speaker === "agent" ? ("agent" as const) : ("user" as const),
        text,
      }));
      expect(simulatorFindings({ profile, description, lines })).toEqual([]);
      return stateDigest(shop.session.db) === stateDigest(each.shop.session.db);
    });
    expect(reached.length).toBeGreaterThanOrEqual(finished.length - 2);
  });
});

function isWrite(message: Message): boolean {
  return message.role === "assistant" && (message.toolCalls ?? []).some(({ name }) => /^(?:insert|update)_/.test(name));
}

function confirmedBefore(messages: readonly Message[], index: number): boolean {
  const heard = messages[index - 1];
  const asked = messages[index - 2];
  return heard?.role === "user" && /^yes/i.test(heard.content) && asked?.role === "assistant" && /Shall I/.test(asked.content);
}
