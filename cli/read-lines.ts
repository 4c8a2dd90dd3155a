/**
 * The lines of a stream, split at LF alone (a CR before it is dropped), the last one with or without its end. A text's own
 * separators U+2028 and U+2029, at which `node:readline` splits too, may stand inside a JSON string.
 */
export async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.replace(/\r$/, "");
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
