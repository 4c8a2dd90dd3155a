/** What happened in a public dialogue: the wishes in order, how each was described, what was refused, and how it ended. */
import { readAgent } from "./agent-lines.js";
import { readCustomer } from "./customer-lines.js";
import type { Attempt } from "./description.js";
import type { Said } from "./plain-text.js";
import type { Thing } from "./wishes.js";

export interface Line {
  readonly speaker: "client" | "consultant";
  readonly text: string;
}

/** One wish: each attempt in order; all but the last were refused, and the last as well unless it was accepted. */
export interface Pursuit {
  readonly act: string;
  readonly attempts: readonly Attempt[];
  readonly end: "accepted" | "refused" | "dropped";
}

interface Open {
  readonly act: string;
  readonly attempts: Attempt[];
  things: Map<string, Thing>;
  values: Record<string, Said>;
  /** What is said next of a thing stands instead of what was said before. */
  replaces: boolean;
  refused: boolean;
  changed: boolean;
}

/** Reads the dialogue; wishes that never came to an attempt are `dropped`. */
export function readDialogue(lines: readonly Line[]): readonly Pursuit[] {
  const pursuits: Pursuit[] = [];
  let open: Open | null = null;
  for (const { speaker, text } of lines)
    open = speaker === "client" ? hearClient(pursuits, open, text) : hearConsultant(pursuits, open, text);
  close(pursuits, open, "open");
  return pursuits;
}

function hearClient(pursuits: Pursuit[], before: Open | null, text: string): Open | null {
  let open = before;
  for (const act of readCustomer(text)) {
    if (act.kind === "request") {
      close(pursuits, open, "open");
      open = { act: act.act, attempts: [], things: new Map(), values: {}, replaces: false, refused: false, changed: true };
    } else if (open !== null) open = takeOver(open, act);
  }
  return open;
}

function hearConsultant(pursuits: Pursuit[], open: Open | null, text: string): Open | null {
  if (open === null) return null;
  const kinds = new Set(readAgent(text).map(({ kind }) => kind));
  if (kinds.has("done")) {
    close(pursuits, open, "accepted");
    return null;
  }
  if (kinds.has("refused")) return refuse(open);
  return kinds.has("none") || kinds.has("restate") ? { ...open, replaces: true } : open;
}

function takeOver(open: Open, act: ReturnType<typeof readCustomer>[number]): Open {
  switch (act.kind) {
    case "tell":
      return { ...open, values: { ...open.values, [act.label]: act.value }, changed: true };
    case "no":
      return { ...open, replaces: true };
    case "point": {
      const known = open.replaces ? [] : (open.things.get(act.thing.label)?.wishes ?? []);
      const fresh = act.thing.wishes.filter((wish) => !known.some((other) => JSON.stringify(other) === JSON.stringify(wish)));
      return {
        ...open,
        things: new Map(open.things).set(act.thing.label, { ...act.thing, wishes: [...known, ...fresh] }),
        replaces: false,
        changed: true,
      };
    }
    default:
      return open;
  }
}

/** The refusal of an attempt; said again upon insistence, it refuses nothing new. */
function refuse(open: Open): Open {
  if (!open.changed) return open;
  return { ...open, attempts: [...open.attempts, attemptOf(open)], replaces: true, refused: true, changed: false };
}

function close(pursuits: Pursuit[], open: Open | null, end: "accepted" | "open"): void {
  if (open === null) return;
  if (end === "accepted") pursuits.push({ act: open.act, attempts: [...open.attempts, attemptOf(open)], end });
  else pursuits.push({ act: open.act, attempts: open.attempts, end: open.refused ? "refused" : "dropped" });
}

function attemptOf({ things, values }: Open): Attempt {
  return { things: [...things.values()], values };
}
