import { maskNumber } from "../../../functions/call-dispatch/mask_number.ts";
import type { Sql } from "../../postgres/connect.ts";

const LAST = 5;

/** One attempt to call a lead. */
export interface Attempt {
  opened_at: Date;
  status: string;
  /** How the call ended, once that is known. */
  outcome: string | null;
  error: string | null;
}

/** The last few attempts, newest first. */
export async function readAttempts(sql: Sql, leadId: string): Promise<Attempt[]> {
  const rows = await sql<(Attempt & { to_number: string | null })[]>`
    select opened_at, status, outcome, error, to_number
    from public.call_attempts
    where lead_id = ${leadId}
    order by opened_at desc, id
    limit ${LAST}`;
  return rows.map(({ to_number, error, ...attempt }) => ({
    ...attempt,
    // Without a number the person was erased, and there is no error either.
    error: to_number === null ? error : error?.replaceAll(to_number, maskNumber(to_number)) ?? null,
  }));
}
