import type { Sql } from "../../../supabase/local/postgres/connect.ts";
import type { PeerJobs } from "./peer.ts";

const LEADS_A_STATEMENT = 50_000;

/** Adds leads with a follow-up each, which is due now or in some years; nothing is left to seed. */
export async function fillFollowUps(
  sql: Sql,
  { firstNumber, count }: PeerJobs,
  due: "now" | "in_years",
): Promise<void> {
  for (let first = 0; first < count; first += LEADS_A_STATEMENT) {
    const last = Math.min(first + LEADS_A_STATEMENT, count) - 1;
    await sql`
      with lead as (
        insert into public.leads (customer_name, phone)
        select 'Lead ' || index, '+' || ${firstNumber}::bigint + index
        from generate_series(${first}::bigint, ${last}::bigint) as index
        returning id
      )
      insert into public.follow_ups (lead_id, due_at)
      select lead.id, now() + ${due === "now" ? "0" : "5 years"}::interval from lead`;
    await sql`truncate public.seed_candidates`;
  }
}
