import { connect } from "../../supabase/local/postgres/connect.ts";
import { startBenchStack } from "./start_bench_stack.ts";
import { fillQueue } from "./fill_queue.ts";

/** How long a new lead waits for its call. */
export interface NewLeadsResult {
  scenario: string;
  leads: number;
  /** From the insert's commit to the ring, in ms. */
  median_ms: number;
  worst_ms: number;
}

/** Inserts leads one after the other and waits for the ring of each, with no schedule at all. */
export async function measureNewLeads(leads: number): Promise<NewLeadsResult> {
  await using project = await startBenchStack({
    functions: ["call-dispatch", "call-ended"],
    omni: { latencyMs: 100 },
  });
  const { stack, omni } = project;
  await fillQueue(stack, { calls: 0, settings: { start_at_once: true } });
  const sql = connect(stack.databaseUrl, { max: 1 });
  const waits: number[] = [];
  try {
    for (let lead = 0; lead < leads; lead += 1) {
      const phone = `+1415${2_000_000 + lead}`;
      await sql`insert into public.leads (phone) values (${phone})`;
      const startedAt = performance.now();
      while (omni.ledger.ringsTo(phone).length === 0) {
        if (performance.now() - startedAt > 60_000) {
          throw new Error(`Cannot measure: ${phone} has not rung after a minute`);
        }
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      waits.push(performance.now() - startedAt);
    }
  } finally {
    await sql.end();
  }
  waits.sort((one, other) => one - other);
  return {
    scenario: "new_lead",
    leads,
    median_ms: Math.round(waits[Math.floor(leads / 2)] ?? NaN),
    worst_ms: Math.round(waits.at(-1) ?? NaN),
  };
}
