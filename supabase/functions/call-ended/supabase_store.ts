import { z } from "zod";
import {
  createDatabaseCaller,
  type DatabaseCallerOptions,
  type DatabaseFunctions,
} from "../_shared/database_caller.ts";
import { callbackStore } from "../_shared/plan_callbacks.ts";
import { StoreError } from "../_shared/store_error.ts";
import type { Store } from "./store.ts";

/**
 * The store over supabase-js: each method calls the SQL function of its name. Unlike call-dispatch it
 * asks for no contract: Omni may tell a call's end only once, and a report that is refused for the
 * version of the other side is a forgotten lead. These SQL functions therefore never change in a way
 * that code deployed before cannot live with.
 */
export function createSupabaseStore(options: DatabaseCallerOptions): Store {
  const call = createDatabaseCaller(options);
  return {
    async recordCallResult(event) {
      const [row] = await call("record_call_result", { event: event as unknown as Json }, recorded);
      if (row === undefined) {
        throw new StoreError("record_call_result failed: no row came back", false);
      }
      return row;
    },
    ...callbackStore(call),
  };
}

type Json = DatabaseFunctions["record_call_result"]["Args"]["event"];

const recorded = z.array(
  z.object({
    verdict: z.enum(["settled", "parked", "noted", "ignored"]),
    attempt_id: z.guid().nullable(),
    callback_to_read: z.boolean(),
  }).transform((row) => ({
    verdict: row.verdict,
    attemptId: row.attempt_id,
    callbackToRead: row.callback_to_read,
  })),
);
