/** What `start --help` prints. */
export const START_HELP =
  `Starts Call Dispatch on this machine: PostgreSQL with the project's migrations, the Edge Function
and a simulated Omni that rings nobody. Calls who is due at once, then on the real schedule.

Usage: deno task start [options]

  --leads FILE.csv   load these leads, not the sample ones; columns customer_name, phone, stage,
                     time_zone in any order, of which only phone is needed
  --country XX       country of numbers without a country code, such as US; stays set
  --once             end after one run: code 0 when the run is ok, else 1
  --every 10s        run the schedule's job this often (10s, 5m, 1h), not every five minutes
  --json             one line of JSON on stdout for each run, all words on stderr
  --reset            delete the data of earlier starts first; not with --live
  --data FOLDER      keep the data here; default supabase/local/.data
  --live             call for real, through the account in OMNI_BASE_URL, OMNI_API_KEY,
                     OMNI_AGENT_ID and OMNI_FROM_NUMBER_ID (environment or .env); asks first
  --yes              with --live: do not ask
  --help

DISPATCH_CONCURRENCY, DISPATCH_TIME_BUDGET_MS and OMNI_TIMEOUT_MS are passed on to the function.
Ctrl-C ends everything in order: what is under way is stored first. Live and simulated data are kept
apart. Ends with 0, with 1 when a run or the start failed, with 2 when it could not begin with what
it was given, with 130 when interrupted.`;
