/** What `npm test` does before its tests: gets the Temporal server, so that a build of minutes is no timeout of a test. */
import { readProcessConfig } from "../workers/config.js";
import { findServer } from "../workers/find-server.js";
import { say } from "./answer.js";
import { describeError } from "./command-error.js";

/** Whether a Temporal server is at hand; what is missing has been said. */
export async function prepareServer(): Promise<boolean> {
  try {
    await findServer({ ...readProcessConfig(), namedServer: null }, say);
    return true;
  } catch (error) {
    say(describeError(error, "hidden"));
    return false;
  }
}
