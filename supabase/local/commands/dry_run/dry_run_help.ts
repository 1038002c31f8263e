/** What `dry-run --help` prints. */
export const DRY_RUN_HELP = `Tells who would be called, who not, and why. Asks the deployed function
call-dispatch, and changes nothing.

Usage: deno task dry-run [options]

  --at TIME    at this moment, such as 2026-12-01T09:00+05:30; default now
  --url URL    the project, such as https://abcd.supabase.co; default SUPABASE_URL, else the running
               deno task start
  --json       the function's reply as one line of JSON on stdout
  --help

From the environment or .env, but not for the local stack: CRON_JOB_SECRET, which the function asks for
when it has one itself; else SUPABASE_SECRET_KEY or SUPABASE_SERVICE_ROLE_KEY.

At another moment everything else is taken as it is now: rules, leads, the calls that are going on. At
most 500 lines. Ends with 0 when it was told, with 1 when the function did not answer, with 2 when it
could not begin: arguments, configuration or rights.`;
