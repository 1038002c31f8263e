import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshNumber } from "../support/insert_lead.ts";

/** Inserts that many new leads, each with a number of its own, and returns the numbers. */
export async function insertLeads(sql: Sql, count: number): Promise<string[]> {
  const numbers = Array.from({ length: count }, freshNumber);
  await sql`
    insert into public.leads (customer_name, phone)
    select 'Ada', line from unnest(${numbers}::text[]) as line`;
  return numbers;
}
