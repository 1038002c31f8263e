/** What `start --help` prints. */
export const START_HELP =
  `Starts Call Dispatch on this machine: PostgreSQL with the project's migrations, the Edge Functions
and a simulated Omni that rings nobody. Calls who is due at once, then on the real schedule and when
a lead comes in, and tells how each call ended and what follows it.

Usage: deno task start [options]

  --leads FILE.csv   load these leads, not the sample ones; columns customer_name, phone, stage,
                     time_zone in any order, of which only phone is needed
  --country XX       country of numbers without a country code, such as US; stays set
  --once             end after one run: code 0 when the run is ok, else 1; does not wait until the
                     calls are over
  --every 10s        run the schedule's job this often (10s, 5m, 1h), not every five minutes
  --json             one line of JSON on stdout for each run and, with "event":"call_ended", for
                     each call that ends; all words on stderr
  --reset            delete the data of earlier starts first; not with --live
  --data FOLDER      keep the data here; default supabase/local/.data
  --live             call for real, through the account in OMNI_BASE_URL, OMNI_API_KEY,
                     OMNI_AGENT_ID and OMNI_FROM_NUMBER_ID (environment or .env); asks first
  --yes              with --live: do not ask
  --help

DISPATCH_CONCURRENCY, DISPATCH_TIME_BUDGET_MS and OMNI_TIMEOUT_MS are passed on to the functions.
Simulated calls last a tenth of their time, and are cut off by the end of this command. Real ones
report their end only where CALL_ENDED_URL names an address of this machine that Omni can reach (with
CALL_ENDED_SECRET and CALL_ENDED_AGENT_SECRET, if given); else Omni's call log is asked for them after
15 minutes.
Ctrl-C ends everything in order: what is under way is stored first. Live and simulated data are kept
apart. Ends with 0, with 1 when a run or the start failed, with 2 when it could not begin with what
it was given, with 130 when interrupted.`;
