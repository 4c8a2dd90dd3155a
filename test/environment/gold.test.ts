import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { valuesAround, holdsValue } from "../../environment/task/gold.js";
import { openSnapshot } from "../../environment/engine/snapshot.js";
import { tableOf } from "../../environment/core/catalogue.js";
import { libraryOrigin, toolLibrary } from "../doubles/tool-library.js";

const compiled = toolLibrary();
const letters = Array.from("abcdefghijklmnopqrst");
const loans = tableOf(compiled.catalogue, "loans");

/** The library with loans whose notes are these; NULL among them. */
function withNotes(notes: readonly (string | null)[]) {
  const db = openSnapshot(libraryOrigin(compiled));
  for (const name of db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all())
    db.prepare(`DROP TRIGGER "${name}"`).run();
  db.prepare("DELETE FROM loans WHERE id > 1").run();
  const names = db
    .prepare<[], string>("SELECT name FROM pragma_table_info('loans') WHERE name NOT IN ('id', 'note')")
    .pluck()
    .all()
    .join(", ");
  for (const note of notes) db.prepare(`INSERT INTO loans (note, ${names}) SELECT ?, ${names} FROM loans WHERE id = 1`).run(note);
  db.prepare("DELETE FROM loans WHERE id = 1").run();
  return db;
}

describe("valuesAround()", () => {
  test("gives the window of the sorted values that has the value in its middle, as far as there are enough", () => {
    const note = fc.oneof(fc.constant(null), fc.constantFrom(...letters));
    fc.assert(
      fc.property(fc.array(note, { maxLength: 25 }), fc.constantFrom(...letters, "zz"), (notes, value) => {
        const db = withNotes(notes);
        const place = { db, table: loans, column: "note" };
        const all = [...new Set(notes.filter((each) => each !== null))].sort();
        const at = all.indexOf(value);
        const from = Math.max(0, Math.min(at - 4, all.length - 9));
        expect(valuesAround(place, value, 9)).toEqual(all.slice(from, from + 9));
        expect(holdsValue(place, value)).toBe(at !== -1);
        db.close();
      }),
      { numRuns: 60 },
    );
  });
});
