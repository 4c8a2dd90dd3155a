/** A chat completions endpoint on 127.0.0.1 that answers by script, well or badly, and records what it was asked. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

/** What was asked, as it came over the wire. */
export const recordedRequestSchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.string().nullish() })),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
  response_format: z.looseObject({ type: z.string() }).optional(),
});
export type RecordedRequest = z.infer<typeof recordedRequestSchema>;

export type ScriptedAnswer =
  | {
      readonly kind: "reply";
      readonly text?: string;
      readonly toolCalls?: readonly { readonly id?: string; readonly name: string; readonly arguments: string }[];
      readonly finishReason?: string;
      /** Null: none is sent. Default: 100 prompt and 10 completion tokens. */
      readonly usage?: Readonly<Record<string, unknown>> | null;
      /** Further members of the message: reasoning_content, refusal, … */
      readonly message?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "body"; readonly body: string; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: "redirect"; readonly to: string }
  /** Headers never come. */
  | { readonly kind: "hang" }
  /** Headers come, the body stops half-way. */
  | { readonly kind: "stall" }
  /** The connection closes before headers, or inside the body. */
  | { readonly kind: "close" }
  | { readonly kind: "truncate" }
  | { readonly kind: "huge"; readonly bytes: number };

export type Script = readonly ScriptedAnswer[] | ((request: RecordedRequest, index: number) => ScriptedAnswer);

export interface ScriptedEndpoint {
  readonly baseUrl: string;
  readonly requests: readonly RecordedRequest[];
  readonly headers: readonly http.IncomingHttpHeaders[];
  /** Connections opened so far. */
  connections(): number;
  /** @throws {RangeError} If more was asked than the script holds; what the script function threw. */
  close(): Promise<void>;
}

/** Starts an endpoint on a free port. */
export async function startScriptedEndpoint(script: Script): Promise<ScriptedEndpoint> {
  const requests: RecordedRequest[] = [];
  const headers: http.IncomingHttpHeaders[] = [];
  const failures: unknown[] = [];
  let connections = 0;

  function next(request: RecordedRequest): ScriptedAnswer {
    const index = requests.push(request) - 1;
    const answer = typeof script === "function" ? script(request, index) : script[index];
    if (answer === undefined) throw new RangeError(`Script ran out at request ${index + 1}`);
    return answer;
  }

  const server = http.createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      headers.push(incoming.headers);
      try {
        if (incoming.url !== "/v1/chat/completions") throw new TypeError(`Unknown path ${String(incoming.url)}`);
        const request = recordedRequestSchema.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
        send(outgoing, next(request), request);
      } catch (error) {
        failures.push(error);
        outgoing.writeHead(418, { "content-type": "application/json" }).end(JSON.stringify({ error: { message: String(error) } }));
      }
    });
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;

  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    headers,
    connections: () => connections,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (failures.length > 0) throw failures[0];
    },
  };
}

function send(outgoing: http.ServerResponse, answer: ScriptedAnswer, request: RecordedRequest): void {
  switch (answer.kind) {
    case "reply":
      return void outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(completion(answer, request)));
    case "body":
      return void outgoing.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers }).end(answer.body);
    case "redirect":
      return void outgoing.writeHead(307, { location: answer.to }).end();
    case "hang":
      return;
    case "stall":
      return void outgoing.writeHead(200, { "content-type": "application/json", "content-length": "1000" }).write('{"choices":');
    case "close":
      return void outgoing.destroy();
    case "truncate":
      return void outgoing
        .writeHead(200, { "content-type": "application/json", "content-length": "1000" })
        .write('{"choices":', () => outgoing.destroy());
    case "huge":
      return void outgoing.writeHead(200, { "content-type": "application/json" }).end(`"${"x".repeat(answer.bytes)}"`);
  }
}

function completion(answer: Extract<ScriptedAnswer, { kind: "reply" }>, request: RecordedRequest): unknown {
  const calls = answer.toolCalls?.map(({ id, name, arguments: text }) => ({
    id: id ?? "",
    type: "function",
    function: { name, arguments: text },
  }));
  return {
    id: "completion",
    object: "chat.completion",
    model: request.model,
    choices: [
      {
        index: 0,
        finish_reason: answer.finishReason ?? (calls === undefined ? "stop" : "tool_calls"),
        message: {
          role: "assistant",
          content: answer.text ?? "",
          ...(calls === undefined ? {} : { tool_calls: calls }),
          ...answer.message,
        },
      },
    ],
    ...(answer.usage === null ? {} : { usage: answer.usage ?? { prompt_tokens: 100, completion_tokens: 10 } }),
  };
}
