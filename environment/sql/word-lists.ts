/** The words that untrusted SQL may use: what is not listed as a function may not be called. */

/** Functions of a value alone, aggregates and window functions: same arguments, same answer, on every machine. */
export const pureFunctions: ReadonlySet<string> = new Set(
  [
    "abs ceil ceiling floor mod pow power round sign sqrt trunc exp ln log log10 log2 pi radians degrees",
    "acos acosh asin asinh atan atan2 atanh cos cosh sin sinh tan tanh",
    "coalesce ifnull nullif iif if min max typeof likely unlikely likelihood",
    "length octet_length lower upper substr substring trim ltrim rtrim instr replace hex unhex quote char unicode concat concat_ws",
    "like glob",
    "count sum total avg group_concat string_agg",
    "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value",
    "json json_array json_array_length json_extract json_insert json_object json_patch json_pretty json_quote json_remove json_replace json_set json_type json_valid json_error_position json_group_array json_group_object",
  ].flatMap((line) => line.split(" ")),
);

/** Functions in FROM; each yields as many rows as its argument has members. */
export const tableFunctions: ReadonlySet<string> = new Set(["json_each", "json_tree"]);

/** Functions that read the machine's clock when told so: free in a DEFAULT, elsewhere on stored values only. */
export const dateFunctions: ReadonlySet<string> = new Set(["date", "time", "datetime", "julianday", "strftime", "unixepoch", "timediff"]);

/** Keywords that read the clock without any argument. */
export const clockWords: ReadonlySet<string> = new Set(["current_date", "current_time", "current_timestamp"]);

/** Functions that people do write and that are refused, each with what to write instead. */
export const refusedFunctions: ReadonlyMap<string, string> = new Map([
  ["random", "a verdict may not depend on chance; compute the value from the row"],
  ["randomblob", "a verdict may not depend on chance; compute the value from the row"],
  ["zeroblob", "it fills memory; write the blob x'…' itself"],
  ["printf", "its width fills memory; join texts by ||, round by round()"],
  ["format", "its width fills memory; join texts by ||, round by round()"],
  ["load_extension", "no code is loaded by SQL"],
  ["changes", "its answer depends on the connection, not on the rows; count the rows"],
  ["total_changes", "its answer depends on the connection, not on the rows; count the rows"],
  ["last_insert_rowid", "its answer depends on the connection; it may be called in a trigger only after an INSERT of the same body"],
]);

/** Keywords that may stand before a bracket and call nothing. */
export const keywordsBeforeBracket: ReadonlySet<string> = new Set(
  "all and as between by case check conflict default distinct else escape except exists filter from glob group having in intersect is isnull join key like limit match materialized not notnull offset on or order over primary returning select set then union unique using values when where with".split(
    " ",
  ),
);

/** Words that say something other than a name: nothing is looked up by them. */
export const keywords: ReadonlySet<string> = new Set([
  ...keywordsBeforeBracket,
  ..."abort asc begin cast collate cross current delete desc do end false first following for full groups if ignore inner insert into last left natural nothing null nulls others outer partition preceding raise range right row rows ties true unbounded update window".split(
    " ",
  ),
]);

/** Collations that every SQLite has. */
export const collations: ReadonlySet<string> = new Set(["binary", "nocase", "rtrim"]);

/** Tables that SQLite has without being declared; reading them shows pages and settings, not rows. */
export const builtInTables: ReadonlySet<string> = new Set(["dbstat", "bytecode", "tables_used", "fts3tokenize", "json_each", "json_tree"]);
