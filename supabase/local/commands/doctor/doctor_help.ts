/** What `doctor --help` prints. */
export const DOCTOR_HELP =
  `Checks everything that must be right before people are called, and says what
to do about what is not.

Usage: deno task doctor [options]

  --database-url URL the database, as the role postgres; default DATABASE_URL
  --url URL          the project, such as https://abcd.supabase.co; default SUPABASE_URL
  --json             the list as one line of JSON on stdout: check, state, says
  --help

From the environment or .env; where neither a database nor a project is named, the running deno task
start is examined. The functions' variables (OMNI_…, CRON_JOB_SECRET, CALL_ENDED_…) are checked as they
stand here, and by what the deployed function says of its own. Each line is ok, warning, fault or, where
it could not be told, "not checked" with the reason.

Changes nothing and calls nobody: it makes a dry run, and of Omni it only reads. No secret is shown. Ends
with 0 when there is no fault and no warning, with 1 when there is, with 2 when it could not begin:
arguments, or nothing that could be looked at.`;
