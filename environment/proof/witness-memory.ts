/** What was found for an expression in a scene: goals about neighbouring nodes ask for the same from the same candidate. */
import type { Expression, RowsExpression } from "../core/expression.js";
import type { Place, Scene } from "./witness-scene.js";

interface Asked {
  readonly compiled: Scene["compiled"];
  readonly roots: Scene["roots"];
  readonly wanted: string;
  readonly found: readonly Scene[];
}

const known = new WeakMap<Scene["candidate"], Map<Expression | RowsExpression, Asked[]>>();

/**
 * What `make` gives, made once for equal scenes and what is `wanted` of the expression; it must depend on nothing else. Each time
 * that it is made takes one off the scene's effort; where none is left nothing is found.
 */
export function remembered(
  scene: Scene,
  node: Expression | RowsExpression,
  wanted: string,
  make: () => readonly Scene[],
): readonly Scene[] {
  const nodes = known.get(scene.candidate) ?? new Map<Expression | RowsExpression, Asked[]>();
  known.set(scene.candidate, nodes);
  const asked = nodes.get(node) ?? [];
  nodes.set(node, asked);
  const same = asked.find((each) => each.wanted === wanted && each.compiled === scene.compiled && isSameRoots(each.roots, scene.roots));
  if (same !== undefined) return same.found;
  const { effort } = scene;
  if (effort !== undefined) effort.left -= 1;
  const found = effort !== undefined && effort.left <= 0 ? [] : make();
  // What was broken off is not all there is to find.
  if (effort !== undefined && effort.left <= 0) return found;
  asked.push({ compiled: scene.compiled, roots: scene.roots, wanted, found });
  return found;
}

function isSameRoots(a: Scene["roots"], b: Scene["roots"]): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSamePlace(a[name], b[name]));
}

function isSamePlace(a: Place | undefined, b: Place | undefined): boolean {
  if (a === undefined || b === undefined || a.kind !== b.kind || a.table !== b.table) return false;
  return a.kind !== "stored" || (b.kind === "stored" && a.key === b.key);
}
