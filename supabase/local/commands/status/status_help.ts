/** What `status --help` prints. */
export const STATUS_HELP =
  `Tells how the engine is doing: what a person should look at, the schedule,
the calls, who is next, and the last runs.

Usage: deno task status [options]

  --watch            again every 5 seconds, until Ctrl-C
  --every 10s        the same at this interval: from 1s to 24h
  --database-url URL the database, as the role postgres; default DATABASE_URL from the environment
                     or .env, else the running deno task start
  --json             one line of JSON on stdout, with --watch one each time; all words on stderr
  --help

In colours on a terminal, unless NO_COLOR is set. Changes nothing. Ends with 0 when all is well, with 1
when there is a warning that a person should look at, with 2 when it could not begin: arguments,
configuration, rights, or no database that answers. With --watch the last page counts, and a page that
could not be read is told and tried again.`;
