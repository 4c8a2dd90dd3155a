/** Where lines go: several that came together, without their ends; `tooLong` comes once, and nothing after it. */
export type LineEvents = { readonly lines: (lines: readonly string[]) => void; readonly tooLong: () => void };

/** Cuts chunks of bytes into lines, of which none is held beyond `lineBytes`. */
export function cutLines(lineBytes: number, { lines, tooLong }: LineEvents): (chunk: Buffer) => void {
  let begun: Buffer[] = [];
  let size = 0;
  let isBroken = false;
  return (chunk) => {
    if (isBroken) return;
    const end = chunk.lastIndexOf(10);
    if (end >= 0) {
      const whole = begun.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...begun, chunk.subarray(0, end)]);
      begun = [];
      size = 0;
      lines(whole.toString().split("\n"));
    }
    const rest = chunk.subarray(end + 1);
    if (rest.length > 0) begun.push(rest);
    size += rest.length;
    if (size > lineBytes) {
      isBroken = true;
      begun = [];
      tooLong();
    }
  };
}
