import type { Ring } from "../../supabase/local/simulated_omni/ledger/ring.ts";

/** The attempt that a ring was for. */
export function attemptIdOf({ body }: Ring): string {
  return (body as { metadata: { attempt_id: string } }).metadata.attempt_id;
}
