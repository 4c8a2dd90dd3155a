import type { Compiled } from "../compile/compile-sheet.js";
import type { Rows } from "../core/values.js";
import { openWorld, type World } from "./witness-run.js";

/** The worlds of a sheet by the states that they hold, each opened when it is first asked for. */
export interface Worlds {
  of(state: Rows): World;
  /** The world of this state is no longer as it was laid: whoever asks for it again gets another. */
  discard(state: Rows): void;
}

/** Runs something with worlds of a sheet, and closes them. */
export function withWorlds<T>(compiled: Compiled, run: (worlds: Worlds) => T, open: typeof openWorld = openWorld): T {
  const worlds = new Map<Rows, World>();
  try {
    return run({
      of: (state) => {
        const world = worlds.get(state) ?? open(compiled, state);
        worlds.set(state, world);
        return world;
      },
      discard: (state) => {
        worlds.get(state)?.close();
        worlds.delete(state);
      },
    });
  } finally {
    for (const world of worlds.values()) world.close();
  }
}
