import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { compileSheet } from "../../environment/compile/compile-sheet.js";
import { courses } from "./sheets.js";

const compilation = compileSheet(courses);
const statements = compilation.ok ? compilation.compiled : { schemaSql: [], triggerSql: [] };

/** Two courses, of which the first has one seat: rider "ann" sits in it, "bob" waits; ann is authenticated at step 10. */
const rows = `
INSERT INTO members VALUES('ann','1',1,'PATRON',NULL,1,6),('bob','2',1,'PATRON','ann',0,0),('cid','3',0,'GUEST',NULL,0,0);
INSERT INTO courses VALUES(1,1,1,30,1,'OPEN','OPEN'),(2,2,5,10,0,'OPEN','OPEN');
INSERT INTO enrollments(id,course_id,member_id,queue_no,status,made_step,logigen_mark) VALUES(1,1,'ann',1,'ENROLLED',9,'ENROLLED'),(2,1,'bob',2,'WAITING',9,'WAITING');
INSERT INTO bookings VALUES(1,1,'A',12,14,6,'BOOKED','D1');
INSERT INTO notices VALUES(1,'ann',NULL,5,0,0,'created',0);
INSERT INTO logigen_context(id,now,sealed,actor,evidence_pin,desk,transferred) VALUES(1,10,1,'ann','1','D1',0);
`;

const script = [...statements.schemaSql, rows, ...statements.triggerSql].map((sql) => `${sql};\n`).join("");
const dump =
  ".mode list\nSELECT * FROM members; SELECT * FROM courses; SELECT * FROM enrollments; SELECT * FROM bookings; SELECT * FROM notices; SELECT * FROM logigen_context;\n";

function shell(sql: string): { readonly out: string; readonly err: string } {
  const { stdout, stderr } = spawnSync(sqlite3, [":memory:"], { input: script + sql, encoding: "utf8" });
  return { out: stdout, err: stderr };
}

/** The shell on the path, of whatever version it is. */
const sqlite3 = "sqlite3";
const hasShell = spawnSync(sqlite3, ["--version"]).status === 0;
const insert = "INSERT INTO enrollments(course_id,member_id,queue_no,status,made_step)";

describe.skipIf(!hasShell)("a plain sqlite3 shell on the compiled SQL", () => {
  const untouched = hasShell ? shell(dump).out : "";

  test("opens it", () => {
    expect(shell("SELECT 1;").err).toBe("");
    expect(execFileSync(sqlite3, ["--version"], { encoding: "utf8" })).toMatch(/^3\./);
  });

  const refusals: readonly (readonly [string, string, string])[] = [
    ["a counter", "UPDATE courses SET taken = 0", "courses.taken.writable"],
    ["a read-only table", "UPDATE members SET active = 0 WHERE id = 'ann'", "members.read_only"],
    ["a new row of a read-only table", "INSERT INTO members VALUES('dan','4',1,'GUEST',NULL,0,0)", "members.read_only"],
    ["a row replaced", "INSERT OR REPLACE INTO members VALUES('ann','4',1,'GUEST',NULL,0,0)", "members.read_only"],
    ["a row that only effects create", "INSERT INTO notices(member_id,step) VALUES('ann',10)", "notices.read_only"],
    ["a column that only effects write", "UPDATE notices SET shouts = 5", "notices.shouts.writable"],
    ["a system move", "UPDATE courses SET status = 'FULL' WHERE id = 1", "courses.read_only"],
    [
      "a system move on an agent's table",
      "UPDATE enrollments SET status = 'ENROLLED', promoted_step = 10 WHERE id = 2",
      "enrollments.status.move",
    ],
    [
      "the same, ignoring errors",
      "UPDATE OR IGNORE enrollments SET status = 'ENROLLED', promoted_step = 10 WHERE id = 2",
      "enrollments.status.move",
    ],
    ["a mark", "UPDATE enrollments SET logigen_mark = NULL", "enrollments.logigen_mark.writable"],
    [
      "a state together with its mark",
      "UPDATE enrollments SET status = 'DROPPED', left_step = 10, reason = 'x', logigen_mark = 'DROPPED' WHERE id = 1",
      "enrollments.logigen_mark.writable",
    ],
    ["a delete", "DELETE FROM bookings", "bookings.no_delete"],
    ["a key changed", "UPDATE enrollments SET id = 9 WHERE id = 1", "enrollments.key"],
    ["a row replaced by an update", "UPDATE OR REPLACE enrollments SET id = 1 WHERE id = 2", "enrollments.key"],
    [
      "a unique value taken by replacing",
      `${insert.replace("INSERT", "INSERT OR REPLACE")} VALUES(2,'ann',1,'ENROLLED',10)`,
      "enrollments.unique",
    ],
    [
      "an upsert",
      "INSERT INTO enrollments(id,course_id,member_id,queue_no,status,made_step) VALUES(1,2,'ann',5,'ENROLLED',10) ON CONFLICT(id) DO UPDATE SET queue_no = 7",
      "enrollments.key",
    ],
    ...["-1", "0", "7", "4611686018427387904"].map(
      (id) => [`key ${id}`, `${insert.replace("(course", "(id,course")} VALUES(${id},2,'ann',5,'ENROLLED',10)`, "enrollments.key"] as const,
    ),
    [
      "a key of one's own, ignoring errors",
      `${insert.replace("INSERT", "INSERT OR IGNORE").replace("(course", "(id,course")} VALUES(7,2,'ann',5,'ENROLLED',10)`,
      "enrollments.key",
    ],
    ["a stamp of one's own", `${insert} VALUES(2,'ann',5,'ENROLLED',3)`, "enrollments.made_step.stamp"],
    ["another user's name", `${insert} VALUES(2,'bob',5,'ENROLLED',10)`, "enrollments.member_id.stamp"],
    ["a reference to nothing", `${insert} VALUES(77,'ann',5,'ENROLLED',10)`, "enrollments.course_id.reference"],
    ["a NULL", `${insert} VALUES(2,'ann',NULL,'ENROLLED',10)`, "enrollments.queue_no.required"],
    ["the clock", "UPDATE logigen_context SET now = 11", "context.now"],
    ["another user", "UPDATE logigen_context SET actor = 'bob', evidence_pin = '2'", "context.actor"],
    ["the seal", "UPDATE logigen_context SET sealed = 0", "context.sealed"],
    ["a second context", "INSERT INTO logigen_context(id,now,sealed,transferred) VALUES(2,1,0,0)", "context.single"],
    ["a context replaced", "INSERT OR REPLACE INTO logigen_context(id,now,sealed,transferred) VALUES(1,1,0,0)", "context.single"],
    ["a context deleted", "DELETE FROM logigen_context", "context.no_delete"],
  ];

  test.each(refusals)("is refused %s, and nothing changes", (_name, sql, rule) => {
    const { out, err } = shell(`${sql};\n${dump}`);
    expect(err).toContain(rule);
    expect(out).toBe(untouched);
  });

  test.each([
    ["off", 0],
    ["on", 1],
  ])(
    "gets all effects, with recursive triggers %s: a seat given up, the next in line promoted within the same table, counters, stamps, notices",
    (_name, recursive) => {
      const sql = `PRAGMA recursive_triggers = ${recursive};\nUPDATE enrollments SET status = 'DROPPED', left_step = 10, reason = 'moved' WHERE id = 1;\n`;
      const { out, err } = shell(
        `${sql}SELECT id, status, left_step, promoted_step, logigen_mark FROM enrollments; SELECT id, seats, spent FROM members; SELECT id, taken FROM courses; SELECT status FROM bookings; SELECT * FROM notices;`,
      );
      expect(err).toBe("");
      expect(out.trim().split("\n")).toEqual([
        "1|DROPPED|10||DROPPED",
        "2|ENROLLED||10|ENROLLED",
        "ann|0|0",
        "bob|1|0",
        "cid|0|0",
        "1|1",
        "2|0",
        "GONE",
        "1|ann||5|0|0|created|0",
      ]);
    },
  );

  test("is refused every write while nobody is authenticated, and may authenticate once", () => {
    const nobody = rows.replace("1,10,1,'ann','1','D1',0", "1,10,1,NULL,NULL,'D1',0");
    const run = (sql: string) => spawnSync(sqlite3, [":memory:"], { input: script.replace(rows, nobody) + sql, encoding: "utf8" });
    expect(run(`${insert} VALUES(2,'ann',5,'ENROLLED',10);`).stderr).toContain("session.required");
    expect(run("UPDATE logigen_context SET actor = 'ann', evidence_pin = '9';").stderr).toContain("context.evidence");
    expect(run("UPDATE logigen_context SET actor = 'cid', evidence_pin = '3';").stderr).toContain("context.standing");
    expect(
      run(
        `UPDATE logigen_context SET actor = 'ann', evidence_pin = '1'; ${insert} VALUES(2,'ann',5,'ENROLLED',10); SELECT count(*) FROM enrollments;`,
      ),
    ).toMatchObject({ stderr: "", stdout: "3\n" });
  });
});
