import type { Ring } from "../../supabase/local/simulated_omni/ledger/ring.ts";
import { leadIdOf } from "./lead_id_of.ts";

/** What decides whether a ring was one too many. */
export interface RingRules {
  /** How often there was reason to ring a lead. */
  reasons: (leadId: string) => number;
  /** When a phone rang, Unix ms. */
  at: (ring: Ring) => number;
  /** When its call counts as over, Unix ms. */
  overAt: (ring: Ring) => number;
}

/**
 * How many calls were placed that must not have been: to a lead more often than there was reason to, or
 * to a number that was in another call. By the provider's ledger alone.
 */
export function callsPlacedTwice(rings: readonly Ring[], rules: RingRules): number {
  const perLead = Map.groupBy(rings, leadIdOf);
  const perNumber = Map.groupBy(rings, (ring) => ring.toNumber);
  const tooOften = [...perLead].flatMap(([lead, own]) => own.slice(rules.reasons(lead)));
  const meanwhile = [...perNumber.values()].flatMap((own) =>
    own.filter((ring, index) => index > 0 && rules.at(ring) < rules.overAt(own[index - 1]!))
  );
  return new Set([...tooOften, ...meanwhile]).size;
}
