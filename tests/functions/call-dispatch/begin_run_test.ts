import assert from "node:assert/strict";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";
import { RunRefused } from "../../../supabase/functions/call-dispatch/run_refused.ts";
import { ask, post, SECRET, startHandler } from "./start_handler.ts";
import { RUN_ID } from "./stub_store.ts";

const MESSAGE = "The database is older";
const mismatch = () => Promise.reject(new RunRefused(MESSAGE));
const REQUEST = JSON.stringify({ run_id: RUN_ID, source: "pg_cron" });

Deno.test("begin_run: a run of another contract is refused once, and its row says why", async () => {
  const finished: unknown[] = [];
  const started = startHandler({
    beginRun: mismatch,
    finishRun: (...args) => {
      finished.push(args);
      return Promise.reject(new StoreError("not asked for its reply", false));
    },
  });
  const reply = await started.handle(post(REQUEST, { ...SECRET, prefer: "respond-async" }));
  assert.equal(reply.status, 503);
  assert.deepEqual(await reply.json(), { ok: false, error: MESSAGE });
  assert.deepEqual(finished, [[RUN_ID, "error", MESSAGE]]);
  assert.deepEqual([started.asked, started.providers], [["beginRun", "finishRun"], 0]);
  assert.match(started.logged.join("\n"), /not asked for its reply[^]*The database is older/);
});

Deno.test("begin_run: a manual run of another contract has no row to close", async () => {
  const started = startHandler({ beginRun: mismatch });
  assert.equal((await started.handle(ask())).status, 503);
  assert.deepEqual(started.asked, ["beginRun"]);
});

Deno.test("begin_run: a run that cannot be begun for another reason is left for the next try", async () => {
  const started = startHandler({
    beginRun: () => Promise.reject(new StoreError("There is no reply", false)),
  });
  assert.equal((await started.handle(post(REQUEST))).status, 503);
  assert.deepEqual(started.asked, ["beginRun"]);
});

Deno.test("begin_run: a dry run is refused in the same way, and shows nobody", async () => {
  const started = startHandler({ checkContract: mismatch });
  const reply = await started.handle(ask({ query: "?dry_run=1" }));
  assert.equal(reply.status, 503);
  assert.deepEqual(await reply.json(), { ok: false, error: MESSAGE });
  assert.deepEqual(started.asked, ["checkContract"]);
});
