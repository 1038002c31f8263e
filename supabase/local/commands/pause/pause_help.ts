/** What `pause --help` prints. */
export const PAUSE_HELP = `Stops calls at once: all, or those of one source or lead.

Usage: deno task pause [options]

  --source NAME      only calls of this source: seed, recall or manual
  --lead ID          only calls to this lead
  --until TIME       ends by itself, such as 2026-12-01T09:00+05:30; with --source or --lead
  --reason TEXT      why, for those who ask; with --source or --lead
  --database-url URL the database, as the role postgres; default DATABASE_URL from the environment
                     or .env, else the running deno task start
  --json             one line of JSON on stdout; all words on stderr
  --help

Calls that have been accepted go on. The reverse is deno task resume. Ends with 0 when it is paused,
with 1 when that failed, with 2 when it could not begin: arguments, configuration or rights. A database
that does not answer in time may pause all the same: ask again.`;
