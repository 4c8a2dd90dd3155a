import type { Examples } from "../../agents/verifier-examples.js";
import type { ModelRequest } from "../port.js";

/** @throws {RangeError} Always: this role is not written. */
export function answerExamples(request: ModelRequest): Examples {
  throw new RangeError(`Cannot answer as ${request.promptVersion}: the role is not written`);
}
