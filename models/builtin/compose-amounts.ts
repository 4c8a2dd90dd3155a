/** The sentences that fix amounts and steps, from a transaction's shape. */
import { startOf } from "./compose-parameters.js";
import type { Shape, TransactionShape } from "./compose-shape.js";
import * as amounts from "./patterns/amounts.js";
import type { Planned } from "./patterns/pattern.js";
import * as totals from "./patterns/totals.js";
import type { Random } from "./random.js";

/** What it costs, when it is due, what is given back. */
export function planAmounts({ vocabulary: { customers } }: Shape, transaction: TransactionShape, random: Random): Planned[] {
  const { words, resource, refund, total, due } = transaction;
  const { from, to, due: dueLabel, opened } = words.steps;
  const ladder = { ladder: customers.rank.label, rank: random.pick(customers.rank.values.slice(1)) };
  const price = { price: resource.price.label, payer: resource.noun };
  const paid = total !== null && words.total !== undefined ? { price: words.total, payer: words.noun } : price;
  const planned: Planned[] = [];
  if (total === "span" && words.total !== undefined && from !== undefined && to !== undefined)
    planned.push(totals.totalSpan.plan({ label: words.total, thing: words.noun, from, to, ...price }));
  if (total === "quantity" && words.total !== undefined && words.quantity !== undefined)
    planned.push(totals.total.plan({ label: words.total, thing: words.noun, quantity: words.quantity.label, ...price }));
  if (total === "quantity-rank" && words.total !== undefined && words.quantity !== undefined)
    planned.push(
      totals.totalByRank.plan({
        label: words.total,
        thing: words.noun,
        quantity: words.quantity.label,
        ...price,
        percent: random.pick([5, 10, 15]),
        ...ladder,
      }),
    );
  if (due !== null && dueLabel !== undefined) {
    const steps = random.integer(5, 8);
    const later = { act: words.acts.open, label: dueLabel, steps };
    planned.push(
      due === "plain" ? totals.due.plan(later) : totals.dueByRank.plan({ ...later, more: steps + random.integer(2, 5), ...ladder }),
    );
  }
  const start = startOf(transaction);
  if (refund !== null && words.refund !== undefined && words.states.cancelled !== undefined) {
    const common = { thing: words.noun, state: words.states.cancelled, label: words.refund, ...paid };
    planned.push(
      refund === "ahead" && start !== null
        ? amounts.refundAhead.plan({ ...common, bands: falling(random), ...start })
        : amounts.feeSince.plan({ ...common, bands: fading(random), step: opened }),
    );
  }
  return planned;
}

/** A refund that falls as the time left gets shorter. */
function falling(random: Random): amounts.Bands {
  const near = random.integer(2, 4);
  return {
    from: [
      { percent: random.pick([100, 90]), steps: near + random.integer(3, 5) },
      { percent: random.pick([50, 60, 75]), steps: near },
    ],
    below: random.pick([0, 0, 20]),
  };
}

/** A refund that falls as more time has passed. */
function fading(random: Random): amounts.Bands {
  const soon = random.integer(1, 3);
  return {
    from: [
      { percent: random.pick([0, 10]), steps: soon + random.integer(2, 4) },
      { percent: random.pick([40, 50, 60]), steps: soon },
    ],
    below: random.pick([100, 90]),
  };
}
