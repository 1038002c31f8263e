/** What `invoke --help` prints. */
export const INVOKE_HELP = `Makes one run of call-dispatch by hand, on any project.

Usage: deno task invoke [options]

  --url URL    the project, such as https://abcd.supabase.co; default SUPABASE_URL, else the running
               deno task start
  --dry-run    show who would be called now, who not and why; changes nothing
  --at TIME    with --dry-run: at this moment, such as 2026-12-01T09:00+05:30
  --async      do not wait for the end of the run
  --json       the function's reply as one line of JSON on stdout
  --help

From the environment or .env, but not for the local stack: CRON_JOB_SECRET, which the function asks for
when it has one itself; else SUPABASE_SECRET_KEY or SUPABASE_SERVICE_ROLE_KEY.

The Supabase CLI has no "functions invoke": it can deploy a function and serve it locally, but not
call it. This uses functions.invoke of supabase-js. Ends with 0 when the run is ok, with 1 when it is
not or did not answer, with 2 when it could not begin: arguments, configuration or rights.`;
