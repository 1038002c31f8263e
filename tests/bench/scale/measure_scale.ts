import { connect, type Sql } from "../../../supabase/local/postgres/connect.ts";
import { startStack } from "../../../supabase/local/stack.ts";
import { growProject } from "./grow_project.ts";
import { medianMs } from "./median_ms.ts";
import type { ScaleResult } from "./scale_result.ts";

const NEW_LEADS = 5_000;
const SEED_BATCH = 500;
const CLAIM_BATCH = 50;
const CLAIMS = 20;
const TICKS = 20;

/** Lets a project grow from one size to the next, and measures the same new work at each. */
export async function* measureScale(sizes: number[]): AsyncGenerator<ScaleResult> {
  const directory = await Deno.makeTempDir({ prefix: "call-dispatch-scale-" });
  // PostgreSQL's user has to get in, not to look around.
  if (Deno.build.os !== "windows") await Deno.chmod(directory, 0o711);
  try {
    const stack = await startStack({ dataDirectory: directory, clock: false });
    const admin = connect(stack.adminDatabaseUrl, { max: 1 });
    const sql = connect(stack.databaseUrl, { max: 1 });
    try {
      await sql`update public.dispatch_settings set start_at_once = false where id`;
      let leads = 0;
      for (const size of sizes) {
        console.error(`Growing to ${size} leads`);
        await growProject(admin, leads, size);
        leads = size;
        yield await measureSize(sql, size);
      }
    } finally {
      await Promise.all([admin.end(), sql.end()]);
      await stack.stop();
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function measureSize(sql: Sql, leads: number): Promise<ScaleResult> {
  await addNewLeads(sql, leads);
  const seedMs = await medianMs(NEW_LEADS / SEED_BATCH, async () => {
    await expectCount(SEED_BATCH, sql`select public.seed_follow_ups(${SEED_BATCH}) as count`);
  });
  const claimMs = await medianMs(CLAIMS, async () => {
    await expectCount(
      CLAIM_BATCH,
      sql`select count(*)::int as count from public.claim_due_follow_ups(${CLAIM_BATCH})`,
    );
  });
  await sql`
    update public.follow_ups set status = 'completed', lease_token = null, leased_until = null
    where status = 'pending' and due_at <= now()`;
  const idleMs = await medianMs(TICKS, () => sql`select public.invoke_call_dispatch()`);
  const [heartbeat] = await sql`select last_tick_did from public.dispatch_heartbeat`;
  if (heartbeat?.last_tick_did !== "nothing to do") {
    throw new Error(`Cannot measure an idle tick: it says "${heartbeat?.last_tick_did}"`);
  }
  return {
    leads,
    seed_ms_per_1000: Math.round(seedMs * 1000 / SEED_BATCH * 100) / 100,
    claim_ms: claimMs,
    idle_ms: idleMs,
    call_status_ms: await medianMs(3, () => sql`select * from public.call_status`),
    call_queue_ms: await medianMs(3, () => sql`select * from public.call_queue limit 100`),
  };
}

// Numbers of their own at each size, above those of the leads that are there.
async function addNewLeads(sql: Sql, leads: number): Promise<void> {
  await sql`
    insert into public.leads (customer_name, phone)
    select 'New lead ' || n, '+1' || 4150000000 + ${leads}::bigint + n
    from generate_series(1, ${NEW_LEADS}::int) as n`;
}

async function expectCount(wanted: number, counting: Promise<unknown>): Promise<void> {
  const [row] = await counting as { count: number }[];
  if (row?.count !== wanted) throw new Error(`Cannot measure: ${row?.count} rows, not ${wanted}`);
}
