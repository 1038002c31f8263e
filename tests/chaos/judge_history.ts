import type { Killable } from "../faults/kill_at.ts";
import { callsPlacedTwice } from "../support/calls_placed_twice.ts";
import { assertInvariants } from "../faults/invariants.ts";
import { brokenInvariant } from "./broken_invariant.ts";
import type { ChaosWorld } from "./chaos_world.ts";
import type { HistoryVerdict } from "./history_verdict.ts";

// The default of dispatch_settings.longest_call, less what passes from an attempt to its ring.
const LONGEST_CALL_MS = 3_600_000 - 60_000;

/** Judges a history that is over: the provider's ledger, and what the harness knows, against the tables. */
export async function judgeHistory<P extends Killable>(
  world: ChaosWorld<P>,
  { seed, recoveryS }: { seed: number; recoveryS: number },
): Promise<HistoryVerdict> {
  const rings = world.rings();
  const lost = world.uncalled();
  const ambiguous = [...world.witness.ambiguous().keys()].sort();
  const unknown = await unknownAttempts(world);
  const { ringTimes } = world;
  const placedTwice = callsPlacedTwice(rings, {
    reasons: (leadId) => world.leads.get(leadId)?.reasons ?? 0,
    at: (ring) => ringTimes.at(ring),
    overAt: (ring) => Math.min(ringTimes.at(ring) + LONGEST_CALL_MS, world.endedAt(ring)),
  });
  return {
    seed,
    rings: rings.length,
    calls_placed_twice: placedTwice,
    follow_ups_lost: lost.length,
    unknown: unknown.length,
    ambiguous: ambiguous.length,
    recovery_s: recoveryS,
    complaints: [
      ...world.complaints,
      ...(placedTwice > 0 ? [`${placedTwice} calls were placed twice`] : []),
      ...(lost.length > 0 ? [`${lost.length} leads were never called`] : []),
      ...differences(unknown, ambiguous),
      ...await brokenInvariants(world),
    ],
  };
}

async function unknownAttempts<P extends Killable>({ project }: ChaosWorld<P>): Promise<string[]> {
  const rows = await project.sql<{ id: string }[]>`
    select id from public.call_attempts where status = 'unknown'`;
  return rows.map(({ id }) => id).sort();
}

function differences(unknown: string[], ambiguous: string[]): string[] {
  const forNoReason = unknown.filter((id) => !ambiguous.includes(id)).length;
  const missed = ambiguous.filter((id) => !unknown.includes(id)).length;
  return [
    ...(forNoReason > 0 ? [`${forNoReason} attempts are unknown for no reason`] : []),
    ...(missed > 0 ? [`${missed} attempts are ambiguous and not unknown`] : []),
  ];
}

async function brokenInvariants<P extends Killable>(world: ChaosWorld<P>): Promise<string[]> {
  try {
    await assertInvariants(world.project.sql, world.rings());
    return [];
  } catch (error) {
    return [brokenInvariant(error)];
  }
}
