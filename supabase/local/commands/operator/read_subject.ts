import { parseArgs } from "node:util";
import { UsageError } from "../usage_error.ts";
import { FEWEST_DIGITS } from "../why/is_same_number.ts";
import { isLeadId } from "./is_lead_id.ts";

/** Whom a command is about, taken out of its arguments. */
export interface ReadSubject {
  /**
   * The phone number as written, or the id of a lead.
   *
   * @throws {UsageError} when it is neither, or missing.
   */
  subject(): string;
  /** The flags. */
  rest: string[];
}

/** Parts the words of `args` from the flags, of which those in `values` are followed by a text. */
export function readSubject(args: string[], values: readonly string[]): ReadSubject {
  const options = Object.fromEntries(values.map((name) => [name, { type: "string" }] as const));
  const { tokens } = parseArgs({
    args,
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const at = new Set(tokens.filter(({ kind }) => kind === "positional").map(({ index }) => index));
  const words = args.filter((_, index) => at.has(index));
  return {
    // A number with spaces comes as several words where it stands without quotes.
    subject: () => checked(words.join(" ").normalize("NFKC").trim()),
    rest: args.filter((_, index) => !at.has(index)),
  };
}

function checked(text: string): string {
  if (text === "") throw new UsageError("Nobody is named: give a phone number or the id of a lead");
  if (isLeadId(text) || text.replace(/\D/g, "").length >= FEWEST_DIGITS) return text;
  throw new UsageError(`Cannot use "${text}": give a phone number or the id of a lead`);
}
