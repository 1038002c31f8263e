import { connect } from "../../postgres/connect.ts";

/**
 * Closes what can no longer happen once the function is gone: runs that were asked for and never
 * begun, and their requests, which at the next start would go to a port that is no longer ours.
 */
export async function closeBrokenOffRuns(adminUrl: string): Promise<void> {
  const sql = connect(adminUrl, { max: 1 });
  try {
    await sql`delete from net.http_request_queue`;
    await sql`
      update public.dispatch_runs
      set finished_at = now(), stop_reason = 'error', error = 'Ended before it began'
      where finished_at is null`;
  } finally {
    await sql.end({ timeout: 2 });
  }
}
