import { connect } from "../../supabase/local/postgres/connect.ts";
import type { SimulatedOmni } from "../../supabase/local/simulated_omni/simulated_omni.ts";
import type { Stack } from "../../supabase/local/stack.ts";
import { type BenchLoad, type BenchResult, toBenchResult } from "./bench_result.ts";

/** One run over the whole real path: HTTP, handler, supabase-js, gateway, Postgres, provider. */
export async function measureCallDispatch(
  load: BenchLoad,
  stack: Stack,
  omni: SimulatedOmni,
): Promise<BenchResult> {
  await fill(stack, load.calls);
  const before = omni.ledger.count;
  const running = stack.function("call-dispatch");
  const cpuBefore = await running.cpuMilliseconds();
  const startedAt = performance.now();
  const response = await fetch(`${stack.url}/functions/v1/call-dispatch`, {
    method: "POST",
    headers: { "x-cron-secret": stack.cronJobSecret },
  });
  const summary = await response.json();
  const wallMs = performance.now() - startedAt;
  const cpuMs = await running.cpuMilliseconds() - cpuBefore;
  const rings = omni.ledger.count - before;
  if (summary.accepted !== load.calls || rings !== load.calls) {
    throw new Error(`Cannot measure: ${rings} rings, ${JSON.stringify(summary)}`);
  }
  return toBenchResult("call-dispatch", load, { wallMs, cpuMs });
}

async function fill(stack: Stack, calls: number): Promise<void> {
  const sql = connect(stack.databaseUrl, { max: 1 });
  try {
    await sql`truncate public.leads, public.follow_ups, public.call_attempts, public.seed_candidates`;
    await sql`
      with lead as (
        insert into public.leads (customer_name, phone)
        select 'Lead ' || n, '+1415' || 2000000 + n from generate_series(1, ${calls}::int) as n
        returning id
      )
      insert into public.follow_ups (lead_id, due_at) select id, now() from lead`;
    // They have their follow-ups: there is nothing to seed.
    await sql`truncate public.seed_candidates`;
    await sql`analyze public.leads, public.follow_ups`;
  } finally {
    await sql.end();
  }
}
