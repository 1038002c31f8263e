import { readPhoneNumber } from "../../../functions/call-dispatch/phone_number.ts";

/** With fewer digits nobody is looked for: too many numbers end in them. */
export const FEWEST_DIGITS = 6;

/**
 * True when two spellings are of one number. Where one of them cannot be read as a number, the digits
 * of the shorter one have to be the end of the other's.
 */
export function isSameNumber(one: string, other: string, country: string | null): boolean {
  const [first, second] = [readPhoneNumber(one, country), readPhoneNumber(other, country)];
  if ("e164" in first && "e164" in second) return first.e164 === second.e164;
  const [shorter = "", longer = ""] = [
    significantDigits("e164" in first ? first.e164 : one),
    significantDigits("e164" in second ? second.e164 : other),
  ].sort((left, right) => left.length - right.length);
  return shorter.length >= FEWEST_DIGITS && longer.endsWith(shorter);
}

// Zeros in front are dialled within a country, or to leave it.
function significantDigits(text: string): string {
  return text.normalize("NFKC").replace(/\D/g, "").replace(/^0+/, "");
}
