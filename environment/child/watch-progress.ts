/** A deadline for each step of a child: what stands still is told, what goes on is not. */

/** How often a child at work is looked at: its deadline is passed by no more. */
const TICK_MS = 25;

/** Where a child stands, and how long it may stand there. */
export type Progress = { readonly mark: string; readonly limitMs: number };

/** `watch` begins to look, and ends by itself when there is nothing to wait for; `stop` ends it at once. */
export type Watchdog = { watch(): void; stop(): void };

/** Calls `expired` when a mark has stood for its limit; looks on only while there is something to wait for. */
export function watchProgress(options: {
  readonly progress: () => Progress | null;
  readonly expired: (limitMs: number) => void;
}): Watchdog {
  let ticking: NodeJS.Timeout | null = null;
  let armed: { readonly mark: string; readonly timer: NodeJS.Timeout } | null = null;

  function watch(): void {
    ticking ??= setInterval(tick, TICK_MS);
  }

  function tick(): void {
    const found = options.progress();
    if (found !== null && found.mark === armed?.mark) return;
    if (armed !== null) clearTimeout(armed.timer);
    armed = null;
    if (found === null) stop();
    else armed = { mark: found.mark, timer: setTimeout(look, found.limitMs, found) };
  }

  /** A parent that was itself held up first takes in what has come meanwhile. */
  function look({ mark, limitMs }: Progress): void {
    setImmediate(() => {
      if (options.progress()?.mark === mark) options.expired(limitMs);
    });
  }

  function stop(): void {
    if (ticking !== null) clearInterval(ticking);
    if (armed !== null) clearTimeout(armed.timer);
    ticking = null;
    armed = null;
  }

  return { watch, stop };
}
