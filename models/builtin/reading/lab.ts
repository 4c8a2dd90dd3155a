/** Where a pattern tries out what its clause says: small worlds in which customers act, up to one act that is judged. */

/** A value as a tool's argument or a row of an example has it. */
export type Scalar = string | number | null;

/** What a customer of a scene must be like; what is not said is as good as it can be. */
export interface PersonWish {
  /** Exactly this rank. */
  readonly rank?: string;
  /** Other attributes of the customer, by label. */
  readonly set?: Readonly<Record<string, string>>;
  /** Attributes of the organisation, by label. */
  readonly group?: Readonly<Record<string, string>>;
}

/** One world, in which acts are done one after another. Acts get their preconditions by themselves. */
export interface Scene {
  /** A customer by key. */
  person(wish?: PersonWish): string;
  /** A row of a catalogue by key, with these attributes by label. */
  item(noun: string, set?: Readonly<Record<string, string | number>>): string;
  /** The clock. */
  now(): number;
  /** Moves the clock forward. */
  wait(steps: number): void;
  /** Does an act; `set` gives what is not left to the scene, by label, with `row` for the record acted on. Returns the key of the row. */
  do(person: string, act: string, set?: Readonly<Record<string, Scalar>>): Scalar;
  /** The newest record of a thing. */
  made(noun: string): Scalar;
  /** A new customer, for whom the system has just made a record of this thing. */
  asker(noun: string): string;
  /** Lets a customer owe so much by being late, and for so many steps more. */
  owe(person: string, noun: string, debt: { readonly amount: number; readonly more: number }): void;
  /** The value of an attribute of a record, by label; a reference gives the key it holds. */
  read(noun: string, row: Scalar, label: string): Scalar;
  /** Judges an act of this customer. */
  judge(person: string, act: string, verdict: "accepted" | "refused", options?: Judging): void;
}

export interface Judging {
  /** As for `do`. */
  readonly set?: Readonly<Record<string, Scalar>>;
  /** The call is made with this customer authenticated, or nobody. */
  readonly as?: string | null;
  /** Other attributes that the customer has by then, by label, and the customer's organisation. */
  readonly turned?: { readonly set?: Readonly<Record<string, string>>; readonly group?: Readonly<Record<string, string>> };
  /** Changes an amount that the policy fixes, by label. */
  readonly off?: Readonly<Record<string, number>>;
  /** Of an accepted act: exactly these rows are found afterwards. */
  readonly after?: readonly After[];
}

/** After an accepted act: exactly one record of this thing fits `where` and has these values, all by column. */
export interface After {
  readonly noun: string;
  readonly where: Readonly<Record<string, Scalar>>;
  readonly values: Readonly<Record<string, Scalar>>;
}

export interface Lab {
  /** One world from the beginning; a scene that cannot be set up is noted and left out. */
  scene(title: string, play: (scene: Scene) => void): void;
}
