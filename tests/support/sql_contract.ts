import type { Sql } from "../../supabase/local/postgres/connect.ts";

/** A row that claim_due_follow_ups returns, as far as tests look at it. */
export interface Claimed {
  follow_up_id: string;
  lead_id: string;
  lease_token: string;
  phone: string;
}

/** An attempt that was opened, with what a report on it needs. */
export interface Opened {
  attempt_id: string;
  follow_up_id: string;
  lease_token: string;
}

/** One report, as record_dispatch_results takes it. */
export interface Report {
  status: string;
  request_id?: string;
  error?: string;
  http_status?: number;
  response?: unknown;
  refused_alone?: boolean;
}

/** Claims up to `size` due follow-ups. */
export async function claim(sql: Sql, size = 50, lease = "2 minutes"): Promise<Claimed[]> {
  const rows = await sql<Claimed[]>`
    select * from public.claim_due_follow_ups(${size}, ${lease}::interval)`;
  return [...rows];
}

/** Opens an attempt for each claimed row, at the number as it stands. */
export async function open(
  sql: Sql,
  claimed: Claimed[],
  options: { runId?: string; numbers?: string[] } = {},
): Promise<Opened[]> {
  const items = claimed.map((row, index) => ({
    attempt_id: crypto.randomUUID(),
    follow_up_id: row.follow_up_id,
    lease_token: row.lease_token,
    to_number: options.numbers?.[index] ?? row.phone,
    phone: row.phone,
  }));
  const opened = await sql<{ attempt_id: string }[]>`
    select attempt_id from public.open_call_attempts(
      ${JSON.stringify(items)}::text::jsonb, ${options.runId ?? null}
    )`;
  const ids = new Set(opened.map((row) => row.attempt_id));
  return items.filter((item) => ids.has(item.attempt_id));
}

/** Reports the same on each opened attempt; returns the ids of those that moved. */
export async function record(sql: Sql, opened: Opened[], report: Report): Promise<string[]> {
  const results = opened.map(({ attempt_id, lease_token }) => ({
    attempt_id,
    lease_token,
    ...(report.status === "accepted" ? { request_id: "3166940" } : {}),
    ...report,
  }));
  const moved = await sql<{ attempt_id: string }[]>`
    select attempt_id from public.record_dispatch_results(${JSON.stringify(results)}::text::jsonb)`;
  return moved.map((row) => row.attempt_id);
}

/** Begins a run and returns its id. */
export async function beginRun(sql: Sql): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    select id from public.begin_dispatch_run(contract => public.dispatch_contract())`;
  return row!.id;
}

/** One follow-up as it stands. */
export async function followUp(sql: Sql, id: string) {
  const [row] = await sql<{
    status: string;
    reason: string | null;
    attempts: number;
    due_at: Date;
    completed_at: Date | null;
    lease_token: string | null;
    leased_until: Date | null;
  }[]>`select * from public.follow_ups where id = ${id}`;
  return row!;
}
