import { parseArgs } from "node:util";
import { isLeadId } from "../operator/is_lead_id.ts";
import { readMoment } from "../operator/read_moment.ts";
import { parseFlags } from "../parse_flags.ts";
import { UsageError } from "../usage_error.ts";
import { FEWEST_DIGITS } from "./is_same_number.ts";

/** What `why` is asked. */
export interface WhyOptions {
  json: boolean;
  databaseUrl: string | null;
  /** A phone number as written, or the id of a lead. */
  subject: string;
  at: Date;
}

const FLAGS = { switches: ["help", "json"], values: ["at", "database-url"] } as const;

/**
 * Reads the arguments of `why`.
 *
 * @throws {UsageError} for an argument that is not known or not understood.
 */
export function parseWhyOptions(args: string[]): WhyOptions | "help" {
  const { words, rest } = splitWords(args);
  const flags = parseFlags(rest, FLAGS);
  if (flags.help) return "help";
  return {
    json: flags.json,
    databaseUrl: flags["database-url"],
    // A number with spaces comes as several words where it stands without quotes.
    subject: checkedSubject(words.join(" ").normalize("NFKC").trim()),
    at: flags.at === null ? new Date() : readMoment("--at", flags.at),
  };
}

function splitWords(args: string[]): { words: string[]; rest: string[] } {
  const options = Object.fromEntries(
    FLAGS.values.map((name) => [name, { type: "string" }] as const),
  );
  const { tokens } = parseArgs({
    args,
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const at = new Set(tokens.filter(({ kind }) => kind === "positional").map(({ index }) => index));
  return {
    words: args.filter((_, index) => at.has(index)),
    rest: args.filter((_, index) => !at.has(index)),
  };
}

function checkedSubject(text: string): string {
  if (text === "") throw new UsageError("Nobody is named: give a phone number or the id of a lead");
  if (isLeadId(text) || text.replace(/\D/g, "").length >= FEWEST_DIGITS) return text;
  throw new UsageError(`Cannot use "${text}": give a phone number or the id of a lead`);
}
