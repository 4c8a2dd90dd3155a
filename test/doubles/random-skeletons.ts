/** Tables for random sheets: two skeletons with their options drawn (who acts, NULLs, states, moves, live rows, unique keys). */
import type { Draw } from "./random-draw.js";

/** The declarations of a sheet, as its schema reads them, without rules. */
export interface Skeleton {
  readonly actor: object;
  readonly ladders: object;
  readonly tables: Record<string, object>;
}

const flag = { type: "integer", unit: "flag" };

/** A desk that serves members: orders in rooms, their items and shares, and slips that only the engine writes. */
export function drawDesk(draw: Draw): Skeleton {
  const isSession = draw.chance(0.6);
  const maybe = (column: object, meaning = "none") => (draw.chance(0.5) ? { ...column, null: meaning } : column);
  const startsWaiting = draw.chance(0.7);
  const whens = ["free", "free", "now - new.made_step <= 3", "new.size < 6", "new.room_id.level <= 5", "old.size >= new.size"];
  return {
    actor: isSession
      ? { mode: "session", table: "members", evidence: ["pin"], desk: "D1", when: "actor.active = 1", clauses: ["1"] }
      : { mode: "columns" },
    ladders: { grades: ["GUEST", "REGULAR", "PATRON"] },
    tables: {
      routes: {
        label: "route",
        plural: "routes",
        layer: "L0",
        key: "code",
        columns: {
          code: { type: "text" },
          from_kind: { type: "text", values: ["A", "B", "C"] },
          to_kind: { type: "text", values: ["A", "B", "C"] },
          open: flag,
          day_step: { type: "integer", unit: "step" },
        },
      },
      members: {
        label: "member",
        plural: "members",
        layer: "L1",
        key: "id",
        columns: {
          id: { type: "text" },
          pin: { type: "text" },
          active: flag,
          grade: maybe({ type: "text", values: ["GUEST", "REGULAR", "PATRON"] }, "unknown"),
          mentor_id: { type: "text", references: "members", null: "none" },
          credit: maybe({ type: "integer", unit: "money" }, "unknown"),
          until_step: { type: "integer", unit: "step", null: "open" },
        },
      },
      rooms: {
        label: "room",
        plural: "rooms",
        layer: "L1",
        key: "id",
        ...(draw.chance(0.5) ? { live: ["OPEN"] } : {}),
        columns: {
          id: { type: "integer" },
          level: { type: "integer" },
          capacity: maybe({ type: "integer" }, "unknown"),
          fee: { type: "integer", unit: "money" },
          area: { type: "text", values: ["N", "S"] },
          keeper_id: { type: "text", references: "members", null: "none" },
          status: { type: "text" },
        },
        states: {
          column: "status",
          start: "OPEN",
          moves: [
            { from: "OPEN", to: "FULL", by: "system", when: "free" },
            { from: "FULL", to: "OPEN", by: "system", when: "free" },
            { from: "OPEN", to: "SHUT", by: "other", when: "free" },
          ],
        },
      },
      orders: {
        label: "order",
        plural: "orders",
        layer: "L2",
        key: "id",
        create: { by: "agent" },
        unique: [{ columns: ["number"], ...(draw.chance(0.3) ? { states: ["HELD", "WAITING"] } : {}) }],
        live: draw.chance(0.3) ? { states: ["HELD"], until: "end_step" } : draw.chance(0.5) ? ["HELD"] : ["HELD", "WAITING"],
        columns: {
          id: { type: "integer" },
          room_id: maybe({ type: "integer", references: "rooms", update: draw.chance(0.5) ? "agent" : "fixed" }),
          member_id: { type: "text", references: "members", ...(isSession ? { by: "user" } : draw.chance(0.3) ? { update: "agent" } : {}) },
          parent_id: { type: "integer", references: "orders", null: "none", update: "agent" },
          kind: { type: "text", values: ["A", "B", "C"], ...(draw.chance(0.5) ? { update: "agent" } : {}) },
          number: { type: "integer", min: 1 },
          size: maybe({ type: "integer", min: 1, max: 8, update: "agent" }, "unknown"),
          price: maybe({ type: "integer", unit: "money", min: 0, update: "agent" }, "unknown"),
          made_step: { type: "integer", unit: "step", stamp: "create" },
          left_step: { type: "integer", unit: "step", stamp: ["HELD>GONE", "WAITING>HELD"], null: "none" },
          start_step: { type: "integer", unit: "step", step: "planned" },
          end_step: { type: "integer", unit: "step", step: "planned", null: "open", update: "agent", frozen: ["DONE", "GONE"] },
          reason: { type: "text", class: "text", null: "none" },
          note: { type: "text", class: "text", null: "none", update: "agent", max_length: 3 },
          hits: { type: "integer", default: 0, insert: "system", update: "system" },
          double: { type: "integer", null: "unknown", derived: "new.size * 2 - new.number" },
          status: { type: "text" },
          ...(isSession ? { clerk: { type: "text", by: "desk" } } : {}),
        },
        states: {
          column: "status",
          start: startsWaiting ? ["HELD", "WAITING"] : "HELD",
          end: ["GONE"],
          moves: [
            { from: "HELD", to: "DONE", when: draw.pick(whens) },
            { from: "HELD", to: "GONE", when: draw.pick(whens), sets: ["reason"] },
            { from: "WAITING", to: "HELD", by: "system", when: "free" },
            { from: "WAITING", to: "GONE", when: "free", sets: ["reason"] },
            { from: "DONE", to: "HELD", when: draw.pick(whens) },
            { from: "HELD", to: "LOST", by: "other", when: "free" },
          ],
        },
      },
      items: {
        label: "item",
        plural: "items",
        layer: "L2",
        key: "id",
        create: { by: "agent" },
        duplicates: ["1"],
        ...(draw.chance(0.6) ? { live: ["NEW", "SENT"] } : {}),
        columns: {
          id: { type: "integer" },
          order_id: { type: "integer", references: "orders", ...(draw.chance(0.4) ? { update: "agent" } : {}) },
          room_id: { type: "integer", references: "rooms", null: "none", update: "agent" },
          units: maybe({ type: "integer", min: 0, update: "agent" }, "unknown"),
          cost: { type: "integer", unit: "money", update: "agent" },
          hits: { type: "integer", default: 0, insert: "system", update: "system" },
          status: { type: "text" },
        },
        states: {
          column: "status",
          start: "NEW",
          end: ["VOID"],
          moves: [
            { from: "NEW", to: "SENT", when: "free" },
            { from: "NEW", to: "VOID", by: "system", when: "free" },
            { from: "SENT", to: "VOID", by: "system", when: "free" },
            { from: "SENT", to: "BACK", when: "free" },
          ],
        },
      },
      slips: {
        label: "slip",
        plural: "slips",
        layer: "L2",
        key: "id",
        create: { by: "system" },
        duplicates: ["1"],
        columns: {
          id: { type: "integer" },
          member_id: { type: "text", references: "members", null: "none" },
          order_id: { type: "integer", references: "orders", null: "none" },
          amount: { type: "integer", unit: "money", default: 0, update: "system" },
          step: { type: "integer", unit: "step", stamp: "create" },
          seen: { ...flag, default: 0, update: "agent" },
          hits: { type: "integer", default: 0, update: "system" },
        },
      },
      shares: {
        label: "share",
        plural: "shares",
        layer: "L2",
        key: ["order_id", "member_id"],
        create: { by: "agent" },
        columns: {
          order_id: { type: "integer", references: "orders" },
          member_id: { type: "text", references: "members" },
          part: { type: "integer", min: 0, max: 20, update: "agent" },
          tag: { type: "text", format: "[a-c]*", max_length: 3, null: "unknown", update: "agent" },
        },
      },
    },
  };
}

/** Works in a tree: plans under plans, led by people, with tasks in a queue; the agent names who acts. */
export function drawWorks(draw: Draw): Skeleton {
  const maybe = (column: object, meaning = "none") => (draw.chance(0.5) ? { ...column, null: meaning } : column);
  return {
    actor: { mode: "columns" },
    ladders: { ranks: ["LOW", "MIDDLE", "HIGH"] },
    tables: {
      routes: {
        label: "route",
        plural: "routes",
        layer: "L0",
        key: "code",
        columns: {
          code: { type: "text" },
          from_kind: { type: "text", values: ["A", "B", "C"] },
          to_kind: { type: "text", values: ["A", "B", "C"] },
          open: flag,
          day_step: { type: "integer", unit: "step" },
        },
      },
      people: {
        label: "person",
        plural: "people",
        layer: "L0",
        key: "code",
        columns: {
          code: { type: "text" },
          boss: { type: "text", references: "people", null: "none" },
          rank: maybe({ type: "text", values: ["LOW", "MIDDLE", "HIGH"] }, "unknown"),
          quota: { type: "integer" },
          left_step: { type: "integer", unit: "step", null: "open" },
        },
      },
      plans: {
        label: "plan",
        plural: "plans",
        layer: "L2",
        key: "id",
        create: { by: "agent" },
        unique: [{ columns: draw.chance(0.5) ? ["lead", "parent_id"] : ["number"], ...(draw.chance(0.5) ? { states: ["OPEN"] } : {}) }],
        ...(draw.chance(0.5) ? { live: ["OPEN"] } : {}),
        columns: {
          id: { type: "integer" },
          number: { type: "integer", update: "agent" },
          parent_id: { type: "integer", references: "plans", null: "none", update: "agent" },
          lead: maybe({ type: "text", references: "people", update: "agent" }),
          budget: maybe({ type: "integer", unit: "money", update: "agent" }, "unknown"),
          closed_step: { type: "integer", unit: "step", null: "none", step: "past" },
          hits: { type: "integer", default: 0, insert: "system", update: "system" },
          status: { type: "text" },
        },
        states: {
          column: "status",
          start: "OPEN",
          moves: [
            { from: "OPEN", to: "CLOSED", when: draw.pick(["free", "new.closed_step is not null"]), sets: ["closed_step"] },
            { from: "CLOSED", to: "OPEN", when: "free" },
            { from: "OPEN", to: "DONE", by: "system", when: "free" },
            { from: "DONE", to: "CLOSED", by: "system", when: "free" },
          ],
        },
      },
      tasks: {
        label: "task",
        plural: "tasks",
        layer: "L2",
        key: "id",
        create: { by: "agent" },
        unique: [{ columns: ["place"] }],
        live: draw.chance(0.5) ? ["TODO", "DOING"] : ["DOING"],
        columns: {
          id: { type: "integer" },
          plan_id: { type: "integer", references: "plans", update: "agent" },
          person: maybe({ type: "text", references: "people", update: "agent" }),
          place: { type: "integer" },
          size: maybe({ type: "integer", min: 1, max: 9, update: "agent" }, "unknown"),
          cost: { type: "integer", unit: "money", update: "agent" },
          start_step: { type: "integer", unit: "step", step: "planned", update: "agent" },
          end_step: { type: "integer", unit: "step", step: "planned", null: "open", update: "agent" },
          kind: { type: "text", values: ["A", "B", "C"], update: "agent" },
          hits: { type: "integer", default: 0, insert: "system", update: "system" },
          status: { type: "text" },
        },
        states: {
          column: "status",
          start: draw.chance(0.5) ? ["TODO", "DOING"] : "TODO",
          end: ["DROPPED"],
          moves: [
            { from: "TODO", to: "DOING", when: "free", by: draw.pick(["agent", "system"]) },
            { from: "DOING", to: "DONE", when: draw.pick(["free", "new.size > 1"]) },
            { from: "DONE", to: "DOING", when: "free" },
            { from: "TODO", to: "DROPPED", by: "system", when: "free" },
            { from: "DOING", to: "DROPPED", when: "free" },
          ],
        },
      },
      logs: {
        label: "log",
        plural: "logs",
        layer: "L2",
        key: "id",
        create: { by: draw.pick(["system", "agent"]) },
        duplicates: ["1"],
        columns: {
          id: { type: "integer" },
          task_id: { type: "integer", references: "tasks", null: "none" },
          plan_id: { type: "integer", references: "plans", null: "none" },
          amount: { type: "integer", unit: "money" },
          hits: { type: "integer", default: 0, insert: "system", update: "system" },
          step: { type: "integer", unit: "step", stamp: "create" },
        },
      },
    },
  };
}
