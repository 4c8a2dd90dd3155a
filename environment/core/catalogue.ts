/** Everything a sheet declares about its tables, with the strict defaults resolved. */
import type { Expression } from "./expression.js";
import type { Value } from "./values.js";

/** The name of the one-row table that holds the clock, the user, the desk and the transfer. */
export const CONTEXT_TABLE = "logigen_context";

/** Who gives a column's value when a row is created. */
export type InsertSource =
  | { readonly kind: "agent" }
  /** The clock, the authenticated user or the desk: the executor fills it, the database compares. */
  | { readonly kind: "clock" | "user" | "desk" }
  /** The only state in which a row starts (with several, the agent chooses). */
  | { readonly kind: "start" }
  /** The database: a surrogate key. */
  | { readonly kind: "key" }
  /** The engine: its default, else NULL, unless an effect creates the row. */
  | { readonly kind: "system" }
  | { readonly kind: "counter"; readonly rule: string }
  | { readonly kind: "derived"; readonly expression: Expression }
  /** The hidden column that shows whether an effect is still due; in no tool. */
  | { readonly kind: "mark" };

/** Who may change a column. `moves` ("A>B") may still set it, whatever `by` says. */
export interface UpdateRule {
  readonly by: "agent" | "fixed" | "system" | "state" | "clock" | "user" | "desk" | "counter" | "derived" | "mark";
  /** Moves that may change it; of clock, user and desk columns, the moves that stamp it. */
  readonly moves: readonly string[];
  /** States in which the agent may no longer change it. */
  readonly frozen: readonly string[];
  /** Effects that write it. */
  readonly effects: readonly string[];
}

export interface CatalogueColumn {
  readonly name: string;
  readonly type: "integer" | "text" | "real";
  readonly label: string;
  /** `date` (text that sorts as time) and `blob` (bytes, which no tool takes) only in imports. */
  readonly unit: "step" | "money" | "count" | "percent" | "flag" | "date" | "blob" | null;
  readonly step: "planned" | "past" | "supplied" | null;
  readonly class: "business" | "text" | "technical" | "provenance";
  readonly visible: boolean;
  readonly nullable: boolean;
  readonly nullMeaning: "none" | "open" | "unknown" | null;
  readonly values: readonly (string | number)[] | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly maxLength: number | null;
  readonly format: string | null;
  readonly references: string | null;
  /** Undefined: no default. */
  readonly default: Value | undefined;
  readonly insert: InsertSource;
  readonly update: UpdateRule;
  readonly quoted: boolean;
  /** Only in imports: a date function of a trigger reads it, and would read the machine's clock from a text such as 'now'. */
  readonly timed?: true;
  readonly clauses: readonly string[];
  /** Whether the insert tool takes it. */
  readonly insertArgument: "required" | "optional" | "none";
  /** Whether the update tool takes it. */
  readonly updateArgument: boolean;
}

/** A hidden column of which nothing is declared, for those that no sheet declares; each says what it has otherwise. */
export const plainColumn = {
  label: "",
  unit: null,
  step: null,
  class: "technical",
  visible: false,
  nullable: true,
  nullMeaning: "none",
  values: null,
  min: null,
  max: null,
  maxLength: null,
  format: null,
  references: null,
  default: undefined,
  quoted: false,
  clauses: [],
  insertArgument: "none",
  updateArgument: false,
} as const satisfies Partial<CatalogueColumn>;

export interface CatalogueMove {
  readonly from: string;
  readonly to: string;
  readonly by: "agent" | "system" | "other";
  readonly when: Expression | null;
  readonly sets: readonly string[];
  readonly phrase: string | null;
  readonly clauses: readonly string[];
}

export interface StateMachine {
  readonly column: string;
  readonly start: readonly string[];
  readonly moves: readonly CatalogueMove[];
  readonly end: readonly string[];
  readonly clauses: readonly string[];
}

export interface CatalogueTable {
  readonly name: string;
  readonly label: string;
  readonly plural: string;
  readonly layer: "L0" | "L1" | "L2" | "context";
  /** In the order of the sheet, marks last. */
  readonly columns: readonly CatalogueColumn[];
  readonly key: readonly string[];
  /** Whether the key is one integer that the database chooses. */
  readonly surrogate: boolean;
  /** Of an import's table without a key: the name by which its hidden rowid is reached, which no column has; null for a table with a key. */
  readonly rowid: string | null;
  /** Whether an import's foreign keys of this table are checked no sooner than at a commit, which a session never makes. */
  readonly deferred: boolean;
  readonly create: { readonly by: "agent" | "system"; readonly phrase: string | null } | null;
  readonly states: StateMachine | null;
  /** States that count as present (null: all), and the step column up to which a row is live (inclusive; NULL is open). */
  readonly live: { readonly states: readonly string[] | null; readonly until: string | null };
  readonly unique: readonly {
    readonly columns: readonly string[];
    readonly states: readonly string[] | null;
    readonly clauses: readonly string[];
  }[];
  /** Hidden columns of a table whose writes set effects off, each equal to `of` (null: the text "created") once they ran. */
  readonly marks: readonly { readonly column: string; readonly of: string | null }[];
  readonly clauses: readonly string[];
}

export interface Catalogue {
  readonly mode: "session" | "columns";
  readonly actor: {
    readonly table: string;
    readonly key: string;
    readonly evidence: readonly string[];
    readonly desk: string | null;
  } | null;
  /** Ranks, lowest first. */
  readonly ladders: Readonly<Record<string, readonly string[]>>;
  /** In the order of the sheet, without the context table. */
  readonly tables: Readonly<Record<string, CatalogueTable>>;
  readonly context: CatalogueTable;
}

/**
 * A table by name, the context table among them.
 *
 * @throws {RangeError} If the sheet has no such table.
 */
export function tableOf(catalogue: Catalogue, name: string): CatalogueTable {
  const table = name === CONTEXT_TABLE ? catalogue.context : catalogue.tables[name];
  if (table === undefined) throw new RangeError(`Table "${name}" is absent from the sheet`);
  return table;
}

/** The columns by which a row is addressed: its key, in the order of the PRIMARY KEY, or the rowid of a table without one. */
export function addressOf({ key, rowid }: CatalogueTable): readonly string[] {
  return key.length === 0 && rowid !== null ? [rowid] : key;
}

/** A column by name, or undefined. */
export function findColumn(table: CatalogueTable, name: string): CatalogueColumn | undefined {
  return table.columns.find((column) => column.name === name);
}

/**
 * A column by name.
 *
 * @throws {RangeError} If the table has no such column.
 */
export function columnOf(table: CatalogueTable, name: string): CatalogueColumn {
  const column = findColumn(table, name);
  if (column === undefined) throw new RangeError(`Column "${name}" is absent from table "${table.name}"`);
  return column;
}
