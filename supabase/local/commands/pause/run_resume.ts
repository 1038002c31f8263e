import { PostgresError, type Sql } from "../../postgres/connect.ts";
import { EXIT_CODE } from "../exit_code.ts";
import { utcMinute } from "../operator/utc_minute.ts";
import { LONG_ANSWERS_WITHIN_MS, withDatabase } from "../operator/with_database.ts";
import type { Terminal } from "../terminal.ts";
import { describeScope, type PausedScope } from "./paused_scope.ts";
import { type PutOff, readPutOff } from "./read_put_off.ts";
import { readStillPaused } from "./read_still_paused.ts";
import type { ResumeOptions } from "./resume_options.ts";

// Who calls while the older dispatcher does, too, calls people twice.
const SHADOW_MODE_PAUSES = "in_shadow_mode_it_stays_paused";

/**
 * Ends the pause that is meant and says what goes on; returns the code to end with.
 *
 * @throws {Error} for the stop of all calls while shadow mode is on; it then stays.
 */
export async function runResume(options: ResumeOptions, terminal: Terminal): Promise<number> {
  const { scope, databaseUrl } = options;
  const { ended, putOff, still } = await withDatabase(
    { databaseUrl, terminal, answersWithinMs: LONG_ANSWERS_WITHIN_MS },
    async (sql) => ({
      ended: await endPause(sql, scope),
      putOff: await readPutOff(sql, scope),
      still: await readStillPaused(sql),
    }),
  );
  terminal.say(
    ended ? `${describeScope(scope)} go on.` : `${describeScope(scope)} were not paused.`,
  );
  if (ended && putOff.count > 0) terminal.say(describePutOff(putOff));
  for (const one of still) terminal.say(`${describeScope(one)} are still paused.`);
  terminal.result({ resumed: ended, ...scope, still_paused: still });
  return EXIT_CODE.ok;
}

async function endPause(sql: Sql, { source, lead }: PausedScope): Promise<boolean> {
  const ended = source === null && lead === null ? await endStop(sql) : await sql`
      delete from public.call_pauses
      where source = ${source} or lead_id = ${lead}
      returning until is null or until > now() as in_force`;
  return ended.some((row) => row.in_force);
}

async function endStop(sql: Sql) {
  try {
    return await sql`
      update public.dispatch_settings set paused = false where paused returning true as in_force`;
  } catch (error) {
    if (!(error instanceof PostgresError) || error.constraint_name !== SHADOW_MODE_PAUSES) {
      throw error;
    }
    throw new Error(
      "Cannot resume: shadow mode is on, and holds the pause. When the older dispatcher calls nobody " +
        'any more, run "select public.use_shadow_mode(false)" as the role postgres, then deno task resume',
      { cause: error },
    );
  }
}

function describePutOff({ count, last }: PutOff): string {
  return `Put off while paused, and not moved back: ${count}, the last due at ${utcMinute(last!)}.`;
}
