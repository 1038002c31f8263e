import assert from "node:assert/strict";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";
import { DISPATCH_CONTRACT } from "../../../supabase/functions/call-dispatch/dispatch_contract.ts";
import { type ClaimedFollowUp } from "../../../supabase/functions/call-dispatch/store.ts";
import { ask, post, SECRET, startHandler } from "./start_handler.ts";
import { RUN_ID, stubStore } from "./stub_store.ts";

const OTHER_RUN_ID = "5c9d1d7e-2f60-4c1e-8a44-0f2f6f1f9b11";

for (const method of ["GET", "POST"]) {
  Deno.test(`handler: ${method} runs and answers with the run's summary`, async () => {
    const started = startHandler();
    const reply = await started.handle(ask({ method }));
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get("cache-control"), "no-store");
    const { duration_ms, ...summary } = await reply.json();
    assert.ok(Number.isInteger(duration_ms) && duration_ms >= 0);
    assert.deepEqual(summary, {
      ok: true,
      run_id: RUN_ID,
      source: "manual",
      seeded: 0,
      claimed: 0,
      accepted: 0,
      skipped: 0,
      failed: 0,
      postponed: 0,
      not_sent: 0,
      refused: 0,
      unknown: 0,
      rescued: 0,
      stop_reason: "drained",
      error: null,
      remaining: 0,
      next_run_id: null,
    });
    assert.deepEqual(started.kept, []);
    assert.equal(started.asked.at(0), "beginRun");
    assert.equal(started.asked.at(-1), "finishRun");
  });
}

Deno.test("handler: the run's id and source go from the body to the run", async () => {
  const begun: unknown[] = [];
  const started = startHandler({
    beginRun: async (runId, source) => {
      begun.push(runId, source);
      return { id: runId ?? RUN_ID, startWithOne: false };
    },
  });
  const body = JSON.stringify({ run_id: OTHER_RUN_ID, source: "pg_cron" });
  const summary = await (await started.handle(post(body))).json();
  assert.deepEqual(begun, [OTHER_RUN_ID, "pg_cron"]);
  assert.deepEqual([summary.run_id, summary.source], [OTHER_RUN_ID, "pg_cron"]);
});

Deno.test("handler: respond-async answers 202 with the run's id, and the run goes on", async () => {
  const end = Promise.withResolvers<void>();
  let finished = false;
  const started = startHandler({
    seedFollowUps: async () => {
      await end.promise;
      return 0;
    },
    finishRun: async (_run, stop_reason, error) => {
      finished = true;
      return { ...await stubStore().store.finishRun(RUN_ID, stop_reason, error) };
    },
  });
  const reply = await started.handle(ask({ headers: { ...SECRET, prefer: "respond-async" } }));
  assert.equal(reply.status, 202);
  assert.deepEqual(await reply.json(), { ok: true, run_id: RUN_ID });
  assert.equal(finished, false);
  assert.equal(started.kept.length, 1);
  end.resolve();
  await Promise.all(started.kept);
  assert.equal(finished, true);
});

Deno.test("handler: work that goes on after 202 and fails is logged, not thrown", async () => {
  const started = startHandler({
    finishRun: () => Promise.reject(new StoreError("There is no run", false)),
  });
  const reply = await started.handle(ask({ headers: { ...SECRET, prefer: "respond-async" } }));
  assert.equal(reply.status, 202);
  await Promise.all(started.kept);
  assert.match(started.logged.join("\n"), /There is no run/);
});

const away = () => Promise.reject(new StoreError("The database is away", false));

for (const prefer of ["", "respond-async"]) {
  Deno.test(`handler: 503 when no run can be begun, ${prefer || "waiting"}, and no call is made`, async () => {
    const started = startHandler({ beginRun: away });
    const reply = await started.handle(ask({ headers: { ...SECRET, prefer } }));
    assert.equal(reply.status, 503);
    assert.deepEqual(await reply.json(), { ok: false, error: "The database is away" });
    assert.deepEqual([started.asked, started.kept], [["beginRun"], []]);
  });
}

Deno.test("handler: 503 when the run breaks off, with the summary and the error", async () => {
  const reply = await startHandler({ seedFollowUps: away }).handle(ask());
  assert.equal(reply.status, 503);
  const { ok, stop_reason, error } = await reply.json();
  assert.deepEqual([ok, stop_reason, error], [false, "error", "The database is away"]);
});

Deno.test("handler: 503 when the run cannot be closed", async () => {
  assert.equal((await startHandler({ finishRun: away }).handle(ask())).status, 503);
});

Deno.test("handler: 503 when a dry run cannot be read", async () => {
  assert.equal(
    (await startHandler({ previewDispatch: away }).handle(ask({ query: "?dry_run=1" }))).status,
    503,
  );
});

Deno.test("handler: a run that was halted is answered, but not ok", async () => {
  const started = startHandler({
    finishRun: async (run, _reason, _error) =>
      await stubStore().store.finishRun(run, "halted", "Bad key"),
  });
  const reply = await started.handle(ask());
  assert.equal(reply.status, 200);
  const { ok, stop_reason, error } = await reply.json();
  assert.deepEqual([ok, stop_reason, error], [false, "halted", "Bad key"]);
});

Deno.test("handler: a mistake in the function is 500 and tells nothing of itself but in the log", async () => {
  const createProvider = () => {
    throw new TypeError("x is not a function at secret-place");
  };
  const started = startHandler({}, { createProvider });
  const reply = await started.handle(ask());
  assert.equal(reply.status, 500);
  assert.ok(!(await reply.text()).includes("secret-place"));
  assert.match(started.logged.join(), /secret-place/);
});

const previewed = {
  followUpId: null,
  leadId: "l",
  dueAt: "2026-01-01T00:00:00Z",
  defaultCountry: null,
};

Deno.test("handler: a dry run shows who would be called and asks only what changes nothing", async () => {
  const started = startHandler({
    previewDispatch: async () => [
      { ...previewed, phone: "+919812345678", refusal: null },
      { ...previewed, phone: "+919812345678", refusal: null },
      { ...previewed, phone: "+14155552671", refusal: "Lead is closed" },
      { ...previewed, phone: "not a number", refusal: null },
    ],
  });
  const headers = { ...SECRET, prefer: "respond-async" };
  const reply = await started.handle(ask({ query: "?dry_run=1", headers }));
  assert.equal(reply.status, 200);
  const text = await reply.text();
  const { dry_run, contract, would_call, would_not_call } = JSON.parse(text);
  assert.deepEqual([dry_run, contract], [true, DISPATCH_CONTRACT]);
  assert.equal(would_call.length, 1);
  const reasons = would_not_call.map(({ reason }: { reason: string }) => reason);
  assert.match(reasons[0], /another live call/);
  assert.equal(reasons[1], "Lead is closed");
  assert.match(reasons[2], /not valid/);
  assert.ok(!text.includes("98123456"));
  assert.deepEqual(
    new Set(started.asked),
    new Set(["checkContract", "previewDispatch", "numbersInLiveCalls"]),
  );
  assert.deepEqual([started.providers, started.kept], [0, []]);
});

Deno.test("handler: one line of JSON is logged for a run, without name, number or key", async () => {
  const claimed: ClaimedFollowUp[] = [{
    followUpId: "f",
    leadId: "l",
    leaseToken: "t",
    message: "About the flat",
    phone: "+919812345678",
    customerName: "Asha",
    defaultCountry: null,
  }];
  const started = startHandler({ claimDueFollowUps: async () => claimed.splice(0) });
  await started.handle(ask());
  assert.equal(started.logged.length, 1);
  const [line = ""] = started.logged;
  const { event, run_id } = JSON.parse(line);
  assert.deepEqual([event, run_id], ["dispatch_run", RUN_ID]);
  assert.doesNotMatch(line, /Asha|flat|98123|cron-secret|omni-key|service-key|\n/);
  assert.ok(started.asked.includes("recordDispatchResults"));
});
