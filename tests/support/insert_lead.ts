import type { Sql } from "../../supabase/local/postgres/connect.ts";

let nextNumber = 0;

/** A valid number that no other test lead has. */
export function freshNumber(): string {
  nextNumber += 1;
  return `+1415${String(2_000_000 + nextNumber).padStart(7, "0")}`;
}

/** What a lead may be made of; the rest is a new lead with a number of its own. */
export interface LeadColumns {
  customer_name: string | null;
  phone: string | null;
  stage: string;
  call_date: Date | null;
  time_zone: string | null;
  raw_payload: Record<string, unknown>;
}

/** Inserts a lead and returns its id. */
export async function insertLead(sql: Sql, columns: Partial<LeadColumns> = {}): Promise<string> {
  const { raw_payload = {}, ...rest } = {
    customer_name: "Ada",
    phone: freshNumber(),
    stage: "new",
    call_date: null,
    time_zone: null,
    ...columns,
  };
  const [row] = await sql<{ id: string }[]>`
    insert into public.leads (customer_name, phone, stage, call_date, time_zone, raw_payload)
    values (
      ${rest.customer_name}, ${rest.phone}, ${rest.stage}, ${rest.call_date}, ${rest.time_zone},
      ${JSON.stringify(raw_payload)}::text::jsonb
    )
    returning id`;
  return row!.id;
}
