/** Opens a pool, sets off a bomb in it, prints its child's process id and stays: its arguments are the entry, the bomb and the fences. */
import { probeFences } from "../../../environment/child/fences.js";
import { openPool } from "../../../environment/child/pool.js";

const [entry = "", name = "", how] = process.argv.slice(2);
const absent = { kind: "absent", reason: "left out" } as const;
const fences = how === "fenced" ? await probeFences() : { limits: absent, network: absent, orphan: absent };
const pool = await openPool({ children: 1, deadlineMs: 60_000, fences, entry });
const session = await pool.open({ folder: `/hostile/${name}` });
await session.call("authenticate", { id: "m1", pin: "1111" });
const stuck = session.call("insert_loans", { code: "saw", days: 3, note: "bang" });
process.stdout.write(`${pool.pids().join()}\n`);
await stuck;
