/** Random rules of every kind of the schema, over whatever tables a sheet has. A kind without a draw here does not compile. */
import type { Rule } from "../../environment/sheet/sheet.js";
import { drawCustomEffect, drawCustomGuard } from "./random-custom.js";
import { drawCounter, drawPromote, drawPropagate, drawRollup, drawSpawn, drawStamp } from "./random-effects.js";
import { drawCondition } from "./random-expressions.js";
import {
  drawApproval,
  drawCalculation,
  drawDecide,
  drawEdges,
  drawParent,
  drawPrerequisite,
  drawRequired,
  drawRole,
  drawSame,
  drawTree,
  drawWho,
  drawWindow,
} from "./random-row-guards.js";
import {
  drawChildren,
  drawForeach,
  drawKeep,
  drawLatest,
  drawLimit,
  drawOrderRule,
  drawOverlap,
  drawPeak,
  drawQuota,
  drawRatio,
} from "./random-set-guards.js";
import { type DrawnRule, type Setting, drawRowSet, drawSameColumns, drawStates, judged } from "./random-setting.js";

type DrawRule = (setting: Setting) => DrawnRule | null;

const draws: Readonly<Record<Rule["kind"], DrawRule>> = {
  guard: (setting) => judged(setting, (reach) => ({ must: drawCondition(setting.draw, { ...reach, depth: 2 }) })),
  required: drawRequired,
  compare: (setting) => judged(setting, (reach) => ({ check: drawCondition(setting.draw, { ...reach, depth: 0 }) })),
  same: drawSame,
  prerequisite: drawPrerequisite,
  window: drawWindow,
  ownership: (setting) => drawWho(setting, "is"),
  conflict: (setting) => drawWho(setting, "not"),
  role: drawRole,
  exists: (setting) => judged(setting, (reach, table) => ({ rows: drawRowSet(setting, reach, table) })),
  absent: (setting) => judged(setting, (reach, table) => ({ rows: drawRowSet(setting, reach, table) })),
  exclusive: (setting) =>
    judged(setting, (_reach, table) => ({ same: drawSameColumns(setting, table), ...drawStates(setting, table) }), "holds"),
  overlap: drawOverlap,
  quota: drawQuota,
  limit: drawLimit,
  calculation: drawCalculation,
  decide: drawDecide,
  parent: drawParent,
  approval: drawApproval,
  edges: drawEdges,
  tree: drawTree,
  foreach: drawForeach,
  latest: drawLatest,
  order: drawOrderRule,
  peak: drawPeak,
  children: drawChildren,
  keep: drawKeep,
  ratio: drawRatio,
  custom_guard: drawCustomGuard,
  counter: drawCounter,
  propagate: drawPropagate,
  promote: drawPromote,
  spawn: drawSpawn,
  stamp: drawStamp,
  rollup: drawRollup,
  custom_effect: drawCustomEffect,
};

/** A rule of a kind, or null where these tables have no place for one. The schema and the compiler may still refuse it. */
export function drawRule(setting: Setting, kind: Rule["kind"]): DrawnRule | null {
  return draws[kind](setting);
}
