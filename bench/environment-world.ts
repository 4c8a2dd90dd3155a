/**
 * The environment that is measured: the sheet of `examples/corporate-travel` with as many rows as a measurement asks for,
 * laid before its triggers are made and in accord with all of them.
 */
import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { parse } from "yaml";
import { type Compiled, compileSheet } from "../environment/compile/compile-sheet.js";
import type { Call } from "../environment/compare/trial.js";
import { prepareConnection } from "../environment/engine/snapshot.js";

/** An environment of some size: `requests` are the keys of its travel requests, 1 to that number, all open for bookings. */
export type World = { readonly compiled: Compiled; readonly origin: Buffer; readonly rows: number; readonly requests: number };

/** The step at which the origin stands; every date of a call lies after it. */
export const now = 50;

/** A travel request has a flight each and every second one a hotel, and a traveller makes ten. */
const rowsPerRequest = 2.6;

/** The world with about so many rows in all. */
export function worldOf(rows: number): World {
  const compiled = compileExample();
  const requests = Math.max(20, Math.round(rows / rowsPerRequest));
  const db = new Database(":memory:");
  prepareConnection(db);
  for (const sql of compiled.schemaSql) db.prepare(sql).run();
  db.prepare("BEGIN").run();
  const laid = layWorld(db, requests);
  for (const sql of compiled.triggerSql) db.prepare(sql).run();
  db.prepare("COMMIT").run();
  const origin = db.serialize();
  db.close();
  return { compiled, origin, rows: laid, requests };
}

type Booking = { readonly tool: string; readonly arguments: Readonly<Record<string, string | number>> };

/** Books a flight in the request: six arguments, no approval needed. */
export function bookFlight(request: number, code: string): Booking {
  const steps = { departure_step: now + 30, booking_step: now };
  return {
    tool: "insert_flight_bookings",
    arguments: { travel_request_id: request, flight_code: code, cost: 300, class: "ECONOMY", ...steps },
  };
}

/** Reads a request by its key. */
export function readRequest(request: number): Call {
  return { tool: "query_travel_requests", arguments: { id: request } };
}

/** Books a flight that a rule refuses: the cabin is for travellers of another level. */
export function refusedFlight(request: number): Call {
  const { tool, arguments: given } = bookFlight(request, "Z9");
  return { tool, arguments: { ...given, class: "BUSINESS" } };
}

/** Requests far apart: the i-th of `count` spread evenly over all. */
export function spread(world: Pick<World, "requests">, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => 1 + Math.floor(((i + 0.5) * world.requests) / count));
}

function compileExample(): Compiled {
  const file = new URL("../examples/corporate-travel/sheet.yaml", import.meta.url);
  const compilation = compileSheet(parse(readFileSync(file, "utf8")));
  if (!compilation.ok) throw new Error(`Cannot compile ${file.pathname}: ${JSON.stringify(compilation.errors)}`);
  return compilation.compiled;
}

function layWorld(db: Database.Database, requests: number): number {
  const counts = new Map<string, number>();
  const lay = (table: string, row: Readonly<Record<string, string | number>>): void => {
    const names = Object.keys(row);
    const values = Object.values(row).map((value) => (typeof value === "number" ? BigInt(value) : value));
    statementOf(db, `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`).run(...values);
    counts.set(table, (counts.get(table) ?? 0) + 1);
  };
  lay("logigen_context", { id: 1, now, sealed: 1 });
  for (const id of ["ECONOMY", "BUSINESS"]) lay("flight_classes", { id, description: `${id} cabin` });
  lay("preferred_vendors", { id: "v_1", name: "Harbour", vendor_type: "PREFERRED" });
  lay("preferred_vendors", { id: "v_2", name: "Corner", vendor_type: "STANDARD" });
  for (const level of ["STAFF", "MANAGER", "DIRECTOR", "VP"]) layLevel(lay, level);
  const travellers = Math.max(2, Math.ceil(requests / 10));
  for (let i = 1; i <= travellers; i += 1)
    lay("users", { id: `u_${i}`, company_id: "c_1", user_level: i % 10 === 0 ? "MANAGER" : "STAFF" });
  for (let id = 1; id <= requests; id += 1) layRequest(lay, { id, user: `u_${1 + (id % travellers)}` });
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

type Lay = (table: string, row: Readonly<Record<string, string | number>>) => void;

function layLevel(lay: Lay, level: string): void {
  if (level === "STAFF") lay("companies", { id: "c_1", name: "Alpha" });
  lay("travel_policies", {
    ...{ id: `p_${level}`, company_id: "c_1", user_level: level },
    ...{ max_flight_cost_no_approval: 1000, allowed_hotel_vendor_type: "ANY" },
  });
}

function layRequest(lay: Lay, { id, user }: { readonly id: number; readonly user: string }): void {
  const hotels = id % 2;
  const counts = { flight_booking_count: 1, hotel_booking_count: hotels };
  lay("travel_requests", { id, user_id: user, trip_purpose: `Trip ${id}`, status: "DRAFT", current_step: 10, ...counts });
  const steps = { departure_step: 40, booking_step: 20 };
  const flight = { travel_request_id: id, flight_code: `F${id}`, cost: 200, class: "ECONOMY", ...steps };
  lay("flight_bookings", { ...flight, status: "PENDING", approval_status: "NOT_REQUIRED", logigen_mark: "PENDING" });
  if (hotels === 0) return;
  const hotel = { travel_request_id: id, hotel_vendor_id: "v_2", cost: 90, booking_step: 20 };
  lay("hotel_bookings", { ...hotel, status: "PENDING", reimbursable: 0, logigen_mark: "PENDING" });
}

const statements = new WeakMap<Database.Database, Map<string, Database.Statement<(string | bigint)[]>>>();

function statementOf(db: Database.Database, sql: string): Database.Statement<(string | bigint)[]> {
  const known = statements.get(db) ?? new Map<string, Database.Statement<(string | bigint)[]>>();
  statements.set(db, known);
  const statement = known.get(sql) ?? db.prepare<(string | bigint)[]>(sql);
  known.set(sql, statement);
  return statement;
}
