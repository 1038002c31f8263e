import assert from "node:assert/strict";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";
import type { LoggedCall } from "../../../supabase/functions/call-dispatch/call_log.ts";
import type { LogReply } from "../../../supabase/functions/call-dispatch/omni_client.ts";
import { settleCalls } from "../../../supabase/functions/call-dispatch/settle_calls.ts";
import { stubStore } from "./stub_store.ts";
import {
  attemptToSettle,
  HOUR,
  loggedCall,
  MINUTE,
  NOON,
  NUMBER,
  ourCall,
} from "./settlement_rows.ts";
import { pageOf, settle } from "./settling_world.ts";

const now = NOON + 4 * HOUR;
const attempts = [attemptToSettle()];
const before = ourCall(NOON - HOUR);
const after = ourCall(NOON + 2 * HOUR);
const known = [before.known, after.known];
const noCall = [after.row, before.row];
const oneCall = [after.row, loggedCall(), before.row];

/** Foreign calls from noon + `from` minutes back, one each time so many minutes have passed. */
function others(count: number, from: number, minutes = 1): LoggedCall[] {
  return Array.from(
    { length: count },
    (_, at) =>
      loggedCall({
        toNumber: "+4930123456",
        wallClockMs: NOON + (from - at * minutes) * MINUTE,
      }),
  );
}

Deno.test("settle calls: with nothing to settle Omni is not asked", async () => {
  const { pages, asked, stored } = await settle({ now, log: oneCall });
  assert.deepEqual([pages, asked, stored], [[], ["attemptsToSettle"], 0]);
});

Deno.test("settle calls: once time is up not even the database is asked", async () => {
  const { asked } = await settle({ attempts, now, timeIsUp: AbortSignal.abort() });
  assert.deepEqual(asked, []);
});

Deno.test("settle calls: a hundred are looked up at most, in the log of the agent", async () => {
  const asked: unknown[] = [];
  const { store } = stubStore({
    attemptsToSettle: async (most) => {
      asked.push(most);
      return attempts;
    },
  });
  const timeIsUp = new AbortController().signal;
  await settleCalls({
    store,
    provider: {
      readCallLog: async (page) => {
        asked.push(page);
        return pageOf([], page.number);
      },
    },
    agentId: 4711,
    timeIsUp,
  });
  assert.deepEqual(asked, [100, { number: 1, agentId: 4711, signal: timeIsUp }]);
});

Deno.test("settle calls: what is found is recorded with its result, and no verdict beside it", async () => {
  const row = loggedCall({
    callId: "812",
    requestId: "4001",
    toNumber: "919812345678",
    outcome: "no_answer",
    reportedStatus: "no-answer",
    durationSeconds: 0,
    recordingUrl: "https://rec.example/812",
    extractedVariables: { callback_time: "at six" },
  });
  const { events, stored, failure } = await settle({
    attempts,
    known,
    now,
    log: [after.row, row, before.row],
  });
  assert.equal(failure, null);
  assert.deepEqual(events, [{
    source: "call_log",
    call_id: "812",
    attempt_id: "unknown attempt",
    request_id: "4001",
    direction: "outbound",
    to_number: NUMBER,
    outcome: "no_answer",
    reported_status: "no-answer",
    duration_seconds: 0,
    recording_url: "https://rec.example/812",
    summary: null,
    extracted_variables: { callback_time: "at six" },
  }]);
  assert.equal(stored, 0);
});

Deno.test("settle calls: what is not found is told in one call, each with its reason", async () => {
  const accepted = attemptToSettle({
    attemptId: "accepted attempt",
    status: "accepted",
    requestId: "7",
    toNumber: "+14155550123",
  });
  const { events, verdicts, stored } = await settle({
    attempts: [...attempts, accepted],
    known,
    now,
    log: noCall,
  });
  assert.deepEqual([events, stored, verdicts.size], [[], 1, 2]);
  assert.equal(verdicts.get("unknown attempt")?.verdict, "not_placed");
  assert.equal(verdicts.get("accepted attempt")?.verdict, "cannot_tell");
  assert.match(verdicts.get("accepted attempt")?.reason ?? "", /may leave no row/);
});

Deno.test("settle calls: only ids of requests that the log shows are asked for, each once", async () => {
  const accepted = attemptToSettle({ attemptId: "a", status: "accepted", requestId: "7" });
  const own = loggedCall({ requestId: "7" });
  const foreign = loggedCall({ requestId: "9", toNumber: "+4930123456" });
  const log = [after.row, own, foreign, foreign, loggedCall(), before.row];
  const { askedIds, events } = await settle({ attempts: [accepted], known, now, log });
  const [first, ...rest] = askedIds;
  assert.deepEqual(first, [after.known.requestId, "9", before.known.requestId]);
  assert.deepEqual(rest, []);
  assert.deepEqual(events.map(({ request_id }) => request_id), ["7"]);
});

for (const verdict of ["parked", "noted", "ignored"] as const) {
  Deno.test(`settle calls: a call that is found and ${verdict} by the database is noted as not told`, async () => {
    const store = { recordCallResult: async () => verdict };
    const { verdicts } = await settle({ attempts, known, now, log: oneCall, store });
    assert.match(verdicts.get("unknown attempt")?.reason ?? "", /contradicts/);
  });
}

Deno.test("settle calls: a call that is found without a known outcome is noted too", async () => {
  const row = loggedCall({ outcome: null, reportedStatus: "transferred" });
  const log = [after.row, row, before.row];
  const { events, verdicts } = await settle({ attempts, known, now, log });
  assert.equal(events.length, 1);
  assert.equal(verdicts.get("unknown attempt")?.verdict, "cannot_tell");
});

Deno.test("settle calls: a result that the database does not take keeps no other from being stored", async () => {
  const other = attemptToSettle({ attemptId: "other", toNumber: "+14155550123" });
  const recorded: (string | null)[] = [];
  const result = await settle({
    attempts: [...attempts, other],
    known,
    now,
    log: [after.row, loggedCall(), loggedCall({ toNumber: "+14155550123" }), before.row],
    store: {
      recordCallResult: async ({ attempt_id }) => {
        if (attempt_id === "unknown attempt") throw new StoreError("Cannot take it", false);
        recorded.push(attempt_id);
        return "settled";
      },
    },
  });
  assert.deepEqual(recorded, ["other"]);
  assert.match(result.verdicts.get("unknown attempt")?.reason ?? "", /could not be stored/);
  assert.match(String(result.failure), /Cannot take it/);
});

for (const name of ["attemptsToSettle", "knownCalls", "settleCallAttempts"] as const) {
  Deno.test(`settle calls: a database that fails in ${name} is an error, and nothing is settled`, async () => {
    const store = { [name]: () => Promise.reject(new StoreError("No such function", false)) };
    const { failure, verdicts, events } = await settle({
      attempts,
      known,
      now,
      log: name === "settleCallAttempts" ? noCall : oneCall,
      store,
    });
    assert.ok(failure instanceof StoreError);
    assert.deepEqual([verdicts.size, events.length], [0, 0]);
  });
}

Deno.test("settle calls: a page that fails is no error: what it might have told cannot be told", async () => {
  const error = "Cannot read Omni's call log: Omni answered with HTTP 403";
  const { verdicts, failure, pages } = await settle({
    attempts: [
      ...attempts,
      attemptToSettle({ attemptId: "a", status: "accepted", requestId: "7" }),
    ],
    now,
    log: () => ({ kind: "failed", error }),
  });
  assert.equal(failure, null);
  assert.deepEqual(pages, [1]);
  for (const attemptId of ["unknown attempt", "a"]) {
    assert.deepEqual(verdicts.get(attemptId), { attemptId, verdict: "cannot_tell", reason: error });
  }
});

Deno.test("settle calls: what the pages before a failing one told stands", async () => {
  const recent = attemptToSettle({
    attemptId: "recent",
    openedAt: NOON + 100 * MINUTE,
    overBy: NOON + 110 * MINUTE,
    toNumber: "+14155550123",
  });
  const own = loggedCall({ requestId: "7", wallClockMs: NOON + 119 * MINUTE });
  // The first page reaches far enough before `recent`, and not before noon, whatever the zone.
  const log = [after.row, own, ...others(60, 110, 17)];
  const { verdicts, events } = await settle({
    attempts: [
      ...attempts,
      { ...recent, sendingUntil: NOON + 2 * HOUR },
      attemptToSettle({ attemptId: "a", status: "accepted", requestId: "7" }),
      { ...recent, attemptId: "long", toNumber: "+14155550124", overBy: now + MINUTE },
    ],
    known,
    now,
    log: ({ number }) => number === 1 ? pageOf(log, 1) : { kind: "failed", error: "HTTP 502" },
  });
  assert.deepEqual(events.map(({ attempt_id }) => attempt_id), ["a"]);
  assert.equal(verdicts.get("recent")?.verdict, "not_placed");
  assert.equal(verdicts.get("unknown attempt")?.reason, "HTTP 502");
  assert.match(verdicts.get("long")?.reason ?? "", /still be going on/);
});

Deno.test("settle calls: no page is asked for beyond the oldest attempt", async () => {
  const log = [after.row, ...others(70, 100), loggedCall(), ...others(50, -1), ...others(900, -70)];
  const { pages, events } = await settle({ attempts, known, now, log });
  assert.deepEqual(pages, [1, 2, 3]);
  assert.equal(events.length, 1);
});

Deno.test("settle calls: for a call that seems not to be in the log it is read back in any zone", async () => {
  const log = [after.row, ...others(120, 100), before.row, ...others(2_000, -70, 10)];
  const { pages, verdicts } = await settle({ attempts, known, now, log });
  // At 23:30 of the day before, by the log's clock.
  assert.deepEqual(pages, [1, 2, 3, 4]);
  assert.equal(verdicts.get("unknown attempt")?.verdict, "not_placed");
});

Deno.test("settle calls: one attempt that is told is no reason to read on, another may be", async () => {
  const own = loggedCall({ requestId: "7", wallClockMs: NOON + 3 * HOUR });
  const accepted = attemptToSettle({
    attemptId: "a",
    status: "accepted",
    requestId: "7",
    openedAt: NOON + 3 * HOUR,
  });
  const log = [own, ...others(40, 140), after.row, ...others(200, 100)];
  assert.deepEqual((await settle({ attempts: [accepted], known, now, log })).pages, [1]);
  assert.ok(
    (await settle({ attempts: [accepted, ...attempts], known, now, log })).pages.length > 1,
  );
});

Deno.test("settle calls: of a log of 2,000 rows no more than 20 pages are read", async () => {
  const old = attemptToSettle({ attemptId: "old", openedAt: NOON - 40 * HOUR });
  const log = [after.row, ...others(2_000, 100)];
  const { pages, verdicts } = await settle({ attempts: [old], known, now, log });
  assert.equal(pages.length, 20);
  assert.match(verdicts.get("old")?.reason ?? "", /not read back/);
});

Deno.test("settle calls: without a known zone the whole log is read, up to 20 pages, and tells nothing", async () => {
  const short = await settle({ attempts, now, log: [loggedCall(), ...others(70, 100)] });
  assert.deepEqual(short.pages, [1, 2]);
  assert.match(short.verdicts.get("unknown attempt")?.reason ?? "", /time zone/);
  assert.equal((await settle({ attempts, now, log: others(2_000, 100) })).pages.length, 20);
});

Deno.test("settle calls: a log that says it has more and gives no more is not asked for ever", async () => {
  const empty: LogReply = { kind: "page", rows: [], received: 0, total: 500 };
  const { pages, verdicts } = await settle({ attempts, now, log: () => empty });
  assert.deepEqual(pages, [1]);
  assert.equal(verdicts.get("unknown attempt")?.verdict, "cannot_tell");
});

Deno.test("settle calls: a call that moves to the next page while pages are read is found once", async () => {
  const rows = [after.row, ...others(48, 60), loggedCall(), before.row, ...others(80, -60)];
  const { events, pages } = await settle({
    attempts,
    known,
    now,
    log: ({ number }) => pageOf([...others(number - 1, 200), ...rows], number),
  });
  assert.deepEqual(pages, [1, 2]);
  assert.equal(events.length, 1);
});

Deno.test("settle calls: when time runs out between pages no further one is read", async () => {
  const time = new AbortController();
  const log = [after.row, ...others(2_000, 100)];
  const { verdicts, pages } = await settle({
    attempts,
    known,
    now,
    timeIsUp: time.signal,
    log: ({ number, signal }) => {
      if (signal?.aborted) return { kind: "failed", error: "There was no time left" };
      time.abort();
      return pageOf(log, number);
    },
  });
  assert.deepEqual(pages, [1, 2]);
  assert.match(verdicts.get("unknown attempt")?.reason ?? "", /no time left/);
});

Deno.test("settle calls: what is found when time is up is left to the next run, untouched", async () => {
  const time = new AbortController();
  const { events, verdicts, failure } = await settle({
    attempts,
    known,
    now,
    timeIsUp: time.signal,
    log: ({ number }) => {
      time.abort();
      return pageOf(oneCall, number);
    },
  });
  assert.deepEqual([events, verdicts.size, failure], [[], 0, null]);
});
