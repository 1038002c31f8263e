import type { Sql, TransactionSql } from "../../postgres/connect.ts";
import type { AppTable, AppTableName } from "./app_tables.ts";
import { readOnly } from "./read_only.ts";

/** Who the first run would call, before numbers are read and hours are asked. */
export interface FirstRun {
  /** Leads that were never called and would be given a follow-up. */
  seeded: number;
  /** Leads with an open voice follow-up that is due. */
  due: number;
  /** Due for more than 30 days: these fail as expired, and nobody is called for them. */
  expired: number;
  /** Different phones, as they are written, of those to be called. */
  phones: number;
  /** Never-called leads that are not seeded, because a follow-up of another channel stands. */
  left_to_other_channels: number;
}

/**
 * Counts by the rules of seed_follow_ups and claim_due_follow_ups, which are not there yet to be asked: a
 * test holds what is counted here against what they do. Null = it took longer than 5 s.
 */
export async function firstRun(sql: Sql, tables: AppTable[]): Promise<FirstRun | null> {
  if (!tables.some(({ name }) => name === "leads")) {
    return { seeded: 0, due: 0, expired: 0, phones: 0, left_to_other_channels: 0 };
  }
  return await readOnly(sql, (sql) => count(sql, tables));
}

// Put together as text: all of it is written here, nothing comes from outside.
async function count(sql: TransactionSql, tables: AppTable[]): Promise<FirstRun> {
  const [row] = await sql.unsafe<FirstRun[]>(`
    with lead as (${leads(tables)}),
    follow_up as (${followUps(tables)}),
    open_one as (
      select distinct on (lead_id) lead_id, due_at
      from follow_up
      where status = 'pending' and channel = 'voice_call'
      order by lead_id, due_at, id
    ),
    callable as (
      select lead.phone,
        never_called and not exists (${STANDING}) as seeded,
        coalesce(open_one.due_at <= now(), false) as due,
        coalesce(open_one.due_at < now() - interval '30 days', false) as expired,
        never_called and exists (${STANDING})
          and not exists (${STANDING} and channel = 'voice_call') as left_to_others
      from lead left join open_one on open_one.lead_id = lead.id
    )
    select
      count(*) filter (where seeded)::int as seeded,
      count(*) filter (where due and not expired)::int as due,
      count(*) filter (where expired)::int as expired,
      count(distinct phone) filter (where seeded or due and not expired)::int as phones,
      count(*) filter (where left_to_others)::int as left_to_other_channels
    from callable`);
  return { ...row! };
}

const STANDING = `
  select from follow_up
  where follow_up.lead_id = lead.id and coalesce(follow_up.status, '') <> 'skipped'`;

function leads(tables: AppTable[]): string {
  const column = valueIn(tables, "leads");
  return `
    select *, stage in ('new', 'contacted', 'visit_scheduled') and call_date is null as never_called
    from (
      select id::text as id, btrim(${column("phone", "null")}::text) as phone,
        ${column("stage", "'new'")}::text as stage,
        ${column("call_date", "null")}::timestamptz as call_date
      from public.leads
    ) as own
    where phone <> '' and coalesce(lower(btrim(stage)), '') not in ('closed', 'lost')`;
}

function followUps(tables: AppTable[]): string {
  if (!tables.some(({ name }) => name === "follow_ups")) {
    return `
      select null as id, null as lead_id, null::timestamptz as due_at, '' as channel,
        '' as status
      where false`;
  }
  const column = valueIn(tables, "follow_ups");
  return `
    select id::text as id, ${column("lead_id", "null")}::text as lead_id,
      ${column("due_at", "now()")}::timestamptz as due_at,
      ${column("channel", "'voice_call'")}::text as channel,
      ${column("status", "'pending'")}::text as status
    from public.follow_ups`;
}

// A column that is not there yet counts as what it will be filled with.
function valueIn(tables: AppTable[], table: AppTableName) {
  const columns = tables.find(({ name }) => name === table)?.columns ?? [];
  return (name: string, filling: string) =>
    columns.some((column) => column.name === name) ? name : filling;
}
