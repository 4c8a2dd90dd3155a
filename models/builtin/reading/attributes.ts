/** What a thing of the policy has: each attribute with its type and who gives it, as words and back. */
import { join, type SlotType, symbols } from "./sentence.js";

/** What the values of an attribute are. */
export type AttributeType =
  | { readonly kind: "text" | "money" | "step" }
  | { readonly kind: "count"; readonly min: number; readonly max: number | null }
  | { readonly kind: "values" | "ranks"; readonly values: readonly string[] }
  | { readonly kind: "row"; readonly of: string };

/** Who gives it: whoever creates the row, the clock or the authenticated customer, whoever makes a move, or the system alone. */
export type AttributeSource =
  | { readonly kind: "creator" | "made" | "asks" | "system" }
  | { readonly kind: "recorded" | "decides" | "given"; readonly states: readonly string[] };

export interface Attribute {
  readonly label: string;
  readonly type: AttributeType;
  readonly source: AttributeSource;
}

const item = /^([a-z][a-z0-9' -]*) \(([^();]+)(?:; ([^()]+))?\)$/;

/** "route (text), price (in cents) and departure step (a step)". */
export const attributes: SlotType<readonly Attribute[]> = {
  pattern: "[a-z].*",
  say: (list) => join(list.map(sayAttribute), "and"),
  read: (text) => text.split(/(?<=\)), |(?<=\)) and /).map(readAttribute),
};

function sayAttribute({ label, type, source }: Attribute): string {
  const who = saySource(source);
  return `${label} (${sayType(type)}${who === "" ? "" : `; ${who}`})`;
}

function readAttribute(text: string): Attribute {
  const match = item.exec(text);
  if (match === null) throw new SyntaxError(`Cannot read the attribute "${text}"`);
  return { label: match[1] ?? "", type: readType(match[2] ?? ""), source: readSource(match[3] ?? "") };
}

function sayType(type: AttributeType): string {
  switch (type.kind) {
    case "text":
      return "text";
    case "money":
      return "in cents";
    case "step":
      return "a step";
    case "count":
      return type.max === null ? `a count of at least ${type.min}` : `a count from ${type.min} to ${type.max}`;
    case "values":
      return symbols.say(type.values);
    case "ranks":
      return `ranked ${type.values.join(" below ")}`;
    case "row":
      return `one of the ${type.of}`;
  }
}

function readType(text: string): AttributeType {
  if (text === "text") return { kind: "text" };
  if (text === "in cents") return { kind: "money" };
  if (text === "a step") return { kind: "step" };
  const count = /^a count (?:of at least ([0-9]+)|from ([0-9]+) to ([0-9]+))$/.exec(text);
  if (count !== null) return { kind: "count", min: Number(count[1] ?? count[2]), max: count[3] === undefined ? null : Number(count[3]) };
  if (text.startsWith("ranked ")) return { kind: "ranks", values: text.slice("ranked ".length).split(" below ") };
  if (text.startsWith("one of the ")) return { kind: "row", of: text.slice("one of the ".length) };
  if (new RegExp(`^${symbols.pattern}$`).test(text)) return { kind: "values", values: symbols.read(text) };
  throw new SyntaxError(`Cannot read the type "${text}"`);
}

function saySource(source: AttributeSource): string {
  switch (source.kind) {
    case "creator":
      return "";
    case "made":
      return "recorded by the system when made";
    case "asks":
      return "recorded by the system as who asks";
    case "system":
      return "kept by the system";
    case "recorded":
      return `recorded by the system when ${symbols.say(source.states)}`;
    case "decides":
      return `recorded by the system as who decides when ${symbols.say(source.states)}`;
    case "given":
      return `given when ${symbols.say(source.states)}`;
  }
}

const sources = [
  ["decides", "recorded by the system as who decides when "],
  ["recorded", "recorded by the system when "],
  ["given", "given when "],
] as const;

function readSource(text: string): AttributeSource {
  if (text === "") return { kind: "creator" };
  if (text === "recorded by the system when made") return { kind: "made" };
  if (text === "recorded by the system as who asks") return { kind: "asks" };
  if (text === "kept by the system") return { kind: "system" };
  for (const [kind, start] of sources) if (text.startsWith(start)) return { kind, states: symbols.read(text.slice(start.length)) };
  throw new SyntaxError(`Cannot read who gives it: "${text}"`);
}
