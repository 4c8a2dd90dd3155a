/** A hand-written stand-in for the tool rental's engine. */
import { resolveCatalogue } from "../../environment/resolve-catalogue.js";
import type { Compiled } from "../../environment/compile-sheet.js";
import { toolsOf } from "../../environment/tools.js";
import type { Shop } from "./conversations.js";
import { toolRentalNow, toolRentalPolicy, toolRentalRows, toolRentalSheet } from "./tool-rental.js";

type R = Record<string, any>;
export function openFake(): Shop & { rows: Record<string, R[]>; log: unknown[]; compiled: Compiled } {
  const sheet = toolRentalSheet();
  const made = resolveCatalogue(sheet, { add() {}, list: [], push() {} } as any) as any;
  const catalogue = made.tables ? made : made.catalogue;
  const compiled = { sheet, catalogue, normal: { guards: [], effects: [] }, schemaSql: [], triggerSql: [] } as unknown as Compiled;
  const rows: Record<string, R[]> = structuredClone(toolRentalRows) as any;
  let actor: R | null = null;
  const log: unknown[] = [];
  const t = (n: string) => catalogue.tables[n];
  const bad = (code: string, message: string, rule: string | null, hint: string | null = null) => JSON.stringify({ ok: false, error: { code, message, violated_rule: rule, hint } });
  const find = (n: string, c: string, v: unknown) => rows[n]!.find((r) => r[c] === v);
  function call(tool: string, g: R): string {
    if (tool === "authenticate") {
      const row = rows["members"]!.find((r) => r["member_number"] === g["member_number"] && r["birth_year"] === g["birth_year"]);
      if (!row || actor) return bad("POLICY_VIOLATION", "no such member", "context.evidence");
      actor = row; log.push({ tool, arguments: g });
      const { birth_year: _b, ...shown } = row;
      return JSON.stringify({ ok: true, row: shown, now: toolRentalNow, effects: [] });
    }
    const table = tool.replace(/^(query|insert|update)_/, "");
    if (tool.startsWith("query_")) {
      const { sort_by: _s, descending: _d, limit: _l, cursor, ...filters } = g;
      let list = rows[table]!;
      for (const [k, v] of Object.entries(filters)) {
        const base = k.replace(/_(min|max|contains)$/, "");
        if (t(table).columns.some((c: any) => c.name === k)) list = list.filter((r) => r[k] === v);
        else if (k.endsWith("_min")) list = list.filter((r) => r[base] >= v);
        else if (k.endsWith("_max")) list = list.filter((r) => r[base] <= v);
        else list = list.filter((r) => String(r[base]).toLowerCase().includes(String(v).toLowerCase()));
      }
      const from = cursor ? Number(cursor) : 0;
      const page = list.slice(from, from + 5);
      const more = from + 5 < list.length;
      return JSON.stringify({ ok: true, rows: page.map(({ birth_year: _b, ...r }) => r), truncated: more, cursor: more ? String(from + 5) : null });
    }
    if (!actor) return bad("POLICY_VIOLATION", "authenticate first", "session.required");
    const live = (m: string) => rows["loans"]!.filter((l) => l["member_number"] === m && ["RESERVED", "OUT"].includes(l["status"]));
    if (tool === "insert_loans") {
      const m = find("machines", "machine_code", g["machine_code"]);
      if (!m) return bad("POLICY_VIOLATION", "there is no such machine", "loans.machine_code.reference");
      if (!(g["number_of_days"] >= 1 && g["number_of_days"] <= 14)) return bad("POLICY_VIOLATION", "The number of days lies between 1 and 14", "loans.days.values");
      if (live(actor["member_number"]).length >= 2) return bad("POLICY_VIOLATION", "A member has at most two loans at a time", "two-loans", "Cancel another loan first");
      if (m["licence"] === "NEEDED" && actor["rank"] !== "PRO") return bad("POLICY_VIOLATION", "This machine is lent to PRO members only", "licence", "Choose one without a licence");
      if (g["price"] !== g["number_of_days"] * m["daily_price"]) return bad("POLICY_VIOLATION", "The price is the number of days times the daily price", "price");
      const row = { id: rows["loans"]!.length + 1, member_number: actor["member_number"], machine_code: m["machine_code"], number_of_days: g["number_of_days"], price: g["price"], reserved_step: toolRentalNow, status: "RESERVED", refund: null };
      rows["loans"]!.push(row); log.push({ tool, arguments: g });
      return JSON.stringify({ ok: true, row, effects: [] });
    }
    if (tool === "update_loans") {
      const l = find("loans", "id", g["id"]);
      if (!l) return bad("NOT_FOUND", "There is no such loan", null);
      if (l["status"] !== "RESERVED") return bad("POLICY_VIOLATION", "A loan that is not RESERVED stays as it is", "loans.status.move");
      if (l["member_number"] !== actor["member_number"]) return bad("POLICY_VIOLATION", "The loan belongs to another member", "own-loan");
      const age = toolRentalNow - l["reserved_step"];
      if (g["status"] === "CANCELLED" && g["refund"] !== (age >= 12 ? 0 : age >= 5 ? Math.floor(l["price"] / 2) : l["price"])) return bad("POLICY_VIOLATION", "The refund is half the deposit of the machine, rounded down", "refund");
      Object.assign(l, g); log.push({ tool, arguments: g });
      return JSON.stringify({ ok: true, row: l, effects: [] });
    }
    if (tool === "insert_insurances") {
      const l = find("loans", "id", g["loan_id"]);
      if (!l || l["member_number"] !== actor["member_number"]) return bad("POLICY_VIOLATION", "The loan belongs to another member", "own-insurance");
      if (!["RESERVED", "OUT"].includes(l["status"])) return bad("POLICY_VIOLATION", "Only a loan that is reserved or out can be insured", "insurable");
      const row = { id: rows["insurances"]!.length + 1, ...g };
      rows["insurances"]!.push(row); log.push({ tool, arguments: g });
      return JSON.stringify({ ok: true, row, effects: [] });
    }
    return bad("UNKNOWN_TOOL", "no", null);
  }
  return { policy: toolRentalPolicy, tools: toolsOf(compiled).map((x) => ({ ...x })) as any, call, rows, log, compiled };
}
