import { parseArgs } from "node:util";
import { UsageError } from "./usage_error.ts";

/** The flags of a command, without their dashes. */
export interface Flags<Switch extends string, Value extends string> {
  /** Given or not. `help` is `-h` too. */
  switches: readonly Switch[];
  /** Followed by a text. */
  values: readonly Value[];
}

/**
 * The flags in `args`: true or false for a switch, the text or null for a value.
 *
 * @throws {UsageError} for a flag that is not known, and for anything that is no flag.
 */
export function parseFlags<Switch extends string, Value extends string>(
  args: string[],
  { switches, values }: Flags<Switch, Value>,
): Record<Switch, boolean> & Record<Value, string | null> {
  const given = parse(args, switches, values);
  return Object.fromEntries<unknown>([
    ...switches.map((name) => [name, given[name] === true] as const),
    ...values.map((name) => [name, given[name] ?? null] as const),
  ]) as Record<Switch, boolean> & Record<Value, string | null>;
}

function parse(
  args: string[],
  switches: readonly string[],
  values: readonly string[],
): Record<string, unknown> {
  const options = Object.fromEntries([
    ...switches.map((name) => [
      name,
      { type: "boolean" as const, ...(name === "help" ? { short: "h" } : {}) },
    ]),
    ...values.map((name) => [name, { type: "string" as const }]),
  ]);
  try {
    return parseArgs({ args, options, allowPositionals: false }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot read the arguments: ${message}. See --help`);
  }
}
