/** What `adopt --help` prints. */
export const ADOPT_HELP =
  `Looks at a project that has leads and follow-ups of its own, before the migrations are pushed.

Usage: deno task adopt --check|--shadow-report [options]

  --check            what is there, what the migrations add and leave alone, what they would be
                     refused for and how to mend it, and how many people the first run would call
  --shadow-report    after select use_shadow_mode(true): whom we would have called, and whom the other
                     dispatcher called meanwhile
  --database-url URL the database, as the role postgres; default DATABASE_URL from the environment
                     or .env, else the running deno task start
  --json             one line of JSON on stdout; all words on stderr
  --help

Only reads, in read-only transactions that end after 5 s each and wait for no lock: an app that works
on the tables is not kept waiting. Ends with 0, with 1 when something has to be mended first, with 2
when it could not begin or look: arguments, configuration, rights or a database that is away.`;
