import type { ClaimedFollowUp } from "../../../supabase/functions/call-dispatch/store.ts";

/** What the database hands out; each ordinal below 9,000 has a valid number of its own. */
export function claimedFollowUp(ordinal: number): ClaimedFollowUp {
  return {
    followUpId: crypto.randomUUID(),
    leadId: crypto.randomUUID(),
    leaseToken: crypto.randomUUID(),
    message: null,
    phone: `+1415200${String(1_000 + ordinal)}`,
    customerName: null,
    defaultCountry: null,
  };
}
