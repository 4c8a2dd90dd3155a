import { Linter } from "eslint";
import { expect, test } from "vitest";
import { scenarioNames } from "./scenario-names.js";

const linter = new Linter();

function namesIn(code: string): readonly string[] {
  return linter
    .verify(code, [{ plugins: { logigen: { rules: { "scenario-names": scenarioNames } } }, rules: { "logigen/scenario-names": "error" } }])
    .map(({ message }) => message.split('"')[1] ?? message);
}

test.each([
  ["a scenario's id", 'seed("telecom-support");', "telecom-support"],
  ["a table of an example's sheet", "sql(`SELECT * FROM flight_bookings`);", "flight_bookings"],
  ["a table that only a seed's vocabulary has", 'sql("SELECT * FROM room_reservations");', "room_reservations"],
  ["a noun in words", 'describe("one of its rows: Device loan");', "Device loan"],
  ["an act", "describe('an infinitive: \"book a flight\"');", "book a flight"],
  ["a comment", "// Such as a travel request.\nrun();", "travel request"],
  ["an identifier", "const study_rooms = 1;", "study_rooms"],
  ["a table of one word, as a whole literal", 'query("hotels");', "hotels"],
])("logigen/scenario-names refuses %s", (_name, code, name) => {
  expect(namesIn(code)).toEqual([name]);
});

test.each([
  'say("the loans of a person");',
  'query("users");',
  "const hotels = 1;",
  'say("flight bookings-to-be");',
  "// rent a tool\nrun();",
])("logigen/scenario-names lets ordinary words pass: %s", (code) => {
  expect(namesIn(code)).toEqual([]);
});
