import { secretsIn } from "../../../functions/_shared/secrets.ts";
import { type ProjectAccess, readProjectAccess } from "../invoke/project_access.ts";
import { findRunningStack } from "../operator/find_running_stack.ts";
import { readDatabaseUrl } from "../operator/read_database_url.ts";
import { readStackAccess } from "../operator/read_stack_access.ts";
import { UsageError } from "../usage_error.ts";
import type { DoctorOptions } from "./doctor_options.ts";
import type { Absent } from "./examine.ts";
import { openOmni } from "./omni/open_omni.ts";
import type { Patient } from "./patient.ts";

/** What there is access to, but for the database, which is to be opened yet. */
export interface FoundPatient {
  databaseUrl: string | null;
  patient: Partial<Patient>;
  absent: Absent;
}

const NO_DATABASE = "no database is named: set DATABASE_URL, or give --database-url";
const NO_PROJECT = "no project is named: set SUPABASE_URL, or give --url";
const NO_VARIABLES = "none of the functions' variables is set here";
const NO_CRON_SECRET = "CRON_JOB_SECRET is not set here";
const OWN_VARIABLES = "deno task start gives its functions their variables";

/**
 * Finds what is meant: what the flags and the environment name, else the local stack that runs on the
 * data in `root`. Never a part of each.
 *
 * @throws {UsageError} when there is nothing to examine, or it is named wrongly.
 */
export async function findPatient(
  options: Pick<DoctorOptions, "databaseUrl" | "url">,
  env: Record<string, string>,
  root?: string,
): Promise<FoundPatient> {
  const database = options.databaseUrl ?? env.DATABASE_URL ?? null;
  const url = options.url ?? env.SUPABASE_URL ?? null;
  if (database === null && url === null) {
    const stack = await findRunningStack(root);
    if (stack !== null) return await ofStack(stack, env);
  }
  const variables = functionVariables(env);
  if (database === null && url === null && variables === null) {
    throw new UsageError(
      "There is nothing to examine: set DATABASE_URL and SUPABASE_URL in the environment or in .env, " +
        "or give --database-url and --url, or begin with deno task start, without --data",
    );
  }
  const project = url === null ? { absent: NO_PROJECT } : readAccess(env, url);
  const cronJobSecrets = secretsIn(env.CRON_JOB_SECRET);
  return withOmni({
    databaseUrl: database === null ? null : await readDatabaseUrl(database, {}),
    patient: {
      ...("url" in project ? { project } : {}),
      ...(variables && { variables }),
      ...(cronJobSecrets.length > 0 && { cronJobSecrets }),
    },
    absent: {
      database: NO_DATABASE,
      project: "absent" in project ? project.absent : undefined,
      variables: NO_VARIABLES,
      cronJobSecrets: NO_CRON_SECRET,
      omni: NO_VARIABLES,
    },
  });
}

async function ofStack(
  stack: NonNullable<Awaited<ReturnType<typeof findRunningStack>>>,
  env: Record<string, string>,
): Promise<FoundPatient> {
  // As start hands them on: Omni cannot reach this machine.
  const variables = stack.kind === "live"
    ? { CALL_ENDED_URL: "off", ...env, CRON_JOB_SECRET: stack.cronJobSecret }
    : undefined;
  return withOmni({
    databaseUrl: stack.databaseUrl,
    patient: {
      project: await readStackAccess(stack),
      cronJobSecrets: [stack.cronJobSecret],
      ...(variables && { variables }),
    },
    absent: { variables: OWN_VARIABLES, omni: `${OWN_VARIABLES}, and a simulated Omni` },
  });
}

/** A project that we cannot be let into can still be examined otherwise. */
function readAccess(
  env: Record<string, string>,
  url: string,
): ProjectAccess | { absent: string } {
  const hasKey = env.CRON_JOB_SECRET ?? env.SUPABASE_SECRET_KEY ?? env.SUPABASE_SERVICE_ROLE_KEY;
  if (hasKey !== undefined) return readProjectAccess(env, url);
  return { absent: "neither CRON_JOB_SECRET nor a secret key of the project is set here" };
}

/** All variables, when one of the functions' own is among them. */
function functionVariables(env: Record<string, string>): Record<string, string> | null {
  const isOwn = (name: string) => /^(OMNI_|CRON_JOB_SECRET$|CALL_ENDED_|DISPATCH_)/.test(name);
  return Object.keys(env).some(isOwn) ? env : null;
}

function withOmni({ patient, absent, databaseUrl }: FoundPatient): FoundPatient {
  const opened = patient.variables === undefined ? null : openOmni(patient.variables);
  const omni = opened !== null && "account" in opened ? { omni: opened.account } : {};
  return {
    databaseUrl,
    patient: { now: Date.now, ...patient, ...omni },
    absent: opened !== null && "absent" in opened ? { ...absent, omni: opened.absent } : absent,
  };
}
