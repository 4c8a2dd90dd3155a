/**
 * A process of its own that verifies packages from their files, four writes of six arguments each in an origin of 1,000 rows; it
 * prints what one took of its processor, in µs, as JSON.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePackage } from "../datasets/package.js";
import { openVerifier } from "../datasets/verify.js";
import type { Call } from "../environment/compare/trial.js";
import { openSession } from "../environment/engine/session.js";
import { writeSnapshot } from "../environment/engine/snapshot.js";
import { certify } from "../environment/task/certificate.js";
import { renderDescription, type TaskDescription } from "../environment/task/task-description.js";
import { bookFlight, spread, type World, worldOf } from "./environment-world.js";
import { processorTimeOf, timesOf } from "./measure.js";

const origin = 1000;
const writes = 4;
/** Other values tried of each argument. */
const alterations = 2;
/** A dataset has thousands of packages, of which the first are slow, before V8 has compiled what they run. */
const slowAtFirst = 100;

const folder = mkdtempSync(join(tmpdir(), "logigen-bench-"));
const verifier = openVerifier();
try {
  const world = worldOf(origin);
  for (const length of [1, 2, 4, 8, 12]) layPackage(join(folder, String(length)), world, length);
  const few = verify(writes, alterations);
  for (let i = 0; i < slowAtFirst; i += 1) few();
  const times = timesOf(100, { few });
  const others = timesOf(20, {
    all: verify(writes),
    one: verify(1, alterations),
    two: verify(2, alterations),
    eight: verify(8, alterations),
    twelve: verify(12, alterations),
  });
  const calm = Object.fromEntries(Object.entries({ ...times, ...others }).map(([name, each]) => [name, each.calm]));
  process.stdout.write(JSON.stringify({ writes, alterations, ...calm, fewOfAll: times.few.all, share: times.few.share }));
} finally {
  verifier.close();
  rmSync(folder, { recursive: true });
}

function verify(length: number, tried?: number): () => number {
  const options = tried === undefined ? {} : { alterations: tried };
  return () =>
    processorTimeOf(() => {
      const { ok, points } = verifier.verify(join(folder, String(length)), options);
      if (!ok) throw new Error(`Cannot measure a package that fails: ${JSON.stringify(points.filter((point) => !point.ok))}`);
    });
}

function layPackage(folder: string, world: World, length: number): void {
  const { compiled } = world;
  const origin = canonical(world);
  const log = spread(world, length).map((request, i) => bookFlight(request, `ZX${i}`));
  const session = openSession({ compiled, origin });
  for (const call of log) session.call(call.tool, call.arguments);
  const target = writeSnapshot(session.db);
  session.close();
  const description = describe(log);
  const environment = { compiled, origin };
  const certificate = certify({ ...environment, target, log, description });
  const content = { environment, target, log, refusals: [], description, certificate, trajectories: [] };
  writePackage(folder, { task: `bench/${length}`, author: "bench", provenance: {}, ...content });
}

function canonical({ compiled, origin }: World): Buffer {
  const session = openSession({ compiled, origin });
  const bytes = writeSnapshot(session.db);
  session.close();
  return bytes;
}

/** Every value stands in the text, so that the description is the source of all. */
function describe(log: readonly Call[]): TaskDescription {
  const lines = log.map(({ arguments: given }) => `Book a flight with ${JSON.stringify(given)}`);
  const parts = {
    ...{ who_you_are: "You plan trips.", gaps: [], false_beliefs: [], goal: "Book flights." },
    sub_goals: lines.map((text) => ({ title: "Book", text, trigger: null })),
    choices: [],
    values: log.flatMap((call, write) =>
      Object.keys(call.arguments as object).map((argument) => ({
        // an object, as `bookFlight` makes it
        ...{ write, argument, from: "description" as const, quote: lines[write] ?? "" },
      })),
    ),
    refusal: null,
  };
  const user = { table: null, key: null, profile: {} };
  return { ...parts, version: 1, kind: "reach", user, text: renderDescription(parts) };
}
