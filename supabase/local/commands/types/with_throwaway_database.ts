import { bootstrapDatabase } from "../../postgres/bootstrap_database.ts";
import { startPostgres } from "../../postgres/start_postgres.ts";
import { pushMigrations } from "../../push_migrations.ts";

const DATABASE = "postgres";

/** Runs `work` on a new database with all migrations, on a server of its own that is gone after it. */
export async function withThrowawayDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const directory = await Deno.makeTempDir({ prefix: "call-dispatch-types-" });
  // The server's user has to get in, not to look around.
  if (Deno.build.os !== "windows") await Deno.chmod(directory, 0o711);
  try {
    const postgres = await startPostgres({
      dataDirectory: directory,
      binDirectory: Deno.env.get("POSTGRES_BIN_DIR"),
      settings: { fsync: "off", "cron.database_name": DATABASE },
    });
    try {
      const { realCron } = postgres;
      await bootstrapDatabase({ adminUrl: postgres.url(DATABASE, "supabase_admin"), realCron });
      await pushMigrations({ databaseUrl: postgres.url(DATABASE) });
      return await work(postgres.url(DATABASE));
    } finally {
      await postgres.stop();
      if (postgres.dataDirectory !== directory) {
        await Deno.remove(postgres.dataDirectory, { recursive: true });
      }
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
