/** What an environment of a trade consists of: which tables there are and which rules bind them, drawn at random. */
import type { Vocabulary, VocabularyResource, VocabularyTransaction } from "../../agents/vocabulary.js";
import type { Random } from "./random.js";

export interface TransactionShape {
  readonly words: VocabularyTransaction;
  readonly resource: VocabularyResource;
  /** Lies in a container. */
  readonly contained: boolean;
  /** Takes a second step before it is final. */
  readonly confirm: boolean;
  readonly refund: "ahead" | "since" | null;
  readonly total: "quantity" | "quantity-rank" | "span" | null;
  readonly span: boolean;
  readonly due: "plain" | "rank" | null;
  readonly counter: boolean;
  readonly quota: "container" | "customer" | "rank";
  readonly exclusive: boolean;
  readonly overlap: boolean;
  readonly capacity: boolean;
  readonly lead: boolean;
  readonly lateCancel: boolean;
  readonly rankForCategory: boolean;
  readonly priceCap: boolean;
  readonly standing: boolean;
  readonly groupStanding: boolean;
  readonly approval: boolean;
}

export interface Shape {
  readonly vocabulary: Vocabulary;
  readonly group: boolean;
  readonly container: {
    readonly words: NonNullable<Vocabulary["container"]>;
    readonly submit: boolean;
    readonly cancel: "cascade" | "empty-first";
    readonly standing: boolean;
  } | null;
  readonly transactions: readonly TransactionShape[];
  readonly approval: { readonly words: NonNullable<Vocabulary["approval"]>; readonly rank: boolean } | null;
  readonly fee: { readonly words: NonNullable<Vocabulary["fee"]>; readonly balance: boolean } | null;
  readonly waiting: NonNullable<Vocabulary["waiting"]> | null;
  readonly renewal: { readonly words: NonNullable<Vocabulary["renewal"]>; readonly nobodyWaits: boolean } | null;
}

/** Draws a shape: what the seed's key rules call for is always in it, the rest by chance. */
export function drawShape(vocabulary: Vocabulary, random: Random): Shape {
  const kept = new Set<string>(vocabulary.keep);
  const wants = (feature: string, probability: number): boolean => random.chance(probability) || kept.has(feature);
  const group = vocabulary.customers.group !== undefined && wants("group", 0.5);
  const approval =
    vocabulary.approval !== undefined && wants("approval", 0.6) ? { words: vocabulary.approval, rank: random.chance(0.5) } : null;
  const fee = vocabulary.fee !== undefined && wants("fee", 0.6) ? { words: vocabulary.fee, balance: wants("balance", 0.6) } : null;
  const waiting = vocabulary.waiting !== undefined && wants("waiting", 0.5) ? vocabulary.waiting : null;
  const renewal =
    vocabulary.renewal !== undefined && wants("renewal", 0.5)
      ? { words: vocabulary.renewal, nobodyWaits: waiting !== null && random.chance(0.6) }
      : null;
  const followed = new Set([approval?.words.of, fee?.words.of, waiting?.of, renewal?.words.of]);
  const chosen = vocabulary.transactions.filter((words, index) => {
    const drawn = random.chance(0.6);
    return index === 0 || followed.has(words.noun) || drawn;
  });
  const withContainer = vocabulary.container !== undefined && chosen.some(({ contained }) => contained);
  const bare = { group, wants, approval: approval?.words.of, waiting: waiting?.of, withContainer };
  return {
    vocabulary,
    group,
    container:
      withContainer && vocabulary.container !== undefined
        ? {
            words: vocabulary.container,
            submit: random.chance(0.5),
            cancel: random.chance(0.5) ? "cascade" : "empty-first",
            standing: random.chance(0.5),
          }
        : null,
    transactions: chosen.map((words) => drawTransaction(vocabulary, random, { words, ...bare })),
    approval,
    fee,
    waiting,
    renewal,
  };
}

interface Bare {
  readonly words: VocabularyTransaction;
  readonly group: boolean;
  readonly approval: string | undefined;
  readonly waiting: string | undefined;
  readonly withContainer: boolean;
  readonly wants: (feature: string, probability: number) => boolean;
}

function drawTransaction(
  vocabulary: Vocabulary,
  random: Random,
  { words, group, approval, waiting, withContainer, wants }: Bare,
): TransactionShape {
  const resource = vocabulary.resources.find(({ noun }) => noun === words.resource);
  if (resource === undefined) throw new RangeError(`Cannot compose: no resource "${words.resource}" for ${words.plural}`);
  const contained = words.contained && withContainer;
  const hasStep = resource.step !== undefined || words.steps.from !== undefined;
  const span = words.steps.from !== undefined && words.steps.to !== undefined;
  const total =
    words.total === undefined
      ? null
      : span
        ? "span"
        : words.quantity === undefined
          ? null
          : random.pick(["quantity", "quantity-rank"] as const);
  const refunded = words.refund !== undefined && words.acts.cancel !== undefined && wants("refund", 0.6);
  return {
    words,
    resource,
    contained,
    confirm: words.acts.confirm !== undefined && (random.chance(0.6) || approval === words.noun),
    refund: refunded ? (hasStep && random.chance(0.6) ? "ahead" : "since") : null,
    total,
    span,
    due: words.steps.due === undefined ? null : random.pick(["plain", "rank"] as const),
    counter: contained && random.chance(0.6),
    quota: contained ? random.pick(["container", "container", "customer"] as const) : random.pick(["customer", "rank"] as const),
    exclusive: !span && wants("exclusive", 0.4),
    overlap: span && words.exclusive_use,
    capacity: resource.room !== undefined && (wants("capacity", 0.5) || waiting === words.noun),
    lead: hasStep && wants("lead", 0.6),
    lateCancel: hasStep && words.acts.cancel !== undefined && random.chance(0.3),
    rankForCategory: wants("rank", 0.6),
    priceCap: approval !== words.noun && random.chance(0.35),
    standing: wants("standing", 0.5),
    groupStanding: group && random.chance(0.7),
    approval: approval === words.noun,
  };
}
