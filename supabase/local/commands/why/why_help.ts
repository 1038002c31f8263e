/** What `why --help` prints. */
export const WHY_HELP =
  `Tells why somebody is called, or not, and what came of the last five attempts.

Usage: deno task why <phone|lead id> [options]

  --at TIME          at this moment, such as 2026-12-01T09:00+05:30; default now
  --database-url URL the database, as the role postgres; default DATABASE_URL from the environment
                     or .env, else the running deno task start
  --json             one line of JSON on stdout; all words on stderr
  --help

The phone may be written in any way; without its country code it is read by
dispatch_settings.default_country, and compared by its digits. Changes nothing. Ends with 0, with 1
when nobody is found, with 2 when it could not begin: arguments, configuration or rights.`;
