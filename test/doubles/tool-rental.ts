/** A small environment of its own trade: machines are lent to members, and loans may be insured. Its policy is in the author's English. */
import type { Policy } from "../../agents/architect-policy.js";
import { type Sheet, sheetSchema } from "../../environment/sheet/sheet.js";
import { declarationsOf, readPolicyText, rulesOf } from "../../models/builtin/reading/read-policy.js";

const TEXT = `# Tool rental

## Service

1.1 Every change is made for one member, who is identified by member number and birth year.
1.2 Nobody may add or change members, machines and insurance plans.

## What is kept

2.1 The catalogue of machines lists a machine by its machine code, with kind (DRILL, SAW, SANDER or MIXER), maker (text), daily price (in cents), deposit (in cents), weight (a count of at least 1), licence (NONE or NEEDED) and condition (GOOD, WORN or IN_REPAIR). [conduct]
2.2 The catalogue of insurance plans lists an insurance plan by its plan code, with cover (THEFT, DAMAGE or ALL) and fee (in cents). [conduct]
2.3 The register of members holds a member by its member number, with name (text), birth year (a count of at least 1900) and rank (ranked BASIC below PLUS below PRO). [conduct]
2.4 Of a loan the list of loans records member (one of the members; recorded by the system as who asks), machine (one of the machines), number of days (a count from 1 to 14), price (in cents), reserved step (a step; recorded by the system when made) and refund (in cents; given when CANCELLED).
2.5 Of an insurance the list of insurances records loan (one of the loans) and insurance plan (one of the insurance plans).

## What can be asked for

3.1 A member may ask to reserve a machine, which makes a loan that starts as RESERVED.
3.2 A member may ask to cancel a loan, which takes a loan from RESERVED to CANCELLED.
3.3 A member may ask to collect a machine, which takes a loan from RESERVED to OUT.
3.4 A member may ask to insure a loan, which makes an insurance.
3.5 A loan that is CANCELLED never changes again.
3.6 Only loans that are RESERVED or OUT count as live.
3.7 Two loans may be alike in everything but their number.
3.8 Two insurances may be alike in everything but their number.

## Who may

4.1 Only the member to whom a loan belongs may cancel a loan.
4.2 Only the member to whom a loan belongs may collect a machine.
4.3 Only the member to whom an insurance belongs may insure a loan.
4.4 Only members of rank PRO or above may reserve a machine where the licence of the machine is NEEDED.

## Conditions and limits

5.1 A member may have at most 2 live loans.
5.2 To insure a loan the loan must be RESERVED or OUT.
5.3 The price of a new loan is its number of days times the daily price of the machine.
5.4 When a loan becomes CANCELLED, its refund is, of the price of the loan, 0 percent from 12 steps, 50 percent from 5 steps and 100 percent below, by the steps passed since its reserved step, rounded down.
`;

const reading = readPolicyText(TEXT);

export const toolRentalPolicy: Policy = {
  title: reading.title,
  clauses: reading.clauses.map(({ id, kind, text, heading }) => ({ id, kind, text, ...(heading === null ? {} : { heading }) })),
};

/** The rule sheet that follows from the policy. */
export function toolRentalSheet(): Sheet {
  const { draft } = declarationsOf(reading);
  return sheetSchema.parse({
    logigen: 1,
    id: "tool-rental",
    title: reading.title,
    policy: toolRentalPolicy.clauses,
    ...draft,
    rules: rulesOf(reading).rules,
  });
}

/** Steps after which the loans below were made; the clock at the origin. */
export const toolRentalNow = 20;

type Plain = Readonly<Record<string, string | number | null>>;

/** Members on every side of the rules, a catalogue in which choosing takes several words, and loans of several members. */
export const toolRentalRows: Readonly<Record<string, readonly Plain[]>> = {
  members: [
    { member_number: "M-101", name: "Ines Falk", birth_year: 1981, rank: "BASIC" },
    { member_number: "M-102", name: "Otto Brandt", birth_year: 1975, rank: "PRO" },
    { member_number: "M-103", name: "Ravi Menon", birth_year: 1990, rank: "PLUS" },
    { member_number: "M-104", name: "Sara O'Neil", birth_year: 1969, rank: "BASIC" },
  ],
  machines: [
    machine("D-11", ["DRILL", "Kestrel", 900, 5000, 2, "NONE", "GOOD"]),
    machine("D-12", ["DRILL", "Kestrel", 1100, 5000, 3, "NONE", "WORN"]),
    machine("D-13", ["DRILL", "Borg & Sons", 1100, 6400, 2, "NONE", "GOOD"]),
    machine("S-21", ["SAW", "Kestrel", 1800, 12001, 6, "NEEDED", "GOOD"]),
    machine("S-22", ["SAW", "Northway", 1500, 9000, 5, "NONE", "GOOD"]),
    machine("S-23", ["SAW", "Northway", 1200, 9000, 7, "NONE", "IN_REPAIR"]),
    machine("A-31", ["SANDER", "Borg & Sons", 701, 3001, 2, "NONE", "GOOD"]),
    machine("A-32", ["SANDER", "Northway", 701, 3500, 3, "NONE", "WORN"]),
    machine("X-41", ["MIXER", "Kestrel", 2500, 20000, 40, "NEEDED", "GOOD"]),
    machine("X-42", ["MIXER", "Northway", 2200, 18000, 38, "NEEDED", "WORN"]),
    machine("X-43", ["MIXER", "Northway", 1900, 15000, 25, "NONE", "GOOD"]),
    machine("X-44", ["MIXER", "Northway", 1900, 15500, 25, "NONE", "IN_REPAIR"]),
    machine("A-33", ["SANDER", "Kestrel", 820, 3600, 3, "NONE", "GOOD"]),
    machine("A-34", ["SANDER", "Kestrel", 820, 3900, 4, "NEEDED", "GOOD"]),
  ],
  insurance_plans: [
    { plan_code: "T1", cover: "THEFT", fee: 300 },
    { plan_code: "D1", cover: "DAMAGE", fee: 450 },
    { plan_code: "D2", cover: "DAMAGE", fee: 380 },
    { plan_code: "A1", cover: "ALL", fee: 700 },
  ],
  loans: [
    loan(1, ["M-101", "D-11", 3, 2700, 2, "RESERVED"]),
    loan(2, ["M-101", "A-31", 5, 3505, 4, "OUT"]),
    loan(3, ["M-102", "S-21", 7, 12600, 15, "RESERVED"]),
    loan(4, ["M-102", "D-12", 2, 2200, 16, "CANCELLED"]),
    loan(5, ["M-103", "X-43", 4, 7600, 16, "RESERVED"]),
    loan(6, ["M-103", "D-13", 1, 1100, 8, "OUT"]),
    loan(7, ["M-104", "A-32", 6, 4206, 9, "CANCELLED"]),
    loan(8, ["M-104", "A-31", 7, 4907, 10, "RESERVED"]),
  ],
  insurances: [{ id: 1, loan_id: 3, plan_code: "T1" }],
};

function machine(
  machine_code: string,
  [kind, maker, daily_price, deposit, weight, licence, condition]: readonly [string, string, number, number, number, string, string],
): Plain {
  return { machine_code, kind, maker, daily_price, deposit, weight, licence, condition };
}

function loan(
  id: number,
  [member_number, machine_code, number_of_days, price, reserved_step, status]: readonly [string, string, number, number, number, string],
): Plain {
  return { id, member_number, machine_code, number_of_days, price, reserved_step, status, refund: status === "CANCELLED" ? price : null };
}
