import type { Sql } from "../../supabase/local/postgres/connect.ts";

/** The numbers of the attempts that stand at `status`, sorted. */
export async function attemptsByStatus(sql: Sql, status: string): Promise<string[]> {
  const rows = await sql<{ to_number: string }[]>`
    select to_number from public.call_attempts where status = ${status} order by to_number`;
  return rows.map((row) => row.to_number);
}
