import { connect } from "../../supabase/local/postgres/connect.ts";
import { type Blockade, type BlockedResult, measureBlocked } from "./measure_blocked.ts";
import { startBenchStack } from "./start_bench_stack.ts";

const BLOCKADES: Blockade[] = ["hours", "stop list", "closed leads"];
const CALLABLE = 100;

/** Measures the same with none, a thousand and `most` in front, for each blockade. */
export async function measureBlockades(most: number): Promise<BlockedResult[]> {
  await using project = await startBenchStack({
    functions: ["call-dispatch"],
    omni: { latencyMs: 100 },
    // On a busy machine as well it is to be measured, and not cut off.
    functionEnv: { DISPATCH_TIME_BUDGET_MS: "300000" },
  });
  await countFunctions(project.stack.adminDatabaseUrl);
  const loads = [0, ...new Set([Math.min(1_000, most), most])].flatMap((blocked) =>
    (blocked === 0 ? BLOCKADES.slice(0, 1) : BLOCKADES)
      .map((by) => ({ blocked, by, callable: CALLABLE }))
  );
  await measureBlocked(loads[0]!, project);
  const results: BlockedResult[] = [];
  for (const load of loads) {
    console.error(`${load.blocked} blocked by ${load.by}, ${load.callable} behind them`);
    results.push(await measureBlocked(load, project));
  }
  return results;
}

// Only a superuser may, and only what runs afterwards in new connections is counted for certain.
async function countFunctions(adminUrl: string): Promise<void> {
  const admin = connect(adminUrl, { max: 1 });
  try {
    await admin`alter system set track_functions = 'all'`;
    await admin`select pg_reload_conf()`;
  } finally {
    await admin.end();
  }
}
