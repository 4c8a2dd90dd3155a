/** Rules that answer an effect: they look at just what it writes, so that some calls are refused because of it. */
import type { Sheet } from "../../environment/sheet/sheet.js";
import { drawCondition, type Reach } from "./random-expressions.js";
import type { DrawnRule, Setting } from "./random-setting.js";

/** A guard over what an effect writes; null where it writes no number and no state. */
export function drawAnswer(setting: Setting, { writes, rule, twin }: DrawnRule): DrawnRule | null {
  const { draw, sheet } = setting;
  const columns = writes === undefined ? undefined : sheet.tables[writes]?.columns;
  if (writes === undefined || columns === undefined) return null;
  const said = twin ?? rule;
  const written = "column" in said ? { [String(said["column"])]: "" } : { ...asTexts(said["set"]), ...asTexts(said["values"]) };
  const answered = Object.entries(written).filter(
    ([name]) =>
      (columns[name]?.type === "integer" && columns[name].references === undefined) || sheet.tables[writes]?.states?.column === name,
  );
  if (answered.length === 0) return null;
  const [name, value] = draw.pick(answered);
  const must =
    sheet.tables[writes]?.states?.column === name ? mustOfState(setting, writes, { name, value }) : mustOfNumber(setting, name, columns);
  return { table: writes, rule: { ...("values" in said ? { at: "create" } : { holds: "always" }), must } };
}

/** Only some rows may come into the state. */
function mustOfState({ draw, sheet }: Setting, table: string, { name, value }: { readonly name: string; readonly value: string }): string {
  const reach: Reach = { tables: sheet.tables, ladders: sheet.ladders, roots: { new: table }, clock: "now", depth: 0 };
  return `new.${name} <> ${value} or ${drawCondition(draw, reach)}`;
}

function mustOfNumber({ draw }: Setting, name: string, columns: Sheet["tables"][string]["columns"]): string {
  const column = columns[name];
  if (column?.unit === "step") return `new.${name} is null or new.${name} <= now + ${draw.int(0, 4)}`;
  const isCount = name.startsWith("counted");
  return `coalesce(new.${name}, 0) <= ${draw.int(isCount ? 0 : 2, isCount ? 3 : 8)}`;
}

function asTexts(value: unknown): Readonly<Record<string, string>> {
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))
    : {};
}
