/** What was asked of a pool of child processes cannot be had: the environment is unsound, quarantined or lost, or the pool is closed. */
export class PoolError extends Error {
  override readonly name = "PoolError";
}
