import assert from "node:assert/strict";
import { readPhoneNumber } from "../../../supabase/functions/call-dispatch/phone_number.ts";

const valid: [phone: string, country: string | null, e164: string][] = [
  ["+919812345678", null, "+919812345678"],
  ["  +91 98123-45678 ", null, "+919812345678"],
  ["+91 98123 45678", "US", "+919812345678"],
  ["+91\u00a098123\u00a045678", null, "+919812345678"],
  ["+91 98123 45678", "ZZ", "+919812345678"],
  ["0091 98123 45678", null, "+919812345678"],
  ["0044 20 7946 0958", "US", "+442079460958"],
  ["98123 45678", "IN", "+919812345678"],
  ["098123/45678", "IN", "+919812345678"],
  ["919812345678", "IN", "+919812345678"],
  ["011 91 98123 45678", "US", "+919812345678"],
  ["(415) 555-2671", "US", "+14155552671"],
  ["+1(415)555.2671", null, "+14155552671"],
  ["+44 (0)20 7946 0958", null, "+442079460958"],
  ["020 7946 0958", "GB", "+442079460958"],
  ["+39 06 698 12345", null, "+390669812345"],
  ["９８１２３４５６７８", "IN", "+919812345678"],
  ["＋９１ ９８１２３ ４５６７８", null, "+919812345678"],
  ["\u202a+91 98123 45678\u202c", null, "+919812345678"],
  ["+91\u201398123\u201145678", null, "+919812345678"],
  ["(+91) 98123 45678", null, "+919812345678"],
  ["(0091) 98123 45678", "US", "+919812345678"],
  ["+290 22222", null, "+29022222"],
];
for (const [phone, country, e164] of valid) {
  Deno.test(`phone number: "${phone}" in ${country ?? "no country"} is ${e164}`, () => {
    assert.deepEqual(readPhoneNumber(phone, country), { e164 });
  });
}

const invalid: [name: string, phone: string, country: string | null, reason: RegExp][] = [
  ["nothing", "", "IN", /not valid/],
  ["blanks", "   ", "IN", /not valid/],
  ["emoji", "📞📞📞📞📞📞📞📞", "IN", /characters that no number has/],
  ["a null character", "+91 98123\u000045678", null, /characters that no number has/],
  ["half a surrogate pair", "+91 98123\ud80045678", null, /characters that no number has/],
  ["an SQL fragment", "'; drop table leads; --", "IN", /characters that no number has/],
  ["letters", "1-800-FLOWERS", "US", /characters that no number has/],
  ["a name", "call after six", "IN", /characters that no number has/],
  ["an extension", "+919812345678 ext 5", null, /characters that no number has/],
  ["two numbers by a comma", "+919812345678, +919812345679", null, /characters that no number has/],
  ["two numbers by a slash", "9812345678/9812345679", "IN", /not valid in IN/],
  ["two numbers by a blank", "9812345678 9812345679", "IN", /not valid in IN/],
  ["40 digits", "1".repeat(40), "IN", /not valid in IN/],
  ["41 characters", "1".repeat(41), "IN", /longer than 40/],
  ["a megabyte", "9".repeat(1_000_000), "IN", /longer than 40/],
  ["no country code and no default", "98123 45678", null, /no country code: write it with \+/],
  ["an emergency number", "112", "IN", /not valid in IN/],
  ["an emergency number abroad", "911", "US", /not valid in US/],
  ["too few digits", "+1 555", null, /not valid/],
  ["digits of no subscriber", "+910000000000", null, /not valid/],
  ["a country code that is none", "+0919812345678", null, /not valid/],
  ["two plus signs", "++919812345678", null, /not valid/],
  ["a plus sign inside", "91+9812345678", "IN", /not valid/],
  ["a plus sign alone", "+", null, /not valid/],
  ["the prefix alone", "00", "IN", /not valid/],
  ["a number too short for Omni", "+683 4001", null, /not valid/],
  ["a premium number", "+1 900 555 1234", null, /premium-rate/],
  ["digits turned round for the eye", "\u202e54321 89 19+", "IN", /characters that no number has/],
  ["invisible marks and nothing else", "\u200b\u200b\u202a", "IN", /not valid/],
  ["a default country that is none", "98123 45678", "ZZ", /"ZZ" in .*default_country/],
  ["a default country in lower case", "98123 45678", "in", /"in" in .*default_country/],
  ["an empty default country", "98123 45678", "", /"" in .*default_country/],
];
for (const [name, phone, country, reason] of invalid) {
  Deno.test(`phone number: ${name} is no number, and the reason is readable`, () => {
    const read = readPhoneNumber(phone, country);
    assert.ok("reason" in read, JSON.stringify(read));
    assert.match(read.reason, reason);
    assert.ok(read.reason.length < 120);
  });
}

Deno.test("phone number: all spellings of a number are one number", () => {
  const spellings = ["+919812345678", "0091-98123-45678", "098123 45678", "(0)98123.45678"];
  const read = spellings.map((spelling) => JSON.stringify(readPhoneNumber(spelling, "IN")));
  assert.equal(new Set(read).size, 1, read.join());
});
