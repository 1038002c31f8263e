import { UsageError } from "../usage_error.ts";
import { findRunningStack } from "./find_running_stack.ts";
import { NO_RUNNING_STACK } from "./no_running_stack.ts";

/**
 * The database that is meant: the flag's, else the one of the environment, else the local stack's.
 *
 * @throws {UsageError} when there is none, or when it is no PostgreSQL URL.
 */
export async function readDatabaseUrl(
  flag: string | null,
  env: Record<string, string>,
): Promise<string> {
  const url = flag ?? env.DATABASE_URL ?? (await findRunningStack())?.databaseUrl ?? null;
  if (url === null) {
    throw new UsageError(
      `DATABASE_URL is missing, and ${NO_RUNNING_STACK}: set it in the environment or in .env, or give ` +
        "--database-url. In Supabase it is under Connect, Connection string",
    );
  }
  // The text is not repeated: it holds a password.
  if (/^postgres(ql)?:\/\/./.test(url) && URL.canParse(url)) return url;
  throw new UsageError(
    "Cannot use the database URL: give one such as postgres://postgres:PASSWORD@HOST:5432/postgres, " +
      "with special characters of the password written as %40 and the like",
  );
}
