/** What `resume --help` prints. */
export const RESUME_HELP = `Lets calls go on that deno task pause has stopped.

Usage: deno task resume [options]

  --source NAME      only the pause of this source: seed, recall or manual
  --lead ID          only the pause of this lead
  --database-url URL the database, as the role postgres; default DATABASE_URL from the environment
                     or .env, else the running deno task start
  --json             one line of JSON on stdout; all words on stderr
  --help

Without --source and --lead it ends the stop of all calls, unless shadow mode is on, which holds it;
pauses of a source or a lead stay, and are named. Ends with 0, also when nothing was paused, with 1
when it failed, with 2 when it could not begin: arguments, configuration or rights. A database that
does not answer in time may resume all the same: ask again.`;
