import type { Sql } from "../../postgres/connect.ts";
import type { PausedScope } from "./paused_scope.ts";

const MOST = 20;

/** The pauses in force, the widest first; of many, the first few. */
export async function readStillPaused(sql: Sql): Promise<PausedScope[]> {
  return await sql<PausedScope[]>`
    select null as source, null as lead
    from public.dispatch_settings
    where paused
    union all
    (
      select distinct source, lead_id::text
      from public.call_pauses
      where until is null or until > now()
      order by source nulls last, lead_id
      limit ${MOST}
    )`;
}
