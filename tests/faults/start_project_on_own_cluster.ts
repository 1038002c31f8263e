import { bootstrapDatabase } from "../../supabase/local/postgres/bootstrap_database.ts";
import { connect } from "../../supabase/local/postgres/connect.ts";
import {
  type PostgresServer,
  startPostgres,
} from "../../supabase/local/postgres/start_postgres.ts";
import { type Gateway, startGateway } from "../../supabase/local/gateway/start_gateway.ts";
import { pushMigrations } from "../../supabase/local/push_migrations.ts";
import { startSimulatedOmni } from "../../supabase/local/simulated_omni/start_simulated_omni.ts";
import type { Project } from "../support/project.ts";
import { startTestFunction, type TestFunction } from "../support/start_test_function.ts";

/** A project whose whole PostgreSQL server can be killed: nobody else works on it. */
export interface ProjectOnOwnCluster extends Project {
  readonly postgres: PostgresServer;
  readonly gateway: Gateway;
  readonly function: TestFunction;
}

/** Starts a server with the settings of a real one, and everything else of a project on it. */
export async function startProjectOnOwnCluster(
  env: Record<string, string> = {},
  options: { functionsDirectory?: string } = {},
): Promise<ProjectOnOwnCluster> {
  await using parts = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "call-dispatch-cluster-" });
  await Deno.chmod(directory, 0o711);
  parts.defer(() => Deno.remove(directory, { recursive: true }));
  const postgres = await startPostgres({
    dataDirectory: directory,
    ...binariesOfTheTests(),
  });
  parts.defer(() => postgres.stop());
  await bootstrapDatabase({ adminUrl: postgres.adminUrl, realCron: postgres.realCron });
  await pushMigrations({ databaseUrl: postgres.url("postgres") });
  const sql = connect(postgres.url("postgres"), { max: 2 });
  parts.defer(() => sql.end({ timeout: 1 }));
  const omni = parts.use(await startSimulatedOmni());
  const gateway = startGateway({
    authenticatorUrl: postgres.url("postgres", "authenticator"),
    secretKey: `sb_secret_${crypto.randomUUID()}`,
    publishableKey: `sb_publishable_${crypto.randomUUID()}`,
  });
  parts.defer(() => gateway.stop());
  const cronJobSecret = crypto.randomUUID();
  const running = parts.use(
    await startTestFunction({
      name: "call-dispatch",
      gateway,
      ...options,
      env: {
        CRON_JOB_SECRET: cronJobSecret,
        OMNI_BASE_URL: omni.url,
        OMNI_API_KEY: omni.apiKey,
        OMNI_AGENT_ID: String(omni.agentId),
        OMNI_FROM_NUMBER_ID: String(omni.fromNumberId),
        ...env,
      },
    }),
  );
  const all = parts.move();
  return {
    postgres,
    sql,
    omni,
    gateway,
    cronJobSecret,
    function: running,
    get functionUrl() {
      return `${running.url}/functions/v1/call-dispatch`;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function binariesOfTheTests(): { binDirectory?: string } {
  const binDirectory = Deno.env.get("POSTGRES_BIN_DIR");
  return binDirectory ? { binDirectory } : {};
}
