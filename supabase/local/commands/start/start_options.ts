import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isSupportedCountry } from "libphonenumber-js/max";
import { parseFlags } from "../parse_flags.ts";
import { readDuration } from "../read_duration.ts";
import { UsageError } from "../usage_error.ts";

const DATA_FOLDER = fileURLToPath(new URL("../../.data", import.meta.url));

/** What `start` is asked to do. */
export interface StartOptions {
  help: boolean;
  once: boolean;
  json: boolean;
  reset: boolean;
  live: boolean;
  yes: boolean;
  /** Ms between two ticks; null = the real schedule. */
  everyMs: number | null;
  /** Path of a CSV file. */
  leads: string | null;
  /** Two capital letters. */
  country: string | null;
  /** Folder of all data. */
  data: string;
}

const FLAGS = {
  switches: ["help", "once", "json", "reset", "live", "yes"],
  values: ["every", "leads", "country", "data"],
} as const;

/**
 * Reads the arguments of `start`.
 *
 * @throws {UsageError} for an argument that is not known or not understood.
 */
export function parseStartOptions(args: string[]): StartOptions {
  const { every, leads, country, data, ...switches } = parseFlags(args, FLAGS);
  if (leads === "") throw new UsageError('Cannot use --leads "": give the path of a CSV file');
  if (data === "") throw new UsageError('Cannot use --data "": give the path of a folder');
  if (switches.live && switches.reset) {
    throw new UsageError(
      "Cannot use --reset with --live: the record of who was called is what keeps people from " +
        "being called again. To begin anew all the same, remove the folder live in the data folder",
    );
  }
  return {
    ...switches,
    leads: leads === null ? null : fromHere(leads),
    data: data === null ? DATA_FOLDER : fromHere(data),
    everyMs: every === null ? null : parseInterval(every),
    country: country === null ? null : parseCountry(country),
  };
}

// A task runs in the project's folder, wherever it was asked for.
function fromHere(path: string): string {
  return resolve(Deno.env.get("INIT_CWD") ?? ".", path);
}

function parseInterval(text: string): number {
  const ms = readDuration(text);
  if (ms === null) {
    throw new UsageError(`Cannot use --every "${text}": give a time such as 10s, 5m or 1h`);
  }
  return ms;
}

function parseCountry(text: string): string {
  const country = text.toUpperCase();
  if (!isSupportedCountry(country)) {
    throw new UsageError(`Cannot use --country "${text}": give two letters such as US, GB or IN`);
  }
  return country;
}
