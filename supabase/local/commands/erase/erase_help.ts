/** What `erase --help` prints. */
export const ERASE_HELP = `Forgets a person, and never calls them again.

Usage: deno task erase <phone or lead id> [options]

  --yes              without asking
  --database-url URL the database, as the role postgres; default DATABASE_URL from the environment
                     or .env, else the running deno task start
  --json             one line of JSON on stdout; all words on stderr
  --help

Deletes all leads with that number, with their follow-ups, pauses and reports, and what the app's
tables delete together with a lead; takes number, recording, summary and replies from the calls that
were made, whose number, time and outcome stay. The number stays on the stop list, as a hash.

While a call is under way nothing is deleted, but the number is stopped: ask again later.
What Omni keeps of the calls, backups and what other programs have copied are not reached from here.

Asks before either.

Ends with 0 when the person is erased, with 1 when not, with 2 when it could not begin: arguments,
configuration or rights. A database that does not answer in time may erase all the same: ask again.`;
