import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { supabaseCli, type SupabaseCliOptions } from "./supabase_cli.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Applies the project's migrations that the database does not have yet, by the Supabase CLI's own
 * `db push`, so that what works here is what works on a hosted project.
 */
export async function pushMigrations(options: SupabaseCliOptions): Promise<void> {
  const directory = options.projectDirectory ?? PROJECT;
  if (!await hasMigrations(join(directory, "supabase", "migrations"))) return;
  const { success, stdout, stderr } = await supabaseCli(["db", "push"], options);
  if (success) return;
  throw new Error(
    `The migrations could not be applied. The Supabase CLI says:\n${stdout}${stderr}`,
  );
}

async function hasMigrations(directory: string): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(directory)) if (name.endsWith(".sql")) return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}
