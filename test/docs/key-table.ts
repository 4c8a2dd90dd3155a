/** The keys of a document as a Markdown table, from its JSON schema. */
import { z } from "zod";
import { markdownTable } from "./fill-blocks.js";

const nodeSchema = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  propertyNames: z.looseObject({ enum: z.array(z.string()).optional() }).optional(),
  additionalProperties: z.unknown().optional(),
});
type Node = z.infer<typeof nodeSchema>;

/** A row for every key, in the schema's order; the keys of a mapping follow it or, where it says nothing itself, stand for it; `<name>` stands for a name of the user's own. */
export function keyTable(schema: z.ZodType): string {
  const root = nodeSchema.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  return markdownTable(["key", "value", "default", "meaning"], rowsBelow("", root));
}

/** The path of every key that the table has. */
export function keyPaths(schema: z.ZodType): readonly string[] {
  const root = nodeSchema.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  return rowsBelow("", root).flatMap(([path]) => (path === undefined ? [] : [path]));
}

function rowsBelow(path: string, node: Node): readonly (readonly string[])[] {
  return childrenOf(node).flatMap(({ name, child, isRequired }) => {
    const below = path === "" ? name : `${path}.${name}`;
    const row = [`\`${below}\``, valueOf(child), isRequired ? "required" : defaultOf(child), child.description ?? ""];
    const isFrame = child.type === "object" && child.description === undefined;
    return [...(isFrame ? [] : [row]), ...rowsBelow(below, child)];
  });
}

function childrenOf(node: Node): readonly { readonly name: string; readonly child: Node; readonly isRequired: boolean }[] {
  const named = Object.entries(node.properties ?? {}).map(([name, child]) => ({
    name,
    child: nodeSchema.parse(child),
    isRequired: node.required?.includes(name) ?? false,
  }));
  if (typeof node.additionalProperties !== "object" || node.additionalProperties === null) return named;
  const name = node.propertyNames?.enum === undefined ? "<name>" : "<role>";
  return [...named, { name, child: nodeSchema.parse(node.additionalProperties), isRequired: false }];
}

function valueOf(node: Node): string {
  if (node.anyOf !== undefined) return node.anyOf.map((one) => valueOf(nodeSchema.parse(one))).join(" or ");
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(", ");
  if (node.type === "object") {
    const names = node.propertyNames?.enum;
    return names === undefined ? "mapping" : `mapping of ${names.map((name) => `\`${name}\``).join(", ")}`;
  }
  if (node.type === "integer" || node.type === "number") return `${node.type}${boundsOf(node)}`;
  return node.type === "string" ? "text" : (node.type ?? "anything");
}

/** The largest safe integer and more are no bounds that a person meets. */
function boundsOf({ type, minimum, exclusiveMinimum, maximum }: Node): string {
  const least = minimum ?? (exclusiveMinimum === undefined ? undefined : type === "integer" ? exclusiveMinimum + 1 : undefined);
  const bounds = [
    ...(least === undefined ? [] : [`≥ ${least}`]),
    ...(least === undefined && exclusiveMinimum !== undefined ? [`> ${exclusiveMinimum}`] : []),
    ...(maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? [] : [`≤ ${maximum}`]),
  ];
  return bounds.length === 0 ? "" : `, ${bounds.join(" and ")}`;
}

/** A mapping's default is that of its keys. */
function defaultOf(node: Node): string {
  if (node.default === undefined || (typeof node.default === "object" && node.default !== null)) return "";
  return `\`${JSON.stringify(node.default).replaceAll('"', "")}\``;
}
