import type { Sql } from "../../postgres/connect.ts";
import { EXIT_CODE } from "../exit_code.ts";
import { utcMinute } from "../operator/utc_minute.ts";
import { withDatabase } from "../operator/with_database.ts";
import type { Terminal } from "../terminal.ts";
import type { PauseOptions } from "./pause_options.ts";
import { describeScope } from "./paused_scope.ts";

/** Stops what is meant and says so; returns the code to end with. */
export async function runPause(options: PauseOptions, terminal: Terminal): Promise<number> {
  const { scope, databaseUrl } = options;
  const isAll = scope.source === null && scope.lead === null;
  const until = await withDatabase(
    { databaseUrl, terminal },
    (sql) => isAll ? stopAll(sql) : insertPause(sql, options),
  );
  terminal.say(
    `${describeScope(scope)} are stopped now, until ${
      until ? utcMinute(until) : "deno task resume"
    }; ` +
      "calls that have been accepted go on.",
  );
  terminal.result({ paused: true, ...scope, until });
  return EXIT_CODE.ok;
}

async function stopAll(sql: Sql): Promise<null> {
  await sql`update public.dispatch_settings set paused = true where not paused`;
  return null;
}

/** Returns when what is paused goes on, which an older and longer pause may decide. */
async function insertPause(
  sql: Sql,
  { scope: { source, lead }, until, reason }: PauseOptions,
): Promise<Date | null> {
  // The table takes any id: it must not keep an app from emptying its leads.
  const { count } = await sql`
    insert into public.call_pauses (source, lead_id, until, reason)
    select ${source}, ${lead}::uuid, ${until}::timestamptz, ${reason}
    where ${lead}::uuid is null or exists (select from public.leads where id = ${lead})`;
  if (count === 0) throw new Error(`Cannot pause the lead "${lead}": there is no such lead`);
  const [longest] = await sql<{ until: Date | null }[]>`
    select until
    from public.call_pauses
    where (source = ${source} or lead_id = ${lead}) and (until is null or until > now())
    order by until desc nulls first
    limit 1`;
  return longest?.until ?? null;
}
