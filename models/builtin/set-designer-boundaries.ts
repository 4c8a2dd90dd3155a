import type { Boundaries } from "../../agents/set-designer-boundaries.js";
import type { ModelRequest } from "../port.js";

/** @throws {RangeError} Always: this role is not written. */
export function answerBoundaries(request: ModelRequest): Boundaries {
  throw new RangeError(`Cannot answer as ${request.promptVersion}: the role is not written`);
}
