/** `custom_guard`: one boolean SQL expression over NEW and OLD, let through only in the words of a list. */
import type { Expression } from "../../core/expression.js";
import type { Rule } from "../../sheet/sheet.js";
import type { Lowering } from "./lowering.js";

const words = new Set(
  "new old and or not is null in between like glob case when then else end exists select from where as on join left inner group by having order asc desc limit distinct union all true false cast integer text with recursive values".split(
    " ",
  ),
);
const functions = new Set(
  "abs coalesce count length lower upper max min sum total avg nullif ifnull iif instr substr replace trim ltrim rtrim round typeof group_concat cast exists in and or not when then else values as".split(
    " ",
  ),
);
const token = /\s+|'(?:[^']|'')*'|"(?:[^"]|"")+"|[0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z0-9_]*|<>|<=|>=|!=|==|\|\||[=<>+\-*/%().,]/y;

/** The guard's SQL as it stands, once every word in it is a name of the sheet, a known keyword or a pure function. */
export function lowerCustom(rule: Extract<Rule, { kind: "custom_guard" }>, lowering: Lowering): Expression {
  const fault = faultOf(rule.sql, lowering);
  if (fault !== null) lowering.errors.push({ path: `${lowering.path}.sql`, message: fault });
  return { kind: "sql", text: rule.sql };
}

function faultOf(sql: string, { catalogue }: Lowering): string | null {
  const tables = Object.values(catalogue.tables);
  const names = new Set(tables.flatMap(({ name, columns }) => [name, ...columns.map((column) => column.name)]));
  const aliases = new Set([...sql.matchAll(/\bas\s+([A-Za-z_][A-Za-z0-9_]*)/gi)].map(([, alias]) => alias?.toLowerCase()));
  let depth = 0;
  token.lastIndex = 0;
  while (token.lastIndex < sql.length) {
    const at = token.lastIndex;
    const [word] = token.exec(sql) ?? [];
    if (word === undefined) return `unexpected character ${JSON.stringify(sql[at])} at offset ${at}`;
    if (word === "(") depth += 1;
    if (word === ")") depth -= 1;
    if (depth < 0 || sql.startsWith("--", at) || sql.startsWith("/*", at)) return `unexpected "${sql.slice(at, at + 2)}" at offset ${at}`;
    if (!/^[A-Za-z_]/.test(word)) continue;
    const name = word.toLowerCase();
    if (
      /^\s*\(/.test(sql.slice(token.lastIndex)) &&
      !functions.has(name) &&
      name !== "from" &&
      name !== "select" &&
      name !== "where" &&
      name !== "on"
    )
      return `function "${word}" is not allowed in a custom guard`;
    if (!words.has(name) && !functions.has(name) && !names.has(name) && !aliases.has(name))
      return `unknown name "${word}" (an alias is given by AS)`;
  }
  return depth === 0 ? null : "expected as many closing brackets as opening ones";
}
