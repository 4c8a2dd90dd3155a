/** Every pattern that the built-in author can say and read. */
import * as amounts from "./amounts.js";
import * as effects from "./effects.js";
import { exclusive } from "./exclusive.js";
import * as life from "./life.js";
import * as parent from "./parent-state.js";
import type { Statement } from "./pattern.js";
import * as quota from "./quota.js";
import * as rank from "./rank.js";
import * as service from "./service.js";
import * as standing from "./standing.js";
import * as things from "./things.js";
import * as time from "./time.js";
import * as totals from "./totals.js";
import * as waiting from "./waiting.js";

/** Enough of a pattern to read with. */
interface Reader {
  readonly id: string;
  read(text: string, clause: string): Statement | null;
}

/** In an order in which the narrower sentence comes before the wider one that would also fit. */
export const library: readonly Reader[] = [
  service.identified,
  service.readOnly,
  service.ownership,
  things.catalogue,
  things.register,
  things.record,
  life.asked,
  life.askedOnce,
  life.systemMade,
  life.movable,
  life.final,
  life.live,
  life.alike,
  standing.groupStanding,
  standing.standing,
  parent.parentState,
  parent.emptyFirst,
  parent.enoughFirst,
  parent.everyChild,
  quota.quotaByRank,
  quota.quotaPerCustomer,
  quota.quotaPerParent,
  quota.capacity,
  rank.rankForCategory,
  rank.rankForAct,
  rank.priceCap,
  rank.notOwn,
  time.lead,
  time.horizon,
  time.length,
  time.overlap,
  exclusive,
  amounts.refundAhead,
  amounts.feeSince,
  totals.totalByRank,
  totals.totalSpan,
  totals.total,
  totals.dueByRank,
  totals.due,
  effects.counter,
  effects.cascade,
  effects.approvalNeeded,
  effects.lateFee,
  effects.extension,
  waiting.onlyWhenTaken,
  waiting.queueNumber,
  waiting.promotion,
  waiting.nobodyWaits,
  waiting.balance,
];

/** The sentence as a statement of the first pattern that reads it; null where none does. */
export function readSentence(text: string, clause: string): Statement | null {
  for (const pattern of library) {
    const statement = readOrNull(pattern, text, clause);
    if (statement !== null) return statement;
  }
  return null;
}

function readOrNull(pattern: Reader, text: string, clause: string): Statement | null {
  try {
    return pattern.read(text, clause);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
