import type { ModelRequest } from "../../models/port.js";

/** A request of the Client for free text; what a test is about is given over it. */
export function modelRequest(over: Partial<ModelRequest> = {}): ModelRequest {
  return {
    role: "client",
    promptVersion: "client@1",
    messages: [
      { role: "system", content: "You are a customer." },
      { role: "user", content: "Say what you want." },
    ],
    tools: [],
    reply: null,
    sampling: { temperature: 0.7, maxTokens: 500 },
    random: 42,
    ...over,
  };
}
