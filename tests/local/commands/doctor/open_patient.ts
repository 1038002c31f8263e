import { openOmni } from "../../../../supabase/local/commands/doctor/omni/open_omni.ts";
import type { Patient } from "../../../../supabase/local/commands/doctor/patient.ts";
import { scheduleJobs } from "../../../support/schedule_jobs.ts";
import {
  type EmbeddedProject,
  startEmbeddedProject,
} from "../../../support/start_embedded_project.ts";

/** A project in which all is well, and what doctor needs to see that. */
export interface OpenPatient extends AsyncDisposable {
  readonly project: EmbeddedProject;
  /** The variables as they stand in .env. */
  readonly variables: Record<string, string>;
  /** Read anew, with these variables over those. */
  patient(changed?: Record<string, string | undefined>): Partial<Patient>;
}

/** Starts a whole project: database, gateway, both functions and Omni. */
export async function openPatient(): Promise<OpenPatient> {
  const project = await startEmbeddedProject({}, { callEnded: true });
  const { sql, gateway, cronJobSecret, env: variables } = project;
  await sql`update public.dispatch_heartbeat set last_tick_at = now() where id`;
  await sql`insert into public.calling_hours (opens, closes) values ('00:00', '24:00')`;
  await scheduleJobs(sql);
  return {
    project,
    variables,
    patient(changed = {}) {
      const given = Object.fromEntries(
        Object.entries({ ...variables, ...changed }).filter(([, value]) => value !== undefined),
      ) as Record<string, string>;
      const omni = openOmni(given);
      return {
        database: sql,
        project: { url: gateway.url, cronJobSecret, secretKey: null },
        variables: given,
        cronJobSecrets: [cronJobSecret],
        now: Date.now,
        ...("account" in omni ? { omni: omni.account } : {}),
      };
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}
