import assert from "node:assert/strict";
import { readConfig } from "../../../../supabase/functions/call-dispatch/config.ts";
import { replyWithinMs } from "../../../../supabase/local/commands/invoke/reply_within_ms.ts";

const RUN = { dryRun: false, at: null, respondAsync: false };

Deno.test("replyWithinMs: a run may take all that its configuration allows, a dry run half a minute", () => {
  assert.equal(replyWithinMs({ ...RUN, dryRun: true }), 30_000);
  assert.equal(replyWithinMs({ ...RUN, respondAsync: true }), 30_000);
  const { timeBudgetMs, omniTimeoutMs } = readConfig({
    SUPABASE_URL: "https://abcd.supabase.co",
    SUPABASE_SERVICE_ROLE_KEY: "key",
    CRON_JOB_SECRET: "secret",
    OMNI_BASE_URL: "https://omni.test",
    OMNI_API_KEY: "key",
    OMNI_AGENT_ID: "1",
    OMNI_FROM_NUMBER_ID: "2",
    DISPATCH_TIME_BUDGET_MS: "300000",
    OMNI_TIMEOUT_MS: "60000",
  });
  assert.ok(replyWithinMs(RUN) > timeBudgetMs + omniTimeoutMs);
});
