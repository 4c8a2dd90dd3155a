/** When a worker process should end: SIGTERM, SIGINT, or the command that started it is gone. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
  };
  process.once("SIGTERM", end).once("SIGINT", end).once("disconnect", end);
  return stop.signal;
}
