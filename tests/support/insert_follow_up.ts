import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { insertLead, type LeadColumns } from "./insert_lead.ts";

/** What a follow-up may be made of; the rest is a manual call that was due a minute ago. */
export interface FollowUpColumns {
  lead_id: string;
  due_at: Date;
  status: string;
  channel: string;
  source: string;
  attempts: number;
  message: string | null;
  reason: string | null;
  /** Columns of the lead that is made when there is no lead_id. */
  lead: Partial<LeadColumns>;
}

/** Inserts a follow-up, with a lead of its own unless one is given, and returns its id. */
export async function insertFollowUp(
  sql: Sql,
  columns: Partial<FollowUpColumns> = {},
): Promise<string> {
  const leadId = columns.lead_id ?? await insertLead(sql, columns.lead);
  const [row] = await sql<{ id: string }[]>`
    insert into public.follow_ups (lead_id, due_at, status, channel, source, attempts, message, reason)
    values (
      ${leadId}, ${columns.due_at ?? new Date(Date.now() - 60_000)},
      ${columns.status ?? "pending"}, ${columns.channel ?? "voice_call"},
      ${columns.source ?? "manual"}, ${columns.attempts ?? 0}, ${columns.message ?? null},
      ${columns.reason ?? null}
    )
    returning id`;
  return row!.id;
}
