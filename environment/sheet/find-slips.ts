/** What a sheet may say and no author means: bounds that leave nothing, defaults that are refused, states that no row comes to. */
import { isClosedGlob, matchGlob } from "../core/match-glob.js";
import type { SheetError } from "../core/sheet-error.js";
import { statesOf } from "./resolve-catalogue.js";
import type { Column, Rule, Sheet, Table } from "./sheet.js";

/** An error for each slip of a sheet whose names are known to fit. A mutant may hold one: it is a sheet with a slip. */
export function findSlips({ tables, rules }: Sheet): readonly SheetError[] {
  return [
    ...Object.entries(tables).flatMap(([name, table]) => [
      ...slipsOfColumns(`tables.${name}`, table),
      ...slipsOfStates(`tables.${name}`, table),
    ]),
    ...rules.flatMap((rule, index) => slipsOfBounds(`rules[${index}]`, rule)),
  ];
}

function slipsOfColumns(path: string, table: Table): readonly SheetError[] {
  return Object.entries(table.columns).flatMap(([name, column]) => {
    const at = `${path}.columns.${name}`;
    const { min, max, format } = column;
    if (min !== undefined && max !== undefined && min > max)
      return [{ path: `${at}.min`, message: `expected at most \`max\`, which is ${max}, got ${min}: no value is in the range` }];
    if (format !== undefined && !isClosedGlob(format))
      return [
        {
          path: `${at}.format`,
          message: `expected "]" after each "[" (a "[" itself is written "[[]"), got "${format}": nothing matches it`,
        },
      ];
    return [...slipsOfValues(at, column), ...slipsOfDefault(at, name, table)];
  });
}

function slipsOfValues(at: string, { values = [], ...limits }: Column): readonly SheetError[] {
  return values.flatMap((value, index) => {
    const fault = faultOf(value, limits);
    return fault === null ? [] : [{ path: `${at}.values[${index}]`, message: `expected ${fault}, got ${JSON.stringify(value)}` }];
  });
}

function slipsOfDefault(at: string, name: string, table: Table): readonly SheetError[] {
  const column = table.columns[name];
  const value = column?.default;
  if (column === undefined || value === undefined) return [];
  const path = `${at}.default`;
  if (value === null) {
    return column.null === undefined
      ? [{ path, message: "expected a value, or what NULL means (`null: none`, `open` or `unknown`), got null" }]
      : [];
  }
  const { states } = table;
  const starts = states?.column === name ? [states.start].flat() : undefined;
  const fault = faultOf(value, { ...column, values: starts ?? column.values ?? (column.unit === "flag" ? [0, 1] : undefined) });
  return fault === null ? [] : [{ path, message: `expected ${fault}, got ${JSON.stringify(value)}` }];
}

type Limits = Pick<Column, "values" | "min" | "max" | "max_length" | "format">;

/** What a value would have to be for its column to hold it; null where it is so. */
function faultOf(value: string | number, { values, min, max, max_length: length, format }: Limits): string | null {
  if (values?.includes(value) === false) return `one of ${values.join(", ")}`;
  if (typeof value === "number") {
    if (min !== undefined && value < min) return `at least \`min\`, which is ${min}`;
    return max !== undefined && value > max ? `at most \`max\`, which is ${max}` : null;
  }
  if (length !== undefined && Array.from(value).length > length) return `at most \`max_length\` characters, which is ${length}`;
  return format !== undefined && !matchGlob(value, format) ? `text like \`format\`, which is "${format}"` : null;
}

/** Rows begin in a start state and move on from there, whoever makes the move. */
function slipsOfStates(path: string, table: Table): readonly SheetError[] {
  const { states } = table;
  if (states === undefined) return [];
  const reached = new Set([states.start].flat());
  // A set is walked over what is added to it on the way, too.
  for (const state of reached) {
    for (const { from, to } of states.moves) if (from === state) reached.add(to);
  }
  const strays = statesOf(table).filter((state) => !reached.has(state));
  // Those beyond a stray are reached once it is.
  const first = strays.find((state) => !states.moves.some(({ to }) => to === state)) ?? strays[0];
  if (first === undefined) return [];
  const message = `no row comes to the state ${first}: declare a move that leads there, or make it a start`;
  return [{ path: placeOfState(`${path}.states`, states, first), message }];
}

function placeOfState(path: string, { moves, end }: NonNullable<Table["states"]>, state: string): string {
  const from = moves.findIndex((move) => move.from === state);
  if (from >= 0) return `${path}.moves[${from}].from`;
  const to = moves.findIndex((move) => move.to === state);
  return to >= 0 ? `${path}.moves[${to}].to` : `${path}.end[${end.indexOf(state)}]`;
}

/** One bound of a rule: the name of its key, and its value where that is a constant. */
type Bound = readonly [name: string, value: unknown];

function slipsOfBounds(path: string, rule: Rule): readonly SheetError[] {
  const reversed = boundsOf(rule).find(([[name, low], [, high]]) => {
    const [least, most] = [amountOf(low), amountOf(high)];
    return least !== null && most !== null && (name === "above" ? least >= most : least > most);
  });
  if (reversed === undefined) return [];
  const [[name, low], [other, high]] = reversed;
  const limit = `${name === "above" ? "less than" : "at most"} \`${other}\`, which is ${JSON.stringify(high)}`;
  return [{ path: `${path}.${name}`, message: `expected ${limit}, got ${JSON.stringify(low)}: nothing meets both` }];
}

/** The pairs of bounds, the lower first, that a rule holds one amount against. */
function boundsOf(rule: Rule): readonly (readonly [low: Bound, high: Bound])[] {
  switch (rule.kind) {
    case "window":
      return [
        [
          ["at_least", rule.at_least],
          ["at_most", rule.at_most],
        ],
      ];
    case "limit":
      return [
        [
          ["min", rule.min],
          ["max", rule.max],
        ],
      ];
    case "children":
      return [
        [
          ["min", rule.min],
          ["max", rule.max],
        ],
        [
          ["min", rule.min],
          ["equals", rule.equals],
        ],
        [
          ["equals", rule.equals],
          ["max", rule.max],
        ],
      ];
    case "ratio":
      return [
        [
          ["at_least", rule.at_least],
          ["at_most", rule.at_most],
        ],
        [
          ["above", rule.above],
          ["at_most", rule.at_most],
        ],
      ];
    default:
      return [];
  }
}

function amountOf(bound: unknown): number | null {
  if (!Array.isArray(bound)) return typeof bound === "number" ? bound : null;
  const [part, whole] = bound.map(Number);
  return part === undefined || whole === undefined ? null : part / whole;
}
