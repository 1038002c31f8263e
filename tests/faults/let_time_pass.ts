import { PostgresError, type Sql } from "../../supabase/local/postgres/connect.ts";

/** Longer than any lease, request or run may last, and shorter than a call. */
export const LONG_ENOUGH = "20 minutes";

const DEADLOCK = "40P01";
const MOST_TRIES = 20;

/**
 * Moves everything that is dated back by `span`: for the rows, that much time has passed. Returns the ids of
 * the attempts that it has passed for: one that is opened at the same moment may not be among them.
 */
export async function letTimePass(sql: Sql, span = LONG_ENOUGH): Promise<string[]> {
  for (let tries = 1;; tries += 1) {
    try {
      return await moveBack(sql, span);
    } catch (error) {
      // A run that is under way takes the same rows in another order than this, which nothing real does.
      const isDeadlock = error instanceof PostgresError && error.code === DEADLOCK;
      if (!isDeadlock || tries === MOST_TRIES) throw error;
    }
  }
}

async function moveBack(sql: Sql, span: string): Promise<string[]> {
  const moved = await sql<{ id: string }[]>`
    with attempt as (
      update public.call_attempts
      set opened_at = opened_at - ${span}::text::interval,
        sending_until = sending_until - ${span}::text::interval
      returning id
    ),
    run as (
      update public.dispatch_runs
      set started_at = started_at - ${span}::text::interval
    ),
    follow_up as (
      update public.follow_ups
      set due_at = due_at - ${span}::text::interval,
        leased_until = leased_until - ${span}::text::interval
    )
    select attempt.id from attempt`;
  return moved.map(({ id }) => id);
}
