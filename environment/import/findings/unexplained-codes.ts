import { codeOf } from "../../engine/raised-message.js";
import type { Finding, ImportFacts } from "../facts.js";

/** Codes that triggers raise and the policy's text does not name: an agent that reads the policy cannot know them. */
export function unexplainedCodes({ triggers, policy }: ImportFacts): readonly Finding[] {
  if (policy === null)
    return [{ kind: "no-policy", object: "policy.md", message: "there is no policy: an agent learns the rules from refusals alone" }];
  const raisers = new Map<string, readonly string[]>();
  for (const { name, raises } of triggers)
    for (const { message } of raises) {
      const code = codeOf(message);
      if (code !== null) raisers.set(code, [...(raisers.get(code) ?? []), name]);
    }
  return [...raisers]
    .filter(([code]) => !policy.includes(code))
    .map(([code, names]) => ({
      kind: "unexplained-code",
      object: code,
      message: `the policy does not name it; raised by ${[...new Set(names)].map((name) => `"${name}"`).join(", ")}`,
    }));
}
