import { isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js/max";

/** A number that can be dialled, or the reason, for the operator, why it cannot. */
export type PhoneNumber = { e164: string } | { reason: string };

// What Omni takes; a few valid numbers, of very small countries, are shorter.
const DIALLABLE = /^\+[1-9]\d{7,14}$/;

const COSTLY = new Set(["PREMIUM_RATE", "SHARED_COST"]);

/**
 * Reads a phone number as people write it.
 *
 * @param phone as it stands in `leads.phone`
 * @param defaultCountry two-letter country of numbers without a country code; null = none is guessed
 */
export function readPhoneNumber(phone: string, defaultCountry: string | null): PhoneNumber {
  // What comes along when a number is copied from a contact: invisible marks, typographic dashes. Not
  // the one that turns the digits round for the eye.
  const text = phone.normalize("NFKC").replace(/(?!\u202e)\p{Cf}/gu, "").replace(/\p{Pd}/gu, "-")
    .trim();
  if (text.length > 40) {
    return { reason: "Phone number is not valid: it is longer than 40 characters" };
  }
  if (!/^[+\d\s().\-/]+$/.test(text)) {
    return { reason: "Phone number is not valid: it has characters that no number has" };
  }
  const international = /^[(\s]*(\+|00)/.test(text);
  if (!international && defaultCountry === null) {
    return {
      reason:
        "Phone number has no country code: write it with +, or set dispatch_settings.default_country",
    };
  }
  return parse(text.replace(/^[(\s]*(\+|00)/, "+"), defaultCountry);
}

function parse(text: string, defaultCountry: string | null): PhoneNumber {
  // A number that names its country needs no default, not even a wrong one.
  const country = text.startsWith("+") ? null : defaultCountry;
  if (country !== null && !isSupportedCountry(country)) {
    return {
      reason:
        `Phone number has no country code, and "${country}" in dispatch_settings.default_country is no country`,
    };
  }
  const number = parsePhoneNumberFromString(text, {
    extract: false,
    ...(country === null ? {} : { defaultCountry: country }),
  });
  if (number === undefined || !number.isValid() || !DIALLABLE.test(number.number)) {
    return { reason: `Phone number is not valid${country === null ? "" : ` in ${country}`}` };
  }
  if (COSTLY.has(number.getType() ?? "")) {
    return { reason: "Phone number is a premium-rate or shared-cost one" };
  }
  return { e164: number.number };
}
