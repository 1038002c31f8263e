import { parseFlags } from "../../supabase/local/commands/parse_flags.ts";
import { UsageError } from "../../supabase/local/commands/usage_error.ts";
import { plantedBugs } from "./planted/planted_bugs.ts";
import { scenarios } from "./scenarios.ts";

/** What was asked for. */
export interface ChaosOptions {
  help: boolean;
  json: boolean;
  /** Few histories of small loads. */
  short: boolean;
  /** The scenarios to play, in the order of the list. */
  scenarios: string[];
  /** Of the first history of each. */
  seed: number;
  /** How many histories of each scenario; null = as many as it has by itself. */
  histories: number | null;
  /** Of a shrunken random history. */
  path: string | null;
  /** The bugs to plant, one after the other; null = none is. */
  plants: string[] | null;
}

/** @throws {UsageError} for what cannot be read or is not there. */
export function readChaosOptions(args: string[]): ChaosOptions {
  const flags = parseFlags(args, {
    switches: ["help", "json", "short", "planted"],
    values: ["scenario", "seed", "histories", "path", "plant"],
  });
  const isPlanting = flags.planted || flags.plant !== null;
  if (isPlanting && (flags.scenario ?? flags.path) !== null) {
    throw new UsageError("A planted bug is looked for where it can show: leave --scenario away");
  }
  return {
    help: flags.help,
    json: flags.json,
    short: flags.short,
    scenarios: oneOrAll("scenario", flags.scenario, scenarios.map(({ name }) => name)),
    seed: flags.seed === null ? Date.now() % 1_000_000 : wholeNumber("seed", flags.seed, 0),
    histories: flags.histories === null ? null : wholeNumber("histories", flags.histories, 1),
    path: readPath(flags.path, flags.scenario),
    plants: isPlanting ? oneOrAll("plant", flags.plant, plantedBugs.map(({ name }) => name)) : null,
  };
}

function oneOrAll(flag: string, name: string | null, all: string[]): string[] {
  if (name === null) return all;
  if (all.includes(name)) return [name];
  throw new UsageError(`Unknown --${flag} "${name}": it has to be one of ${all.join(", ")}`);
}

function wholeNumber(flag: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new UsageError(
    `Cannot read --${flag} "${text}": it has to be a whole number from ${least} to 999999999`,
  );
}

function readPath(path: string | null, scenario: string | null): string | null {
  if (path === null) return null;
  if (scenario !== "random") {
    throw new UsageError("Only random histories have a --path: give it with --scenario random");
  }
  if (/^\d+(:\d+)*$/.test(path)) return path;
  throw new UsageError(`Cannot read --path "${path}": it has to be as a failure printed it`);
}
