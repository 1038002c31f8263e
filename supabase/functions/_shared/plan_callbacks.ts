import { z } from "zod";
import type { DatabaseCaller } from "./database_caller.ts";
import { type CallbackTime, readCallback } from "./read_callback.ts";
import { retryWhilePassing } from "./retry_while_passing.ts";

/** A request to be called back that nobody has read yet. */
export interface CallbackToRead {
  attemptId: string;
  /** When the person wants to be called, in the words that were noted down. */
  text: string;
  /** When it was said: `YYYY-MM-DDTHH:MM:SS`, by the clock on the wall where the lead is. */
  localNow: string;
}

/** The rows of callbacks: each method is one SQL function, which makes the decisions. */
export interface CallbackStore {
  callbacksToRead(limit: number, attemptId?: string): Promise<CallbackToRead[]>;
  /** `time` null = the text could not be understood. Returns whether a call is planned now. */
  planCallback(callback: CallbackToRead, time: CallbackTime | null): Promise<boolean>;
}

/** What to plan, and where. */
export interface PlanOptions {
  store: CallbackStore;
  /** Most callbacks to read. Default 20. */
  limit?: number;
  /** Only the one of this attempt. */
  attemptId?: string;
  /** Hears of each callback that could not be stored; it stays to be read. */
  onFailure?: (error: unknown) => void;
  /** Once it is aborted, no further callback is begun; the rest stays to be read. */
  timeIsUp?: AbortSignal;
}

const DEFAULT_LIMIT = 20;
const RETRY = { forMs: 5_000 };

/**
 * Reads when people asked to be called back, and plans it. What goes wrong with one of them does not
 * keep the others from being planned. Returns how many calls were planned.
 *
 * @throws {StoreError} when the callbacks themselves cannot be read.
 */
export async function planCallbacks(
  { store, limit = DEFAULT_LIMIT, attemptId, onFailure = () => {}, timeIsUp }: PlanOptions,
): Promise<number> {
  let planned = 0;
  if (timeIsUp?.aborted) return planned;
  const callbacks = await retryWhilePassing(() => store.callbacksToRead(limit, attemptId), RETRY);
  for (const callback of callbacks) {
    if (timeIsUp?.aborted) break;
    try {
      const time = understand(callback);
      if (await retryWhilePassing(() => store.planCallback(callback, time), RETRY)) planned += 1;
    } catch (error) {
      onFailure(error);
    }
  }
  return planned;
}

// A text that breaks the reader is stored as not understood, or it would come back for ever.
function understand({ text, localNow }: CallbackToRead): CallbackTime | null {
  try {
    return readCallback(text, localNow);
  } catch {
    return null;
  }
}

/** These rows over the database; part of the store of each function that plans callbacks. */
export function callbackStore(call: DatabaseCaller): CallbackStore {
  return {
    callbacksToRead: (limit, attemptId) =>
      call(
        "callbacks_to_read",
        { batch_size: limit, ...(attemptId && { of_attempt: attemptId }) },
        toRead,
      ),
    async planCallback({ attemptId, text }, time) {
      const args = { attempt_id: attemptId, callback_text: text, ...time };
      return await call("plan_callback", args, planning) === "planned";
    },
  };
}

const toRead = z.array(
  z.object({
    attempt_id: z.guid(),
    callback_text: z.string(),
    local_now: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
  }).transform((row) => ({
    attemptId: row.attempt_id,
    text: row.callback_text,
    localNow: row.local_now,
  })),
);

/** Null: the attempt's text is another by now, and is read again. */
const planning = z.enum(["planned", "not_understood"]).nullable();
