import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";
import type { Verdict } from "../../../supabase/functions/call-ended/store.ts";
import { GOOD_ENVIRONMENT } from "./good_environment.ts";
import { agentReport, ATTEMPT_ID, report, startHandler } from "./start_handler.ts";

Deno.test("handler: a report at a call's own address is stored for that call", async () => {
  const started = startHandler();
  const reply = await started.handle(report({ call_id: 5, call_status: "completed" }));
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get("cache-control"), "no-store");
  assert.deepEqual(await reply.json(), { ok: true, verdict: "settled" });
  const [event] = started.events;
  assert.deepEqual([event?.attempt_id, event?.outcome], [ATTEMPT_ID, "completed"]);
  assert.deepEqual([started.logged, started.kept], [[], []]);
});

Deno.test("handler: a report by the agent's own webhook is stored for the attempt it names", async () => {
  const started = startHandler();
  await started.handle(agentReport({ body: { metadata: { attempt_id: ATTEMPT_ID } } }));
  await started.handle(agentReport({ call_id: 5 }));
  assert.deepEqual(started.events.map((event) => event.attempt_id), [ATTEMPT_ID, null]);
});

for (const verdict of ["settled", "parked", "noted", "ignored"] as Verdict[]) {
  Deno.test(`handler: what is ${verdict} is acknowledged, or the sender would repeat it`, async () => {
    const started = startHandler({
      recordCallResult: async () => ({ verdict, attemptId: null, callbackToRead: false }),
    });
    const reply = await started.handle(agentReport({ call_direction: "inbound" }));
    assert.equal(reply.status, 200);
    assert.deepEqual(await reply.json(), { ok: true, verdict });
  });
}

Deno.test("handler: inbound and chat events are handed on as what they are", async () => {
  const started = startHandler();
  for (const call_direction of ["inbound", "chat"]) {
    assert.equal((await started.handle(agentReport({ call_direction }))).status, 200);
  }
  assert.deepEqual(started.events.map((event) => event.direction), ["inbound", "other"]);
});

Deno.test("handler: nothing is acknowledged before it is stored", async () => {
  const stored = Promise.withResolvers<void>();
  const started = startHandler({
    recordCallResult: async () => {
      await stored.promise;
      return { verdict: "settled", attemptId: null, callbackToRead: false };
    },
  });
  let isAnswered = false;
  const reply = started.handle(report({})).then((answer) => {
    isAnswered = true;
    return answer;
  });
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(isAnswered, false);
  stored.resolve();
  assert.equal((await reply).status, 200);
});

Deno.test("handler: while the database stays away it is 503, and the sender may repeat it", async () => {
  const started = startHandler({
    recordCallResult: () => Promise.reject(new StoreError("secret-place is away", true)),
  });
  const reply = await started.handle(report({}));
  assert.equal(reply.status, 503);
  const body = await reply.json();
  assert.equal(body.ok, false);
  assert.doesNotMatch(body.error, /secret-place/);
  assert.ok(started.events.length > 1);
  assert.match(started.logged.join(), /secret-place/);
});

Deno.test("handler: what will not pass is 500, and only the log tells more", async () => {
  for (
    const failure of [new StoreError("secret-place", false), new TypeError("x at secret-place")]
  ) {
    const started = startHandler({ recordCallResult: () => Promise.reject(failure) });
    const reply = await started.handle(report({}));
    assert.equal(reply.status, 500);
    assert.doesNotMatch(await reply.text(), /secret-place/);
    assert.deepEqual([started.events.length, started.logged.length], [1, 1]);
    assert.match(started.logged[0] ?? "", /secret-place/);
  }
});

Deno.test("handler: a failure is one line of JSON, without what the database quoted of a person", async () => {
  const started = startHandler({
    recordCallResult: () =>
      Promise.reject(
        new StoreError(
          'record_call_result failed (HTTP 400, 22P02): invalid "Asha" "asha" in "call_events"\n' +
            'for +91 98123-45678 and 919812345678: "she lives at',
          false,
        ),
      ),
  });
  await started.handle(report({ to_number: "+919812345678", call_report: { summary: "Asha" } }));
  const [line = "", ...others] = started.logged;
  assert.deepEqual(others, []);
  assert.doesNotMatch(line, /Asha|asha|98123|lives|\n/);
  assert.match(line, /record_call_result failed \(HTTP 400, 22P02\).*call_events/);
  assert.equal(JSON.parse(line).event, "call_ended_failed");
  assert.ok(!line.includes("token") && !line.includes(GOOD_ENVIRONMENT.CALL_ENDED_SECRET ?? "-"));
});

/** A store in which somebody asked to be called at 6, and what was planned of it. */
function withCallback(callbackToRead: boolean) {
  const planned: unknown[] = [];
  const started = startHandler({
    recordCallResult: async () => ({ verdict: "settled", attemptId: ATTEMPT_ID, callbackToRead }),
    callbacksToRead: async (_limit, attemptId) => {
      assert.equal(attemptId, ATTEMPT_ID);
      return [{ attemptId: ATTEMPT_ID, text: "at 6", localNow: "2026-11-24T14:00:00" }];
    },
    planCallback: async (_callback, time) => {
      planned.push(time);
      return true;
    },
  });
  return Object.assign(started, { planned });
}

Deno.test("handler: a callback that was asked for is planned after the acknowledgement", async () => {
  const started = withCallback(true);
  assert.equal((await started.handle(report({}))).status, 200);
  assert.equal(started.kept.length, 1);
  await Promise.all(started.kept);
  assert.deepEqual(started.planned, [{ local_time: "2026-11-24T18:00:00" }]);
});

Deno.test("handler: without a callback to read nothing is asked for", async () => {
  const started = withCallback(false);
  await started.handle(report({}));
  assert.deepEqual([started.kept, started.planned], [[], []]);
});

for (const name of ["callbacksToRead", "planCallback"] as const) {
  Deno.test(`handler: a callback that cannot be planned (${name}) is logged, not thrown`, async () => {
    const started = startHandler({
      recordCallResult: async () => ({
        verdict: "settled",
        attemptId: ATTEMPT_ID,
        callbackToRead: true,
      }),
      callbacksToRead: async () => [
        { attemptId: ATTEMPT_ID, text: "at 6", localNow: "2026-11-24T14:00:00" },
      ],
      [name]: () => Promise.reject(new StoreError("Away", true)),
    });
    assert.equal((await started.handle(report({}))).status, 200);
    await Promise.all(started.kept);
    assert.deepEqual(started.logged.map((line) => JSON.parse(line)), [
      { event: "callback_not_planned", error: "Away" },
    ]);
  });
}

Deno.test("handler: the store is made once, and anew when the configuration is another", async () => {
  const started = startHandler();
  for (let index = 0; index < 50; index++) await started.handle(report({ call_id: index }));
  assert.equal(started.stores.length, 1);
  for (
    const change of [{ SUPABASE_SERVICE_ROLE_KEY: "new-key" }, { SUPABASE_URL: "https://o.io" }]
  ) {
    Object.assign(started.env, change);
    await started.handle(report({}));
    await started.handle(report({}));
  }
  assert.deepEqual(
    started.stores.map(({ supabaseUrl, supabaseKey }) => [supabaseUrl, supabaseKey]),
    [
      ["https://project.example", "service-key"],
      ["https://project.example", "new-key"],
      ["https://o.io", "new-key"],
    ],
  );
});

Deno.test("handler: 10,000 reports leave nothing behind", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--quiet", "--no-check", "--v8-flags=--expose-gc"],
      fileURLToPath(new URL("measure_heap.ts", import.meta.url)),
    ],
    stdin: "null",
  }).output();
  const bytes = Number.parseInt(new TextDecoder().decode(stdout));
  // A kilobyte of each that stayed would be 10 MB.
  assert.ok(bytes < 5_000_000, `${bytes} bytes`);
});
