import type { Cast } from "../../agents/set-designer-cast.js";
import type { ModelRequest } from "../port.js";

/** @throws {RangeError} Always: this role is not written. */
export function answerCast(request: ModelRequest): Cast {
  throw new RangeError(`Cannot answer as ${request.promptVersion}: the role is not written`);
}
