import { type CountryCode, Metadata } from "libphonenumber-js/core";
import metadata from "libphonenumber-js/max/metadata";
import { type DigitsAutomaton, digitsAutomaton } from "./digits_automaton.ts";

/** Neither fixed lines nor mobiles; in which order the library tries them makes no difference here. */
const OTHER_TYPES = [
  ...["PREMIUM_RATE", "TOLL_FREE", "SHARED_COST", "VOIP", "PERSONAL_NUMBER", "PAGER", "UAN"],
  "VOICEMAIL",
];

/** Canada's short numbers, 310 and four digits, cannot be called from abroad and hide area code 310. */
const NORTH_AMERICAN_LENGTH = 10;

/** Numbers of one type: their digits after the calling code, and how many there may be. */
export interface TypePlan {
  digits: DigitsAutomaton;
  lengths: readonly number[];
}

/** Which numbers a country has, by libphonenumber-js. */
export interface CountryPlan {
  country: CountryCode;
  /** All its numbers. */
  national: DigitsAutomaton;
  /** With these first digits a number is the country's, valid or not; null = its types decide. */
  leading: DigitsAutomaton | null;
  fixedLine: TypePlan | null;
  /** "either" = every fixed line can be a mobile. */
  mobile: TypePlan | "either" | null;
  others: readonly TypePlan[];
}

// What the library's own functions use and its declarations leave out.
interface NumberingPlan {
  callingCode(): string;
  nationalNumberPattern(): string;
  leadingDigits(): string | undefined;
  possibleLengths(): number[];
  type(name: string): { pattern(): string; possibleLengths(): number[] | undefined } | undefined;
}

/** Reads the numbers of `country`. */
export function countryPlan(country: CountryCode): CountryPlan {
  const reader = new Metadata(metadata);
  reader.selectNumberingPlan(country);
  const plan = reader.numberingPlan as unknown as NumberingPlan;
  const leading = plan.leadingDigits();
  const mobile = plan.type("MOBILE");
  return {
    country,
    national: digitsAutomaton(plan.nationalNumberPattern()),
    leading: leading ? digitsAutomaton(`(?:${leading})\\d*`) : null,
    fixedLine: typePlan(plan, "FIXED_LINE"),
    // The library leaves out a pattern that is the same as that of the fixed lines.
    mobile: mobile === undefined || mobile.pattern() === "" ? "either" : typePlan(plan, "MOBILE"),
    others: OTHER_TYPES.map((name) => typePlan(plan, name)).filter((type) => type !== null),
  };
}

function typePlan(plan: NumberingPlan, name: string): TypePlan | null {
  const type = plan.type(name);
  if (!type?.pattern()) return null;
  const lengths = type.possibleLengths() ?? plan.possibleLengths();
  return {
    digits: digitsAutomaton(type.pattern()),
    lengths: plan.callingCode() === "1" ? [NORTH_AMERICAN_LENGTH] : lengths,
  };
}
