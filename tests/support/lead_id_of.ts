import type { Ring } from "../../supabase/local/simulated_omni/ledger/ring.ts";

/** The lead that a ring was for. */
export function leadIdOf({ body }: Ring): string {
  return (body as { call_context: { lead_id: string } }).call_context.lead_id;
}
