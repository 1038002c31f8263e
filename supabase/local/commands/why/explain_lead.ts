import { maskNumber } from "../../../functions/call-dispatch/mask_number.ts";
import { readPhoneNumber } from "../../../functions/call-dispatch/phone_number.ts";
import type { Sql } from "../../postgres/connect.ts";
import type { Answer } from "./answer.ts";
import { askFollowUps, type FollowUpAnswer } from "./ask_follow_ups.ts";
import { askLead } from "./ask_lead.ts";
import type { FoundLead } from "./find_leads.ts";
import { type Attempt, readAttempts } from "./read_attempts.ts";
import type { Settings } from "./read_settings.ts";

/** All that is told of a lead; its `reason` and `until` are those of the lead itself. */
export interface ExplainedLead extends Answer {
  lead_id: string;
  customer_name: string | null;
  /** Masked. */
  phone: string | null;
  stage: string;
  follow_ups: FollowUpAnswer[];
  attempts: Attempt[];
}

/** Explains why a lead is or is not called at a moment. */
export async function explainLead(
  sql: Sql,
  lead: FoundLead,
  { at, settings }: { at: Date; settings: Settings },
): Promise<ExplainedLead> {
  const read = readPhoneNumber(lead.phone ?? "", settings.default_country);
  const number = "e164" in read ? read.e164 : null;
  const unreadable = "e164" in read ? null : read.reason;
  const question = { leadId: lead.id, number, unreadable, at, settings };
  return {
    lead_id: lead.id,
    customer_name: lead.customer_name,
    phone: lead.phone === null ? null : maskNumber(number ?? lead.phone),
    stage: lead.stage,
    ...await askLead(sql, question),
    follow_ups: await askFollowUps(sql, question),
    attempts: await readAttempts(sql, lead.id),
  };
}
