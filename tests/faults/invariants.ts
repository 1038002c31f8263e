import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import type { Ring } from "../../supabase/local/simulated_omni/ledger/ring.ts";
import { attemptIdOf } from "./attempt_id_of.ts";

interface Attempt {
  id: string;
  follow_up_id: string;
  lead_id: string;
  to_number: string;
  status: string;
  /** Whether its follow-up was seeded: a lead is, once. */
  is_seed: boolean;
}

interface FollowUp {
  id: string;
  lead_id: string;
  status: string;
  reason: string | null;
  comes_back: boolean;
}

const MAY_HAVE_RUNG = new Set(["sending", "accepted", "unknown", "ended"]);
const HOLDS = new Set(["sending", "unknown"]);
const WAS_PLACED = new Set(["accepted", "ended"]);

/**
 * What must be true at every moment, whatever has broken: judged by the provider's own ledger of
 * `rings` against the tables.
 */
export async function assertInvariants(sql: Sql, rings: readonly Ring[]): Promise<void> {
  const { attempts, followUps, forgotten } = await readAtOnce(sql);
  assert.deepEqual(forgotten, [], "leads that nothing would ever call");
  assertEveryRingHasItsAttempt(rings, attempts);
  assertNobodyIsRungTwice(rings, attempts);
  assertEveryPlacedCallRang(rings, attempts);
  const byFollowUp = Map.groupBy(attempts, (attempt) => attempt.follow_up_id);
  for (const followUp of followUps) assertNotLost(followUp, byFollowUp.get(followUp.id) ?? []);
}

// One snapshot: a process that was killed may have left a call to the database under way.
async function readAtOnce(sql: Sql) {
  const [row] = await sql<{ attempts: Attempt[]; followUps: FollowUp[]; forgotten: string[] }[]>`
    select
      (
        select coalesce(json_agg(attempt), '[]')
        from (
          select made.id, made.follow_up_id, made.lead_id, made.to_number, made.status,
            coalesce(follow_up.source = 'seed', false) as is_seed
          from public.call_attempts as made
          left join public.follow_ups as follow_up on follow_up.id = made.follow_up_id
        ) as attempt
      ) as attempts,
      (
        select coalesce(json_agg(follow_up), '[]')
        from (
          select id, lead_id, status, reason,
            (lease_token is null or leased_until <= now() + interval '10 minutes')
              and due_at <= now() + interval '1 day' as comes_back
          from public.follow_ups
        ) as follow_up
      ) as "followUps",
      (
        select coalesce(json_agg(lead.id), '[]')
        from public.leads as lead
        where public.is_seedable_lead(lead.stage, lead.phone, lead.call_date)
          and not public.was_called(lead.id)
          and not exists (
            select from public.follow_ups as follow_up
            where follow_up.lead_id = lead.id and public.blocks_seeding(follow_up.status)
          )
          and not exists (
            select from public.seed_candidates as candidate where candidate.lead_id = lead.id
          )
      ) as forgotten`;
  return row!;
}

function assertEveryRingHasItsAttempt(rings: readonly Ring[], attempts: readonly Attempt[]) {
  const byId = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  for (const ring of rings) {
    const attempt = byId.get(attemptIdOf(ring));
    assert.ok(attempt, `${ring.toNumber} rang without an attempt`);
    assert.equal(attempt.to_number, ring.toNumber);
    assert.ok(MAY_HAVE_RUNG.has(attempt.status), `${ring.toNumber} rang as ${attempt.status}`);
  }
}

// Another ring of a number is only right for another lead, and when the first call is over.
function assertNobodyIsRungTwice(rings: readonly Ring[], attempts: readonly Attempt[]) {
  const rung = new Set(rings.map(attemptIdOf));
  assert.equal(rung.size, rings.length, "an attempt rang twice");
  const placed = attempts.filter((attempt) => rung.has(attempt.id));
  assertNoneTwice(placed.map((attempt) => attempt.follow_up_id), "follow-up rung twice");
  const seeded = placed.filter((attempt) => attempt.is_seed);
  assertNoneTwice(seeded.map((attempt) => attempt.lead_id), "lead rung twice");
  const going = placed.filter((attempt) => attempt.status !== "ended");
  assertNoneTwice(going.map((attempt) => attempt.to_number), "number rung twice");
}

function assertNoneTwice(keys: string[], what: string) {
  const seen = new Set<string>();
  const twice = keys.filter((key) => seen.size === seen.add(key).size);
  assert.deepEqual(twice, [], what);
}

function assertEveryPlacedCallRang(rings: readonly Ring[], attempts: readonly Attempt[]) {
  const rung = new Set(rings.map(attemptIdOf));
  for (const attempt of attempts.filter(({ status }) => WAS_PLACED.has(status))) {
    assert.ok(rung.has(attempt.id), `${attempt.to_number} is ${attempt.status} and never rang`);
  }
}

/** Completed, or coming back, or held by exactly one attempt, or given up with a reason. */
function assertNotLost(followUp: FollowUp, attempts: Attempt[]) {
  const holding = attempts.filter(({ status }) => HOLDS.has(status)).length;
  const placed = attempts.filter(({ status }) => WAS_PLACED.has(status)).length;
  const seen = JSON.stringify({ followUp, attempts });
  switch (followUp.status) {
    case "completed":
      return assert.deepEqual([placed, holding], [1, 0], seen);
    case "pending":
      assert.equal(placed, 0, seen);
      return assert.ok(holding === 1 || (holding === 0 && followUp.comes_back), seen);
    case "failed":
    case "skipped":
      assert.deepEqual([placed, holding], [0, 0], seen);
      return assert.ok(followUp.reason, seen);
    default:
      assert.fail(`no such status: ${seen}`);
  }
}
