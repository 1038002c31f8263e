import { createClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database } from "./database.types.ts";
import { StoreError } from "./store_error.ts";
import { within } from "./within.ts";

/** Where the project is, and the key that may call its functions. */
export interface DatabaseCallerOptions {
  url: string;
  key: string;
  /** How long one call may take, in ms. */
  timeoutMs?: number;
}

/** The SQL functions, with the types of their arguments. */
export type DatabaseFunctions = Database["public"]["Functions"];

/** Calls the SQL function of that name and returns what it said, parsed. */
export type DatabaseCaller = <Name extends keyof DatabaseFunctions & string, Result>(
  name: Name,
  args: DatabaseFunctions[Name]["Args"],
  result: z.ZodType<Result>,
) => Promise<Result>;

/**
 * The one way to the database: what fails, or returns what it should not, becomes a StoreError.
 */
export function createDatabaseCaller(
  { url, key, timeoutMs = 10_000 }: DatabaseCallerOptions,
): DatabaseCaller {
  const client = createClient<Database>(url, key, {
    // Nobody is signed in: without this, each call would look for a session first.
    accessToken: () => Promise.resolve(null),
  });
  return async (name, args, result) => {
    const { data, error, status } = await within(
      timeoutMs,
      (signal) => client.rpc(name, args).abortSignal(signal),
    );
    if (error !== null) {
      // Status 0: no reply came. 5xx and 429: the gateway or the database is away or overloaded. An
      // error with a good status: the body was cut off.
      throw new StoreError(
        `${name} failed (HTTP ${status}, ${error.code || "no code"}): ${
          error.message.slice(0, 300)
        }`,
        status < 400 || status >= 500 || status === 429,
        error.code || null,
      );
    }
    const parsed = result.safeParse(data);
    if (!parsed.success) {
      throw new StoreError(
        `${name} returned what it should not: ${z.prettifyError(parsed.error)}`,
        false,
      );
    }
    return parsed.data;
  };
}
