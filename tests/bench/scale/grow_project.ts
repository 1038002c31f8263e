import type { Sql } from "../../../supabase/local/postgres/connect.ts";

const LEADS_A_STATEMENT = 100_000;

/**
 * Adds leads from number `from` up to number `to`, as a project has them that has called for long: of
 * ten, nine were called, with a follow-up completed and a call that ended, and one is to be called in the
 * weeks to come. `sql` has to be the superuser's: the triggers, which would note each lead, are passed by.
 */
export async function growProject(sql: Sql, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += LEADS_A_STATEMENT) {
    const last = Math.min(first + LEADS_A_STATEMENT, to) - 1;
    await sql.begin(async (transaction) => {
      await transaction`set local session_replication_role = replica`;
      await transaction`
        with lead as (
          insert into public.leads (customer_name, phone, stage, time_zone)
          select
            'Lead ' || n, '+1' || 2020000000 + n, case when n % 10 = 0 then 'new' else 'contacted' end,
            (array['America/New_York', 'America/Chicago', null])[n % 3 + 1]
          from generate_series(${first}::int, ${last}::int) as n
          returning id, phone, stage
        ),
        follow_up as (
          insert into public.follow_ups (lead_id, status, source, due_at, completed_at)
          select
            lead.id, case lead.stage when 'new' then 'pending' else 'completed' end, 'seed',
            case lead.stage
              when 'new' then now() + interval '1 hour' + random() * interval '30 days'
              else now() - random() * interval '90 days'
            end,
            case lead.stage when 'new' then null else now() - interval '1 day' end
          from lead
          returning id, lead_id, status, due_at
        )
        insert into public.call_attempts (
          follow_up_id, lead_id, lease_token, to_number, status, outcome, request_id, opened_at,
          sending_until, ended_at
        )
        select
          follow_up.id, lead.id, gen_random_uuid(), lead.phone, 'ended', 'completed',
          'r' || lead.phone, follow_up.due_at, follow_up.due_at, follow_up.due_at
        from follow_up
        join lead on lead.id = follow_up.lead_id
        where follow_up.status = 'completed'`;
    });
  }
  await sql`vacuum analyze public.leads, public.follow_ups, public.call_attempts`;
}
