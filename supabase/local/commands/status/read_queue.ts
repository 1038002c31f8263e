import { maskNumber } from "../../../functions/call-dispatch/mask_number.ts";
import type { Sql } from "../../postgres/connect.ts";

const HEAD = 10;

/** A row of the view `call_queue`. */
export interface QueuedCall {
  lead_id: string;
  /** Null for a lead that the next run would seed. */
  follow_up_id: string | null;
  customer_name: string | null;
  /** Masked. */
  phone: string | null;
  source: string;
  due_at: Date;
  /** Null = never, or not known yet. */
  next_allowed_at: Date | null;
  waits_for: string;
}

/** The first few of the queue. */
export async function readQueue(sql: Sql): Promise<QueuedCall[]> {
  const rows = await sql<QueuedCall[]>`
    select lead_id, follow_up_id, customer_name, phone, source, due_at, next_allowed_at, waits_for
    from public.call_queue
    limit ${HEAD}`;
  return rows.map((row) => ({
    ...row,
    phone: row.phone === null ? null : maskNumber(row.phone),
  }));
}
