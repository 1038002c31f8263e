import { connect, type Sql } from "./connect.ts";

const STAND_INS = { supabase_vault: "vault.sql", pg_net: "net.sql" };

/** What to bootstrap, and as whom. */
export interface BootstrapOptions {
  /** URL of the database as the superuser `supabase_admin`. Its password becomes that of all roles. */
  adminUrl: string;
  /** Installs the real pg_cron; else its stand-in. */
  realCron: boolean;
}

/**
 * Makes a plain PostgreSQL database look like a Supabase project's: roles, schemas, grants, and
 * stand-ins for `vault`, `net` and `cron`. Doing it again changes nothing.
 */
export async function bootstrapDatabase({ adminUrl, realCron }: BootstrapOptions): Promise<void> {
  const sql = connect(adminUrl, { max: 1 });
  try {
    const password = decodeURIComponent(new URL(adminUrl).password);
    await run(sql, (await read("roles.sql")).replaceAll("{password}", password));
    await run(sql, await read("database.sql"));
    await run(sql, await read("stand_in_extension.sql"));
    for (const [extension, file] of Object.entries(STAND_INS)) {
      if (!await isInstalled(sql, extension)) await run(sql, await read(file));
    }
    if (await isInstalled(sql, "pg_cron")) return;
    await run(sql, await read(realCron ? "real_cron.sql" : "cron.sql"));
  } finally {
    await sql.end();
  }
}

async function read(file: string): Promise<string> {
  return await Deno.readTextFile(new URL(file, import.meta.url));
}

// Many statements in one message are one transaction: a stand-in is there as a whole or not at all.
async function run(sql: Sql, statements: string): Promise<void> {
  await sql.unsafe(statements).simple();
}

async function isInstalled(sql: Sql, extension: string): Promise<boolean> {
  const rows = await sql`select from pg_catalog.pg_extension where extname = ${extension}`;
  return rows.length > 0;
}
