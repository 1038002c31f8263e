import assert from "node:assert/strict";
import { liveProvider } from "../../../../supabase/local/commands/start/live_provider.ts";
import { UsageError } from "../../../../supabase/local/commands/usage_error.ts";

const omni = {
  OMNI_BASE_URL: "https://omni.test",
  OMNI_API_KEY: "key",
  OMNI_AGENT_ID: "1",
  OMNI_FROM_NUMBER_ID: "2",
};
const reports = {
  CALL_ENDED_URL: "https://tunnel.test/functions/v1/call-ended",
  CALL_ENDED_SECRET: "s".repeat(32),
  CALL_ENDED_AGENT_SECRET: "a".repeat(32),
};

Deno.test("liveProvider: calls are not asked to report to a machine that Omni cannot reach", () => {
  const { env, description } = liveProvider({ ...omni, HOME: "/" });
  assert.deepEqual(env, { ...omni, CALL_ENDED_URL: "off" });
  assert.match(description, /https:\/\/omni\.test: the calls are real\n.*after 15 minutes/);
});

Deno.test("liveProvider: calls report to the address that is given", () => {
  const { env, description } = liveProvider({ ...omni, ...reports });
  assert.deepEqual(env, { ...omni, ...reports });
  assert.match(description, /\nOmni reports the ends of calls to https:\/\/tunnel\.test/);
});

Deno.test("liveProvider: what either function cannot use is refused, each fault once", () => {
  assert.throws(
    () =>
      liveProvider({
        ...omni,
        CALL_ENDED_SECRET: "short",
        CALL_ENDED_AGENT_SECRET: "short",
        CALL_ENDED_URL: "nowhere",
      }),
    (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message.match(/CALL_ENDED_SECRET must have at least 32/g)?.length, 1);
      assert.match(
        error.message,
        /CALL_ENDED_URL must be off, .*CALL_ENDED_AGENT_SECRET must be another/s,
      );
      return true;
    },
  );
});
