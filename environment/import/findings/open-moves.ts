import { foldName } from "../../sql/tokenize-sql.js";
import type { Finding, ImportFacts } from "../facts.js";
import { enumOf } from "../value-domains.js";
import { openMoves } from "./open-columns.js";

/** Columns whose values a CHECK lists, with the changes among them that no trigger refuses whatever else is written. */
export function openStateMoves(facts: ImportFacts): readonly Finding[] {
  return facts.tables.flatMap((table) =>
    table.columns.flatMap(({ name, generated }) => {
      if (generated || table.key.includes(name) || enumOf(table, name) === null) return [];
      const moves = openMoves(facts, { table: foldName(table.name), column: foldName(name) });
      const values = enumOf(table, name)?.length ?? 0;
      const isAny = moves.length === values * (values - 1);
      const shown = moves.slice(0, 12).map(({ from, to }) => `${from} to ${to}`);
      const rest = moves.length > shown.length ? ` and ${moves.length - shown.length} more` : "";
      const message = isAny ? "no trigger refuses any change of it" : `no trigger refuses the change from ${shown.join(", ")}${rest}`;
      return moves.length === 0 ? [] : [{ kind: "open-move", object: `${table.name}.${name}`, message }];
    }),
  );
}
