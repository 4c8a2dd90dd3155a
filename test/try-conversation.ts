import { openToolRental } from "./doubles/tool-rental-shop.js";
import { toolRentalRows } from "./doubles/tool-rental.js";
import { certify } from "../environment/certificate.js";
import { callLimits, parseExactJson } from "../environment/exact-json.js";
import { stateDigest, writeSnapshot } from "../environment/snapshot.js";
import { simulatorFindings } from "../agents/simulator-lint.js";
import { explore, rollOut } from "../test/doubles/conversations.js";
import { answerProjector } from "../models/builtin/projector.js";
import { projector } from "../agents/projector.js";
import { renderDescription, projectionSchema } from "../environment/task-description.js";
import { spoilerFindings } from "../agents/spoiler-lint.js";
const leadsOf: any = {
  "M-101": [{ act: "reserve a machine", rows: { machine: { kind: "SAW", maker: "Northway", "daily price": 1500, deposit: 9000, weight: 5, licence: "NONE", condition: "GOOD" } }, values: { "number of days": 3, price: 4500 }, expected: "refused" },
            { act: "cancel a loan", rows: { loan: { machine: "D-11", "number of days": 3, price: 2700, "reserved step": 2, status: "RESERVED", refund: null } }, values: { refund: 0 }, expected: "accepted" }],
  "M-102": [{ act: "reserve a machine", rows: { machine: { kind: "MIXER", maker: "Kestrel", "daily price": 2500, deposit: 20000, weight: 40, licence: "NEEDED", condition: "GOOD" } }, values: { "number of days": 14, price: 35000 }, expected: "accepted" },
            { act: "reserve a machine", rows: { machine: { kind: "SAW", maker: "Northway", "daily price": 1200, deposit: 9000, weight: 7, licence: "NONE", condition: "IN_REPAIR" } }, values: { "number of days": 2, price: 2400 }, expected: "refused" }],
  "M-103": [{ act: "collect a machine", rows: { loan: { machine: "X-43", "number of days": 4, price: 7600, "reserved step": 16, status: "RESERVED", refund: null } }, values: {}, expected: "accepted" },
            { act: "reserve a machine", rows: { machine: { kind: "MIXER", maker: "Northway", "daily price": 2200, deposit: 18000, weight: 38, licence: "NEEDED", condition: "WORN" } }, values: { "number of days": 5, price: 9500 }, expected: "refused" }],
  "M-104": [{ act: "reserve a machine", rows: { machine: { kind: "SAW", maker: "Kestrel", "daily price": 1800, deposit: 12001, weight: 6, licence: "NEEDED", condition: "GOOD" } }, values: { "number of days": 3 }, expected: "refused" }],
};
const members = ["M-101", "M-102", "M-103", "M-104"];
const show = process.argv[2] !== undefined ? Number(process.argv[2]) : null;
let stats: any = { reached: 0, refused: 0, gave_up: 0, max_turns: 0, writes: 0, refusals: 0, same: 0, tried: 0, spoil: 0, lines: 0, ends: {} };
for (let n = show ?? 0; n < (show === null ? Number(process.env["N"] ?? 50) : show + 1); n++) {
  const member = members[n % 4]!;
  const wanted = n % 5 === 4 ? "refusal" : "reach";
  const shop = openToolRental();
  const m: any = toolRentalRows["members"]!.find((r) => r["member_number"] === member);
  const profile = { "member number": m.member_number, name: m.name, rank: m.rank, "birth year": m.birth_year };
  const talk = explore(shop, { profile, wanted, episode: n, leads: leadsOf[member] }, n);
  if (show !== null) { for (const l of talk.lines) console.log(`${l.speaker.toUpperCase()}: ${l.text}`); console.log(talk.end, talk.goal, JSON.stringify(shop.session.log())); }
  stats[talk.end]++; stats.lines += talk.lines.length;
  const writes = talk.calls.filter((c) => c.result.ok && c.result.rows === undefined && c.tool !== "authenticate").map((c, write) => ({ write, turn: c.turn, tool: c.tool, arguments: c.arguments }));
  const refusals = talk.calls.filter((c) => !c.result.ok).map((c) => ({ turn: c.turn, tool: c.tool, arguments: c.arguments, rule: c.result.error?.violated_rule ?? "" }));
  stats.writes += writes.length; stats.refusals += refusals.length;
  const ok = (wanted === "reach" && talk.end === "reached") || (wanted === "refusal" && talk.end === "refused");
  if (!ok) { if (show === null) console.log(n, member, wanted, talk.end, writes.length, refusals.length); continue; }
  const cat = shop.compiled.catalogue;
  const tables = Object.fromEntries(Object.values(cat.tables).map((t) => [t.name, { label: t.label, key: t.key, columns: Object.fromEntries(t.columns.map((c) => [c.name, { label: c.label, class: c.class, ...(c.references ? { references: c.references } : {}) }])) }]));
  const req: any = { messages: projector.prompt({ kind: wanted, goal: talk.goal ?? "", profile, dialogue: talk.lines.map((l) => ({ speaker: l.speaker === "agent" ? "consultant" : "client", text: l.text })), writes, refusals, tables, correction: null } as any), tools: [], random: n };
  const told = projectionSchema.parse(JSON.parse(answerProjector(req).text));
  const text = renderDescription(told);
  const spoil = spoilerFindings(text, { toolNames: shop.tools.map((t) => t.name), tableNames: Object.keys(tables), columnNames: Object.values(tables).flatMap((t) => Object.keys(t.columns)) });
  if (spoil.length) { stats.spoil++; console.log(JSON.stringify(spoil[0])); }
  if (show !== null) console.log(text, JSON.stringify(told.choices), JSON.stringify(told.values), told.refusal);
  const log = shop.session.log().map(({ tool, arguments: g }) => ({ tool, arguments: parseExactJson(JSON.stringify(g), callLimits) }));
  const cert = certify({ compiled: shop.compiled, origin: shop.origin, target: writeSnapshot(shop.session.db), log, description: { ...told, version: 1, kind: wanted, user: { table: "members", key: m.member_number, profile }, text }, policy: shop.policy, refusals: refusals.map((r) => r.rule) } as any);
  stats.cert = (stats.cert ?? 0) + (cert.ok ? 1 : 0);
  for (const p of cert.points) if (!p.ok) { stats.points ??= {}; stats.points[p.name] = (stats.points[p.name] ?? 0) + 1; if (p.name === "determined") console.log(n, p.name, JSON.stringify(p.evidence)); }
  const again = openToolRental();
  const roll = rollOut(again, { profile, description: text }, n + 1000);
  if (show !== null) { for (const l of roll.lines) console.log(`${l.speaker.toUpperCase()}: ${l.text}`); console.log(roll.end, JSON.stringify(again.session.log())); }
  stats.tried++; stats.ends[roll.end] = (stats.ends[roll.end] ?? 0) + 1;
  const lint = simulatorFindings({ profile, description: text, lines: roll.lines.map((l) => ({ speaker: l.speaker === "agent" ? "agent" : "user", text: l.text })), writes: { needed: writes.length, accepted: again.session.log().length - 1 } });
  if (lint.length) { stats.lint = (stats.lint ?? 0) + 1; console.log(JSON.stringify(lint[0])); }
  if (stateDigest(again.session.db) === stateDigest(shop.session.db)) stats.same++; else console.log("differs", n, member, wanted, roll.end, JSON.stringify(shop.session.log().slice(1)), JSON.stringify(again.session.log().slice(1)));
  again.session.close(); shop.session.close();
}
console.log(JSON.stringify(stats));
