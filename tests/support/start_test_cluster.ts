import { bootstrapDatabase } from "../../supabase/local/postgres/bootstrap_database.ts";
import { embeddedPostgres } from "../../supabase/local/postgres/embedded_postgres.ts";
import { connect } from "../../supabase/local/postgres/connect.ts";
import { leaveToTests } from "./leave_to_tests.ts";
import {
  type PostgresServer,
  startPostgres,
} from "../../supabase/local/postgres/start_postgres.ts";
import { pushMigrations } from "../../supabase/local/push_migrations.ts";
import type { ScratchDirectories } from "./scratch_directories.ts";
import { TEST_CLUSTER } from "./test_cluster.ts";

const { emptyTemplate, migratedTemplate, cronDatabase } = TEST_CLUSTER;

// Nothing here has to survive a power cut.
const SETTINGS = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
};

/** Starts a cluster with the templates that the tests copy: an empty project and a migrated one. */
export async function startTestCluster(directories: ScratchDirectories): Promise<PostgresServer> {
  const postgres = await startPostgres({
    dataDirectory: directories.data,
    binDirectory: Deno.env.get("POSTGRES_BIN_DIR") || await embeddedPostgres(directories.programs),
    // A real pg_cron installs itself into this one database only.
    settings: { ...SETTINGS, "cron.database_name": migratedTemplate },
  });
  try {
    await createTemplates(postgres);
    return postgres;
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function createTemplates(postgres: PostgresServer): Promise<void> {
  const { realCron } = postgres;
  await createDatabase(postgres, emptyTemplate);
  await bootstrap(postgres, emptyTemplate, false);
  await createDatabase(postgres, migratedTemplate, realCron ? "template0" : emptyTemplate);
  await bootstrap(postgres, migratedTemplate, realCron);
  await pushMigrations({ databaseUrl: postgres.url(migratedTemplate) });
  await leaveTemplateToTests(postgres);
  if (!realCron) return;
  // pg_cron sits in its database, and a database that somebody sits in cannot be copied.
  await postgres.restart({ settings: { "cron.database_name": "postgres" } });
  await createDatabase(postgres, cronDatabase, migratedTemplate);
  await forgetJobs(postgres);
  await postgres.restart({ settings: { "cron.database_name": cronDatabase } });
}

// The jobs came with the copy, and would be run in the template, which could then not be copied.
async function forgetJobs(postgres: PostgresServer): Promise<void> {
  const sql = connect(postgres.url(cronDatabase, "supabase_admin"), { max: 1 });
  try {
    await sql`delete from cron.job where true`;
  } finally {
    await sql.end();
  }
}

async function leaveTemplateToTests(postgres: PostgresServer): Promise<void> {
  const sql = connect(postgres.url(migratedTemplate), { max: 1 });
  try {
    await leaveToTests(sql);
  } finally {
    await sql.end();
  }
}

async function createDatabase(
  postgres: PostgresServer,
  name: string,
  template = "template0",
): Promise<void> {
  const sql = connect(postgres.adminUrl, { max: 1 });
  try {
    await sql.unsafe(`create database ${name} template ${template}`);
  } finally {
    await sql.end();
  }
}

async function bootstrap(
  postgres: PostgresServer,
  database: string,
  realCron: boolean,
): Promise<void> {
  await bootstrapDatabase({ adminUrl: postgres.url(database, "supabase_admin"), realCron });
}
