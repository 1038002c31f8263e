import type { Sql } from "../../postgres/connect.ts";
import { type Answer, answer } from "./answer.ts";
import type { Question } from "./question.ts";

/** Asks the database about the lead itself, whatever follow-up it would be called for. */
export async function askLead(
  sql: Sql,
  { leadId, number, unreadable, at, settings }: Question,
): Promise<Answer> {
  const [refusal] = await sql<Answer[]>`
    select refusal.reason, refusal.until
    from public.leads as lead
    cross join lateral public.call_refusal(
      null::public.follow_ups, lead, ${number}, ${at}
    ) as refusal
    where lead.id = ${leadId}`;
  return answer({ refusal: refusal ?? null, unreadable, wait: null }, settings);
}
