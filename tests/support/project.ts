import type { RunSummary } from "../../supabase/functions/call-dispatch/run_dispatch.ts";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import type { SimulatedOmni } from "../../supabase/local/simulated_omni/simulated_omni.ts";

/** A Supabase project with the function in it, and the provider that it calls. */
export interface Project extends AsyncDisposable {
  /** As the role `postgres`. */
  readonly sql: Sql;
  readonly omni: SimulatedOmni;
  /** Where call-dispatch answers. */
  readonly functionUrl: string;
  readonly cronJobSecret: string;
}

/** Asks for a run, as a manual caller does. */
export function askForRun(project: Project, init: RequestInit = {}, query = ""): Promise<Response> {
  return fetch(project.functionUrl + query, {
    method: "POST",
    ...init,
    headers: { "x-cron-secret": project.cronJobSecret, ...init.headers },
  });
}

/** Does a run and returns its summary. */
export async function dispatch(project: Project): Promise<RunSummary> {
  const response = await askForRun(project);
  return await response.json();
}
