/**
 * Run in a process of its own, with `--expose-gc`: opens many sessions on one environment, writes in each, and prints what one
 * takes of the resident memory, as JSON: in a pool, its connections included, and on a connection of its own.
 */
import { openSession, type Session } from "../environment/engine/session.js";
import { openSessionPool } from "../environment/engine/session-pool.js";
import { bookFlight, spread, type World, worldOf } from "./environment-world.js";
import { median, timeOf } from "./measure.js";

const sessions = 1000;
const connections = 8;
const writes = 10;

const world = worldOf(1000);
// What the first sessions set up in the runtime is not theirs.
for (let i = 0; i < 20; i += 1) {
  const session = openSession(world);
  write(session, world);
  session.close();
}
const own = kilobytesEach(40, () => openSession(world));
const pool = openSessionPool({ ...world, connections });
const pooled = kilobytesEach(sessions, () => pool.open());
const takeUp = median(pooled.made.map((session) => timeOf(() => session.call("query_companies", {}))));
process.stdout.write(
  `${JSON.stringify({ sessions, connections, writes, own: own.kilobytes, pooled: pooled.kilobytes, takeUpUs: takeUp })}\n`,
);

function kilobytesEach(count: number, open: () => Session): { readonly made: readonly Session[]; readonly kilobytes: number } {
  const before = resident();
  const made = Array.from({ length: count }, open);
  for (const session of made) write(session, world);
  return { made, kilobytes: (resident() - before) / count / 1024 };
}

function write(session: Session, { requests }: World): void {
  for (const request of spread({ requests }, writes)) {
    const { tool, arguments: given } = bookFlight(request, "Z1");
    const result = session.call(tool, given);
    if (!result.ok) throw new Error(`Cannot measure a call that is refused: ${JSON.stringify(result.error)}`);
  }
}

function resident(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
