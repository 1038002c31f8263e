import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { insertFollowUp } from "./insert_follow_up.ts";
import { freshNumber, insertLead, type LeadColumns } from "./insert_lead.ts";

/** What Omni tells of a call's end, as record_call_result takes it; null = not told. */
export interface CallEvent {
  source: "webhook" | "call_log";
  attempt_id: string | null;
  request_id: string | null;
  call_id: string | null;
  direction: string | null;
  to_number: string | null;
  outcome: string | null;
  reported_status: string | null;
  duration_seconds: number | null;
  recording_url: string | null;
  summary: string | null;
  extracted_variables: unknown;
}

/** The answer of record_call_result. */
export interface EventAnswer {
  verdict: string;
  attempt_id: string | null;
  callback_to_read: boolean;
}

/** What a call may be made of; the rest is one that Omni accepted ten minutes ago. */
export interface CallColumns {
  lead_id: string;
  follow_up_id: string;
  status: string;
  opened_at: Date;
  request_id: string | null;
  call_id: string;
  outcome: string;
  ended_at: Date;
  reported_by: string;
  to_number: string;
  error: string;
  /** Columns of the lead that is made when there is no lead_id. */
  lead: Partial<LeadColumns>;
}

/** An attempt that was inserted, with what a report on it needs. */
export interface InsertedCall {
  attempt_id: string;
  lead_id: string;
  follow_up_id: string;
  request_id: string | null;
  lease_token: string;
  to_number: string;
}

const LIVE_AND_HELD = ["sending", "unknown"];
let nextId = 4_000_000;

/** An id that Omni gave to no other call or request of the tests. */
export function freshOmniId(): string {
  nextId += 1;
  return String(nextId);
}

/** Stores an event: by default an unanswered outbound call, told by a webhook that names nothing. */
export async function recordEvent(
  sql: Sql,
  told: Partial<CallEvent>,
  asOf: Date = new Date(),
): Promise<EventAnswer> {
  const event: CallEvent = {
    source: "webhook",
    attempt_id: null,
    request_id: null,
    call_id: null,
    direction: "outbound",
    to_number: null,
    outcome: "no_answer",
    reported_status: told.outcome === undefined ? "no_answer" : told.outcome,
    duration_seconds: null,
    recording_url: null,
    summary: null,
    extracted_variables: null,
    ...told,
  };
  const [answer] = await sql<EventAnswer[]>`
    select * from public.record_call_result(${JSON.stringify(event)}::text::jsonb, ${asOf})`;
  return { ...answer! };
}

/** Inserts an attempt as the engine would have left it, with lead and follow-up unless given. */
export async function insertCall(
  sql: Sql,
  columns: Partial<CallColumns> = {},
): Promise<InsertedCall> {
  const status = columns.status ?? "accepted";
  const opened_at = columns.opened_at ?? new Date(Date.now() - 600_000);
  const to_number = columns.to_number ?? freshNumber();
  const lead_id = columns.lead_id ??
    await insertLead(sql, { phone: to_number, ...columns.lead });
  const follow_up_id = columns.follow_up_id ?? await insertFollowUp(sql, {
    lead_id,
    due_at: opened_at,
    status: LIVE_AND_HELD.includes(status) ? "pending" : "completed",
    attempts: 1,
  });
  const request_id = columns.request_id !== undefined
    ? columns.request_id
    : LIVE_AND_HELD.includes(status)
    ? null
    : freshOmniId();
  const ended_at = columns.ended_at ?? (status === "ended" ? opened_at : null);
  const [row] = await sql<{ id: string; lease_token: string }[]>`
    insert into public.call_attempts (
      follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until, request_id,
      call_id, outcome, ended_at, reported_by, error
    )
    values (
      ${follow_up_id}, ${lead_id}, gen_random_uuid(), ${to_number}, ${status}, ${opened_at},
      ${new Date(opened_at.getTime() + 120_000)}, ${request_id}, ${columns.call_id ?? null},
      ${columns.outcome ?? null}, ${ended_at}, ${columns.reported_by ?? null},
      ${columns.error ?? null}
    )
    returning id, lease_token`;
  return {
    attempt_id: row!.id,
    lead_id,
    follow_up_id,
    request_id,
    lease_token: row!.lease_token,
    to_number,
  };
}

/** One attempt as it stands. */
export async function attempt(sql: Sql, id: string) {
  const [row] = await sql<{
    status: string;
    request_id: string | null;
    call_id: string | null;
    outcome: string | null;
    ended_at: Date | null;
    duration_seconds: number | null;
    recording_url: string | null;
    summary: string | null;
    reported_by: string | null;
    error: string | null;
    http_status: number | null;
    lookups: number;
    looked_up_at: Date | null;
    lookup_note: string | null;
    callback_text: string | null;
    callback_status: string | null;
  }[]>`select * from public.call_attempts where id = ${id}`;
  return row!;
}
