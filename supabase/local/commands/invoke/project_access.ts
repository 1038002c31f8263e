import { UsageError } from "../usage_error.ts";

/** Which project, and by what right. */
export interface ProjectAccess {
  /** Without a slash at its end. */
  url: string;
  /** Goes in `x-cron-secret`. */
  cronJobSecret: string | null;
  /** The project's secret key. */
  secretKey: string | null;
}

const LOCAL = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Reads where the project is and how to be let in.
 *
 * @throws {UsageError} when something is missing or would send a secret in clear text.
 */
export function readProjectAccess(
  env: Record<string, string>,
  urlFlag: string | null,
): ProjectAccess {
  const text = urlFlag ?? env.SUPABASE_URL;
  if (text === undefined) throw new UsageError("SUPABASE_URL is missing: set it, or give --url");
  const url = URL.canParse(text) ? new URL(text) : null;
  // The text is not repeated: it holds a password.
  if (text.includes("@")) {
    throw new UsageError(
      "Cannot use the project URL: there is an @ in it, as if of a user. Give one such as " +
        "https://abcd.supabase.co",
    );
  }
  const isSafe = url?.protocol === "https:" ||
    (url?.protocol === "http:" && LOCAL.has(url.hostname));
  if (!isSafe) {
    throw new UsageError(
      `Cannot use the project URL "${text}": give one such as https://abcd.supabase.co`,
    );
  }
  // While one secret replaces the other there are two, and both are valid.
  const cronJobSecret = env.CRON_JOB_SECRET?.split(",")[0]?.trim() ?? null;
  const secretKey = env.SUPABASE_SECRET_KEY ?? env.SUPABASE_SERVICE_ROLE_KEY ?? null;
  if (cronJobSecret === null && secretKey === null) {
    throw new UsageError(
      "CRON_JOB_SECRET is missing, and so are SUPABASE_SECRET_KEY and SUPABASE_SERVICE_ROLE_KEY: " +
        "set one of them in the environment or in .env",
    );
  }
  return { url: text.replace(/\/+$/, ""), cronJobSecret, secretKey };
}
