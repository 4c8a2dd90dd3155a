/** Making a part of some rows more or less of the whole: rows of the whole are added or taken away that are none of the part. */
import { isSame } from "../core/is-same.js";
import type { Expression, RowsExpression } from "../core/expression.js";
import { conjunction, conjunctsOf, renameRoots } from "../core/walk-expression.js";
import { isNumber, minus } from "./witness-domain.js";
import { assignCount } from "./witness-force-rows.js";
import { readExpression } from "./witness-read.js";
import { fitting, type Ways } from "./witness-rows.js";
import type { Scene } from "./witness-scene.js";

/** A number of rows, so many times. */
interface Weighted {
  readonly rows: RowsExpression;
  readonly times: number;
}

/** Scenes in which the left side, a multiple of a number of rows, exceeds that of rows of the same table on the right by about `by`. */
export function forceShare(
  scene: Scene,
  { left, right }: { readonly left: Expression; readonly right: Expression },
  { by, ways }: { readonly by: number; readonly ways: Ways },
): readonly Scene[] {
  const [part, whole] = [weighted(left), weighted(right)];
  const [l, r] = [readExpression(scene, left), readExpression(scene, right)];
  if (part === null || whole === null || part.rows.table !== whole.rows.table || !isNumber(l) || !isNumber(r)) return [];
  const beside = withoutPart(part.rows, whole.rows);
  const missing = (Number(minus(l, r)) - by) / whole.times;
  const others = fitting(scene, beside).length;
  // Where no number of rows sets the sides just so far apart, the two around it.
  const wanted = [...new Set([Math.floor(missing), Math.ceil(missing)])].map((more) => others + more);
  return wanted.flatMap((value) => assignCount(scene, beside, { value, ways }));
}

function weighted(node: Expression): Weighted | null {
  if (node.kind !== "arithmetic" || node.op !== "*" || node.left.kind !== "count" || node.right.kind !== "literal") return null;
  const times = Number(node.right.value);
  return times > 0 ? { rows: node.left.rows, times } : null;
}

/** The rows of the whole that are none of the part: what their filters share is not turned. */
function withoutPart(part: RowsExpression, whole: RowsExpression): RowsExpression {
  const terms = conjunctsOf(whole.where);
  const own = conjunctsOf(part.where === null ? null : renameRoots(part.where, { [part.variable]: whole.variable }));
  const listed = terms.map((term) => {
    if (term.kind !== "in" || term.negated) return term;
    const narrower = own.find((each) => each.kind === "in" && !each.negated && isSame(each.operand, term.operand));
    const values = narrower?.kind === "in" ? term.values.filter((value) => !narrower.values.includes(value)) : [];
    return values.length === 0 ? term : { ...term, values };
  });
  if (listed.some((term, at) => term !== terms[at])) return { ...whole, where: conjunction(listed) };
  const apart = own.filter((term) => !terms.some((each) => isSame(each, term)));
  return apart.length === 0 ? whole : { ...whole, where: conjunction([...terms, { kind: "not", operand: conjunction(apart) }]) };
}
