import type { CountryCode } from "libphonenumber-js/core";
import type { CountryPlan, TypePlan } from "./country_plan.ts";
import type { DigitsState } from "./digits_automaton.ts";

const DIGITS = [..."0123456789"];

/** All that matters of a valid number besides its digits. */
export interface NumberKind {
  /** As libphonenumber-js says: the first in its order, where several countries share a number. */
  country: CountryCode;
  /** All countries in which the number is valid, such as Christmas Island's for an Australian mobile. */
  shared: readonly CountryCode[];
  /** Its digits say where the phone is: a fixed line, or one of the numbers that mobiles share. */
  isLocal: boolean;
}

/** Where some first digits after a calling code lead. */
export interface DigitsRead {
  readonly key: string;
  readonly length: number;
  readonly countries: readonly CountryRead[];
}

interface CountryRead {
  national: DigitsState;
  leading: DigitsState;
  types: readonly DigitsState[];
}

/** The numbers of one calling code, digit by digit. */
export class NumberKinds {
  readonly start: DigitsRead;
  readonly #plans: readonly CountryPlan[];
  readonly #types: readonly (readonly TypePlan[])[];
  readonly #ids = new Map<DigitsState, number>();
  readonly #below = new Map<string, ReadonlyMap<string, NumberKind>>();

  /** @param plans The countries of the calling code, in the library's order. */
  constructor(plans: readonly CountryPlan[]) {
    this.#plans = plans;
    this.#types = plans.map(typesOf);
    this.start = this.#read(
      0,
      plans.map(({ national, leading }, index) => ({
        national: national.initial,
        leading: leading?.initial ?? null,
        types: this.#types[index]!.map(({ digits }) => digits.initial),
      })),
    );
  }

  /** After one digit more. */
  next(read: DigitsRead, digit: string): DigitsRead {
    return this.#read(
      read.length + 1,
      read.countries.map(({ national, leading, types }, index) => ({
        national: this.#plans[index]!.national.next(national, digit),
        leading: this.#plans[index]!.leading?.next(leading, digit) ?? null,
        types: types.map((type, at) => this.#types[index]![at]!.digits.next(type, digit)),
      })),
    );
  }

  /** The number that ends here, null when it is not valid. */
  ending(read: DigitsRead): NumberKind | null {
    const valid = this.#plans.filter((_, index) => this.#matching(read, index).length > 0);
    const owner = this.#plans.findIndex((plan, index) =>
      this.#plans.length === 1 ||
      (plan.leading ? plan.leading.matches(read.countries[index]!.leading) : valid.includes(plan))
    );
    const plan = this.#plans[owner];
    if (plan === undefined || !valid.includes(plan)) return null;
    return {
      country: plan.country,
      shared: valid.map(({ country }) => country),
      isLocal: isLocal(plan, this.#matching(read, owner)),
    };
  }

  /** Every kind of valid number that begins with these digits, or is these digits. */
  below(read: DigitsRead): ReadonlyMap<string, NumberKind> {
    const known = this.#below.get(read.key);
    if (known) return known;
    const kinds = new Map<string, NumberKind>();
    if (read.countries.some(({ national }) => national !== null)) {
      const kind = this.ending(read);
      if (kind) kinds.set(JSON.stringify(kind), kind);
      for (const digit of DIGITS) {
        for (const [key, kind] of this.below(this.next(read, digit))) kinds.set(key, kind);
      }
    }
    this.#below.set(read.key, kinds);
    return kinds;
  }

  #matching(read: DigitsRead, index: number): TypePlan[] {
    const { national, types } = read.countries[index]!;
    if (!this.#plans[index]!.national.matches(national)) return [];
    return this.#types[index]!.filter(({ digits, lengths }, at) =>
      digits.matches(types[at]!) && lengths.includes(read.length)
    );
  }

  #read(length: number, countries: CountryRead[]): DigitsRead {
    const states = countries.flatMap(({ national, leading, types }) => [
      ...[national, leading],
      ...types,
    ]);
    return { length, countries, key: `${length} ${states.map((state) => this.#id(state))}` };
  }

  #id(state: DigitsState): number {
    if (!this.#ids.has(state)) this.#ids.set(state, this.#ids.size);
    return this.#ids.get(state)!;
  }
}

function typesOf({ fixedLine, mobile, others }: CountryPlan): TypePlan[] {
  return [fixedLine, mobile === "either" ? null : mobile, ...others].filter((type) =>
    type !== null
  );
}

function isLocal({ fixedLine }: CountryPlan, matching: readonly TypePlan[]): boolean {
  return fixedLine !== null && matching.includes(fixedLine);
}
