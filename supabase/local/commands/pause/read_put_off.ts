import type { Sql } from "../../postgres/connect.ts";
import type { PausedScope } from "./paused_scope.ts";

/** Follow-ups that a claim has put off because of a pause. */
export interface PutOff {
  count: number;
  /** When the last of them is due; null where there are none. */
  last: Date | null;
}

/** Those of `scope`: the end of a pause does not move them back. */
export async function readPutOff(sql: Sql, { source, lead }: PausedScope): Promise<PutOff> {
  const [row] = await sql<PutOff[]>`
    select count(*)::integer as count, max(due_at::timestamptz) as last
    from public.follow_ups
    where status::text = 'pending'
      and channel::text = 'voice_call'
      and due_at > now()
      and (reason = 'Paused' or reason like 'Paused: %')
      and (source::text = ${source} or lead_id = ${lead}
        or (${source}::text is null and ${lead}::uuid is null))`;
  return row!;
}
