import { connect } from "../../supabase/local/postgres/connect.ts";
import { startSimulatedOmni } from "../../supabase/local/simulated_omni/start_simulated_omni.ts";
import type { Project } from "./project.ts";
import { startEmbeddedProject } from "./start_embedded_project.ts";

/**
 * The project that the end-to-end tests run against: the embedded one, or, when `SUPABASE_URL` is
 * set, that one. It then needs `DATABASE_URL` (role postgres; ALL ROWS OF OUR TABLES ARE DELETED),
 * `CRON_JOB_SECRET`, and `SIMULATED_OMNI_PORT`, on which the function finds the provider: its
 * `OMNI_*` are those of the simulated account (key `simulated-omni-key`, agent 4711, number 42).
 */
export async function startProject(): Promise<Project> {
  const url = Deno.env.get("SUPABASE_URL");
  return url === undefined ? await startEmbeddedProject() : await connectProject(url);
}

async function connectProject(url: string): Promise<Project> {
  const sql = connect(needed("DATABASE_URL"));
  const omni = await startSimulatedOmni({
    hostname: "0.0.0.0",
    port: Number(needed("SIMULATED_OMNI_PORT")),
  });
  await sql`truncate public.leads, public.follow_ups, public.call_attempts, public.dispatch_runs,
    public.seed_candidates, public.call_events, public.dispatch_requests`;
  await sql`delete from public.dispatch_settings where id`;
  await sql`insert into public.dispatch_settings
    (start_at_once, smallest_gap_per_number, max_calls_per_number_per_day, expire_after)
    values (false, '0', null, null)`;
  return {
    sql,
    omni,
    functionUrl: `${url}/functions/v1/call-dispatch`,
    cronJobSecret: needed("CRON_JOB_SECRET"),
    async [Symbol.asyncDispose]() {
      await omni.stop();
      await sql.end();
    },
  };
}

function needed(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`To test the project at SUPABASE_URL, set ${name} too`);
  return value;
}
