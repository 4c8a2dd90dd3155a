/**
 * A seed's `vocabulary`: what a trade deals in, in its own words, from which the built-in author composes environments
 * (`docs/seeds.md`). Nouns and labels are plain words; a table or column is named like them.
 */
import { z } from "zod";

const words = z.string().regex(/^[a-z][a-z0-9-]*( [a-z0-9][a-z0-9-]*)*$/, "lower case words");
const symbol = z.string().regex(/^[A-Z][A-Z0-9_]{0,40}$/, "upper case, such as ACTIVE");
const choice = z.strictObject({ label: words, values: z.array(symbol).min(2) });
const range = z.strictObject({ label: words, low: z.int().min(1), high: z.int().min(2) });
const thing = { noun: words.describe("one of them: rental order"), plural: words.describe("many of them; names the table") };
const listed = {
  ...thing,
  key: words.describe("label of its key: fare code"),
  prefix: z
    .string()
    .regex(/^[A-Z]{1,4}$/)
    .describe("keys are this, a hyphen and a number"),
};
const standing = z.strictObject({ label: words, good: symbol, bad: z.array(symbol).min(1) });

const groupSchema = z
  .strictObject({ ...listed, names: z.array(z.string()).min(3), standing })
  .describe("the organisation a customer belongs to");

const customersSchema = z.strictObject({
  ...listed,
  names: z.array(z.string()).min(8).describe("first and last name"),
  evidence: z.array(words).min(1).describe("what identifies a customer beside the key: email, postcode"),
  rank: z.strictObject({ label: words, values: z.array(symbol).min(3) }).describe("ranks, lowest first"),
  standing,
  group: groupSchema.optional(),
});

const containerSchema = z.strictObject({
  ...thing,
  acts: z.strictObject({ open: words, submit: words.optional(), cancel: words }),
  states: z.strictObject({ start: symbol, submitted: symbol.optional(), cancelled: symbol }),
  purpose: choice.describe("what it is for; must be given"),
  steps: z.strictObject({ opened: words, cancelled: words }),
});

const resourceSchema = z.strictObject({
  ...listed,
  name: z.strictObject({ label: words, values: z.array(z.string()).min(4) }),
  category: choice.extend({ restricted: z.array(symbol).min(1).describe("categories that a rank may be needed for") }),
  features: z.array(choice).default([]),
  price: range.describe("in cents"),
  numbers: z.array(range).default([]).describe("other numbers to compare by"),
  room: range.optional().describe("how many can have it at once"),
  step: words.optional().describe("when it takes place"),
});

const transactionSchema = z.strictObject({
  ...thing,
  resource: words.describe("noun of what is taken"),
  contained: z.boolean().default(false).describe("belongs to a container"),
  exclusive_use: z.boolean().default(false).describe("two cannot have the resource at the same time"),
  acts: z.strictObject({ open: words, confirm: words.optional(), cancel: words.optional(), close: words.optional() }),
  states: z.strictObject({
    start: symbol,
    confirmed: symbol.optional(),
    cancelled: symbol.optional(),
    closed: symbol.optional(),
    dropped: symbol.optional().describe("where it goes when its container is cancelled"),
  }),
  steps: z.strictObject({
    opened: words,
    confirmed: words.optional(),
    cancelled: words.optional(),
    closed: words.optional(),
    due: words.optional(),
    from: words.optional(),
    to: words.optional(),
  }),
  refund: words.optional().describe("label of the amount given when it is cancelled"),
  quantity: z.strictObject({ label: words, max: z.int().min(2).max(20) }).optional(),
  total: words.optional().describe("label of what it costs: the price times the quantity, or times the steps from `from` to `to`"),
});

const approvalSchema = z.strictObject({
  ...thing,
  of: words,
  acts: z.strictObject({ grant: words, deny: words }),
  states: z.strictObject({ start: symbol, granted: symbol, denied: symbol, dropped: symbol }),
  decider: words,
  step: words,
});

const feeSchema = z.strictObject({
  ...thing,
  of: words.describe("a transaction with a due step and a closed state"),
  amount: words,
  acts: z.strictObject({ pay: words }),
  states: z.strictObject({ start: symbol, paid: symbol }),
  step: words,
});

const waitingSchema = z.strictObject({
  ...thing,
  of: words.describe("a transaction whose resource has room"),
  number: words,
  acts: z.strictObject({ join: words, leave: words }),
  states: z.strictObject({ start: symbol, ready: symbol, left: symbol }),
  step: words,
});

const renewalSchema = z.strictObject({ ...thing, of: words.describe("a transaction with a due step"), act: words, step: words });

const partsSchema = z.strictObject({
  customers: customersSchema,
  container: containerSchema.optional(),
  resources: z.array(resourceSchema).min(1),
  transactions: z.array(transactionSchema).min(1),
  approval: approvalSchema.optional(),
  fee: feeSchema.optional(),
  waiting: waitingSchema.optional(),
  renewal: renewalSchema.optional(),
  keep: z
    .array(
      z.enum([
        "rank",
        "approval",
        "lead",
        "capacity",
        "exclusive",
        "refund",
        "due",
        "fee",
        "balance",
        "waiting",
        "renewal",
        "standing",
        "group",
      ]),
    )
    .default([])
    .describe("rules that every environment has, because the seed's key business rules call for them"),
});

/** What a trade deals in. Everything optional is used in some environments and not in others; references between its parts hold. */
export const vocabularySchema = partsSchema.superRefine((parts, context) => {
  for (const { path, expected } of strayReferences(parts)) context.addIssue({ code: "custom", path: [...path], message: expected });
});

interface Stray {
  readonly path: readonly (string | number)[];
  readonly expected: string;
}

function strayReferences({ resources, transactions, ...parts }: z.output<typeof partsSchema>): readonly Stray[] {
  const nounOf = (things: readonly { readonly noun: string }[], noun: string, path: Stray["path"]): readonly Stray[] => {
    const nouns = things.map((thing) => thing.noun);
    return nouns.includes(noun) ? [] : [{ path, expected: `expected the noun of one of them: ${nouns.join(", ")}` }];
  };
  return [
    ...transactions.flatMap(({ resource }, index) => nounOf(resources, resource, ["transactions", index, "resource"])),
    ...(["approval", "fee", "waiting", "renewal"] as const).flatMap((key) => {
      const part = parts[key];
      return part === undefined ? [] : nounOf(transactions, part.of, [key, "of"]);
    }),
  ];
}

export type Vocabulary = z.infer<typeof vocabularySchema>;
export type VocabularyTransaction = Vocabulary["transactions"][number];
export type VocabularyResource = Vocabulary["resources"][number];
