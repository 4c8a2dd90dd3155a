import { foldName } from "../../sql/tokenize-sql.js";
import type { SqlForeignKey, SqlTable } from "../../engine/sql-tables.js";
import type { Finding, ImportFacts } from "../facts.js";

/** Foreign keys without an index of their own, those that point at no table or at columns that are no key, and deferred ones. */
export function foreignKeys({ tables }: ImportFacts): readonly Finding[] {
  return tables.flatMap((table) => [
    ...table.foreignKeys.flatMap((key) => [...aim(tables, table, key), ...index(table, key)]),
    ...(table.deferred
      ? [
          {
            kind: "foreign-key-deferred",
            object: table.name,
            message: "a foreign key is deferred: it is checked after each write, since a session never commits",
          },
        ]
      : []),
  ]);
}

function aim(tables: readonly SqlTable[], table: SqlTable, key: SqlForeignKey): readonly Finding[] {
  const object = objectOf(table, key);
  const target = tables.find(({ name }) => name === key.target);
  if (target === undefined)
    return [
      {
        kind: "foreign-key-target",
        object,
        message: `it points at "${key.written}", and there is no such table: a write that sets it fails`,
      },
    ];
  const to = key.to.map(foldName);
  const isKey =
    isSameSet(to, target.key) ||
    target.indexes.some(
      ({ unique, partial, columns }) =>
        unique &&
        !partial &&
        isSameSet(
          to,
          columns.map((name) => name ?? ""),
        ),
    );
  const message = `it points at ${key.to.map((name) => `"${name}"`).join(", ") || "the key"} of "${target.name}", which is no key there: a write that sets it fails`;
  return isKey ? [] : [{ kind: "foreign-key-target", object, message }];
}

function isSameSet(names: readonly string[], others: readonly string[]): boolean {
  const set = new Set(others.map(foldName));
  return names.length > 0 && names.length === set.size && names.every((name) => set.has(name));
}

function index(table: SqlTable, key: SqlForeignKey): readonly Finding[] {
  const wanted = new Set(key.columns.map(foldName));
  const leads = (columns: readonly (string | null)[]) =>
    columns.slice(0, wanted.size).every((name) => name !== null && wanted.has(foldName(name)));
  const isIndexed =
    table.indexes.some(({ partial, columns }) => !partial && columns.length >= wanted.size && leads(columns)) ||
    (table.key.length >= wanted.size && leads(table.key));
  return isIndexed
    ? []
    : [
        {
          kind: "foreign-key-unindexed",
          object: objectOf(table, key),
          message: `no index starts with it: a write of "${key.written}" reads the whole table`,
        },
      ];
}

function objectOf(table: SqlTable, { columns }: SqlForeignKey): string {
  return `${table.name}.${columns.join("+")}`;
}
