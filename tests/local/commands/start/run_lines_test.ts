import assert from "node:assert/strict";
import { readRuns } from "../../../../supabase/local/commands/start/read_runs.ts";
import { runLines } from "../../../../supabase/local/commands/start/run_lines.ts";
import { insertCall, recordEvent } from "../../../support/call_event.ts";
import { freshDatabase } from "../../../support/fresh_database.ts";

Deno.test("runLines: a recall after a call that ended meanwhile is no follow-up of the run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const started_at = new Date(Date.now() - 60_000);
  const [begun] = await sql`
    insert into public.dispatch_runs (source, started_at) values ('manual', ${started_at})
    returning id`;
  const call = await insertCall(sql, { opened_at: new Date(Date.now() - 30_000) });
  await sql`update public.call_attempts set run_id = ${begun?.id}`;
  await recordEvent(sql, { attempt_id: call.attempt_id });
  assert.equal((await sql`select from public.follow_ups where source = 'recall'`).length, 1);
  const [run] = await readRuns(sql, { since: started_at, except: [] });
  const { called, notCalled } = await runLines(sql, run!, 50);
  assert.deepEqual([called.total, notCalled.total], [1, 0]);
});
