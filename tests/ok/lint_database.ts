// The Supabase CLI's own `db lint` and `db advisors` over the migrated database. `db lint` needs the
// extension plpgsql_check, which no registry ships: POSTGRES_BIN_DIR names a PostgreSQL that has it.
import { bootstrapDatabase } from "../../supabase/local/postgres/bootstrap_database.ts";
import { connect } from "../../supabase/local/postgres/connect.ts";
import {
  type PostgresServer,
  startPostgres,
} from "../../supabase/local/postgres/start_postgres.ts";
import { pushMigrations } from "../../supabase/local/push_migrations.ts";
import { supabaseCli } from "../../supabase/local/supabase_cli.ts";
import { exerciseIndexes } from "./exercise_indexes.ts";

const DATABASE = "postgres";

async function lintDatabase(): Promise<boolean> {
  await using parts = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "call-dispatch-lint-" });
  parts.defer(() => Deno.remove(directory, { recursive: true }));
  if (Deno.build.os !== "windows") await Deno.chmod(directory, 0o711);
  const postgres = await startPostgres({
    dataDirectory: directory,
    binDirectory: Deno.env.get("POSTGRES_BIN_DIR"),
    settings: { "cron.database_name": DATABASE },
  });
  parts.defer(() => postgres.stop());
  const adminUrl = postgres.url(DATABASE, "supabase_admin");
  await bootstrapDatabase({ adminUrl, realCron: postgres.realCron });
  await pushMigrations({ databaseUrl: postgres.url(DATABASE) });
  // "Unused index" is said of every index until it has been read once.
  await exerciseIndexes(postgres.url(DATABASE));
  const hasChecker = await installChecker(adminUrl);
  if (!hasChecker) console.log("db lint is left out: this PostgreSQL has no plpgsql_check");
  return await cleanly(postgres, ["db", "advisors", "--level", "info", "--fail-on", "info"]) &&
    (!hasChecker ||
      await cleanly(postgres, ["db", "lint", "--level", "warning", "--fail-on", "warning"]));
}

// Put where the platform has it, and within reach of the path that the platform's database has.
async function installChecker(adminUrl: string): Promise<boolean> {
  const sql = connect(adminUrl, { max: 1 });
  try {
    const found = await sql`select from pg_available_extensions where name = 'plpgsql_check'`;
    if (found.length === 0) return false;
    await sql`create extension if not exists plpgsql_check with schema extensions`;
    await sql.unsafe(`alter database ${DATABASE} set search_path to "$user", public, extensions`);
    return true;
  } finally {
    await sql.end();
  }
}

async function cleanly(postgres: PostgresServer, command: string[]): Promise<boolean> {
  const { success, stdout, stderr } = await supabaseCli(command, {
    databaseUrl: postgres.url(DATABASE),
  });
  console.log(`supabase ${command.join(" ")}\n${stdout}${success ? "" : stderr}`);
  return success;
}

if (!await lintDatabase()) Deno.exit(1);
