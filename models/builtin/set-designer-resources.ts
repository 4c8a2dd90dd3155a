import type { Resources } from "../../agents/set-designer-resources.js";
import type { ModelRequest } from "../port.js";

/** @throws {RangeError} Always: this role is not written. */
export function answerResources(request: ModelRequest): Resources {
  throw new RangeError(`Cannot answer as ${request.promptVersion}: the role is not written`);
}
