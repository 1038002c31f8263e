import type { CountryCode } from "libphonenumber-js/core";
import metadata from "libphonenumber-js/max/metadata";
import { type CountryPlan, countryPlan } from "./country_plan.ts";
import { type LibraryZones, libraryZones } from "./library_zones.ts";
import { type DigitsRead, type NumberKind, NumberKinds } from "./number_kinds.ts";

const DIGITS = [..."0123456789"];
/** As long as the longest prefix in Google's data. Numbers that differ later share a row. */
const LONGEST_PREFIX = 9;

/** One row of the table. */
export interface PrefixRow {
  /** The digits after the +. */
  prefix: string;
  /** Null = several, or none. */
  country: CountryCode | null;
  zones: readonly string[];
}

/** The rows of all calling codes, in the order of their prefixes. */
export async function prefixRows(): Promise<PrefixRow[]> {
  const zones = await libraryZones();
  const rows = Object.entries(metadata.country_calling_codes).flatMap(([code, countries]) =>
    new CallingCode(code, countries.map(countryPlan), zones).rows()
  );
  const worldwide = Object.keys(metadata.nonGeographic).map((prefix) => ({
    ...{ prefix, country: null },
    zones: zones.get(prefix) ?? [],
  }));
  return [...rows, ...worldwide].sort((one, other) => one.prefix < other.prefix ? -1 : 1);
}

/** The rows of one calling code. */
class CallingCode {
  readonly #code: string;
  readonly #plans: readonly CountryPlan[];
  readonly #kinds: NumberKinds;
  readonly #zones: LibraryZones;
  /** All that are longer than the calling code and begin with it. */
  readonly #prefixes: readonly string[];
  readonly #zonesOfCountry: ReadonlyMap<CountryCode, readonly string[]>;

  constructor(code: string, plans: readonly CountryPlan[], zones: LibraryZones) {
    this.#code = code;
    this.#plans = plans;
    this.#kinds = new NumberKinds(plans);
    this.#zones = zones;
    this.#prefixes = [...zones.keys()].filter((key) => key !== code && key.startsWith(code));
    this.#zonesOfCountry = new Map(
      plans.map(({ country }) => [country, this.#countryZones(country)]),
    );
  }

  rows(): PrefixRow[] {
    const own = this.#zones.get(this.#code) ?? [];
    const longer = DIGITS.flatMap((digit) => this.#rowsBelow(digit, this.#kinds.start, own));
    const [only, ...further] = this.#plans;
    const root: PrefixRow = {
      prefix: this.#code,
      country: only && further.length === 0 ? only.country : null,
      zones: union([own, ...longer.map(({ zones }) => zones)]),
    };
    return [root, ...longer.filter((row) => !isAlike(row, root))];
  }

  // Rows at the shortest prefixes that settle country and zones of all their valid numbers. A number
  // that the library does not know as valid is left to the row of the calling code, with all zones.
  #rowsBelow(digits: string, before: DigitsRead, inherited: readonly string[]): PrefixRow[] {
    const read = this.#kinds.next(before, digits.at(-1)!);
    const kinds = [...this.#kinds.below(read).values()];
    if (kinds.length === 0) return [];
    const prefix = this.#code + digits;
    const zones = this.#zones.get(prefix) ?? inherited;
    const here = kinds.map((kind) => this.#row(prefix, kind, zones));
    if (prefix.length === LONGEST_PREFIX || this.#isSettled(prefix, kinds, here)) {
      return [merged(prefix, here)];
    }
    const ending = this.#kinds.ending(read);
    const longer = [
      ...ending ? [this.#row(prefix, ending, zones)] : [],
      ...DIGITS.flatMap((digit) => this.#rowsBelow(digits + digit, read, zones)),
    ];
    const isOne = ending !== null || longer.every((one) => isAlike(one, longer[0]!));
    return isOne ? [merged(prefix, longer)] : longer;
  }

  #isSettled(prefix: string, kinds: readonly NumberKind[], rows: readonly PrefixRow[]): boolean {
    if (rows.some(({ country }) => country !== rows[0]!.country)) return false;
    // Numbers without a place are not told from each other by their zones.
    if (!kinds.some(({ isLocal }) => isLocal)) return true;
    return !this.#hasLonger(prefix) && rows.every((row) => isAlike(row, rows[0]!));
  }

  #row(prefix: string, kind: NumberKind, zones: readonly string[]): PrefixRow {
    return { prefix, country: kind.country, zones: this.#zonesOf(kind, zones) };
  }

  // A fixed line is where its digits say. A mobile is anywhere in its country, and so may be whoever
  // answers a number without a place; the library would place them all in the largest zone.
  #zonesOf({ isLocal, shared }: NumberKind, zones: readonly string[]): readonly string[] {
    if (isLocal) return zones;
    return union([zones, ...shared.map((country) => this.#zonesOfCountry.get(country)!)]);
  }

  // The zones of its fixed lines. Those of a shared calling code belong to its countries together.
  #countryZones(country: CountryCode): readonly string[] {
    const own = this.#zones.get(this.#code) ?? [];
    if (this.#plans.length === 1) return own;
    const local = this.#prefixes.filter((prefix) =>
      [...this.#kinds.below(this.#readAll(prefix)).values()].some((kind) =>
        kind.isLocal && kind.country === country
      )
    );
    return local.length === 0 ? own : union(local.map((prefix) => this.#zones.get(prefix)!));
  }

  #readAll(prefix: string): DigitsRead {
    return [...prefix.slice(this.#code.length)].reduce(
      (read, digit) => this.#kinds.next(read, digit),
      this.#kinds.start,
    );
  }

  #hasLonger(prefix: string): boolean {
    return this.#prefixes.some((key) => key.length > prefix.length && key.startsWith(prefix));
  }
}

function merged(prefix: string, rows: readonly PrefixRow[]): PrefixRow {
  const countries = new Set(rows.map(({ country }) => country));
  return {
    prefix,
    country: countries.size === 1 ? rows[0]!.country : null,
    zones: union(rows.map(({ zones }) => zones)),
  };
}

function union(lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].sort();
}

function isAlike(one: PrefixRow, other: PrefixRow): boolean {
  return one.country === other.country && one.zones.join() === other.zones.join();
}
