import type { CallEvent } from "../../../supabase/functions/_shared/call_event.ts";
import type { Store } from "../../../supabase/functions/call-ended/store.ts";

/** A store that settles every event but for what `changes` says, and the events that it was given. */
export function stubStore(changes: Partial<Store> = {}): { store: Store; events: CallEvent[] } {
  const events: CallEvent[] = [];
  const {
    recordCallResult = async ({ attempt_id }) => ({
      verdict: "settled",
      attemptId: attempt_id,
      callbackToRead: false,
    }),
  } = changes;
  const store: Store = {
    callbacksToRead: async () => [],
    planCallback: async () => true,
    ...changes,
    recordCallResult: (event) => {
      events.push(event);
      return recordCallResult(event);
    },
  };
  return { store, events };
}
