import assert from "node:assert/strict";
import { omniFault } from "../../../../supabase/local/simulated_omni/faults/omni_fault.ts";
import type { EndedCall } from "../../../../supabase/local/simulated_omni/calls/ended_call.ts";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { eventually } from "../../../support/eventually.ts";
import { postDispatch } from "../post_dispatch.ts";

Deno.test("calls over the limit of lines are refused, not queued, however many come at once", async () => {
  await using omni = await startSimulatedOmni({ lines: 3, latencyMs: 20 });
  const replies = await Promise.all(Array.from({ length: 10 }, () => postDispatch(omni)));
  assert.equal(replies.filter((reply) => reply.json?.success === true).length, 3);
  const refused = replies.filter((reply) => reply.json?.success === false);
  assert.ok(refused.every(({ json }) => json?.error === "Concurrency call limit exceeded"));
  assert.equal(omni.ledger.count, 3);
  assert.equal(omni.lines.peak, 3);
});

Deno.test("lines used by others are not ours to call on", async () => {
  await using omni = await startSimulatedOmni({ lines: 3, linesUsedByOthers: 2 });
  assert.equal((await postDispatch(omni)).json?.success, true);
  assert.equal((await postDispatch(omni)).json?.success, false);
});

Deno.test("a call ends by itself after its duration in accelerated time and frees its line", async () => {
  await using omni = await startSimulatedOmni({
    lines: 1,
    callDurationMs: 60_000,
    timeFactor: 400,
    outcomes: { completed: 1 },
  });
  const { json } = await postDispatch(omni);
  const began = performance.now();
  const ended = await new Promise<EndedCall>((resolve) => omni.onCallEnded(resolve));
  const took = performance.now() - began;
  assert.ok(took > 100 && took < 400, `took ${took} ms`);
  assert.equal(ended.ring.requestId, json?.requestId);
  assert.equal(ended.status, "completed");
  assert.equal(ended.durationSeconds, 60);
  assert.equal((await postDispatch(omni)).json?.success, true);
});

Deno.test("a call whose reply was lost occupies its line and ends like any other", async () => {
  await using omni = await startSimulatedOmni({ lines: 1 });
  omni.faults.next(omniFault.drop({ placed: true }));
  const ended: EndedCall[] = [];
  omni.onCallEnded((call) => ended.push(call));
  await assert.rejects(postDispatch(omni));
  assert.equal((await postDispatch(omni)).json?.success, false);
  omni.lines.endAll();
  assert.deepEqual(ended.map((call) => call.ring), omni.ledger.rings());
});

Deno.test("a call can be ended by hand, once, in a way of one's choosing", async () => {
  await using omni = await startSimulatedOmni();
  const ended: EndedCall[] = [];
  const undo = omni.onCallEnded((call) => ended.push(call));
  const { json } = await postDispatch(omni);
  const requestId = json?.requestId as number;
  assert.equal(omni.lines.end(requestId, "no_answer"), true);
  assert.equal(omni.lines.end(requestId), false);
  assert.deepEqual(ended.map((call) => [call.status, call.durationSeconds]), [["no_answer", 0]]);
  undo();
  await postDispatch(omni);
  omni.lines.endAll();
  assert.equal(ended.length, 1);
});

Deno.test("outcomes and durations are drawn by weight and range, alike for the same seed", async () => {
  const runs = await Promise.all([1, 1, 2].map(async (seed) => {
    await using omni = await startSimulatedOmni({
      seed,
      outcomes: { completed: 3, no_answer: 1 },
      callDurationMs: [30_000, 180_000],
    });
    const ended: [string, number][] = [];
    omni.onCallEnded((call) => ended.push([call.status, call.durationSeconds]));
    for (let sent = 0; sent < 100; sent++) await postDispatch(omni);
    omni.lines.endAll();
    return ended;
  }));
  const [one = [], same, other] = runs;
  assert.deepEqual(one, same);
  assert.notDeepEqual(one, other);
  const completed = one.filter(([status]) => status === "completed");
  assert.ok(completed.length > 60 && completed.length < 90, `${completed.length} of 100`);
  assert.equal(completed.length + one.filter(([status]) => status === "no_answer").length, 100);
  const seconds = completed.map(([, duration]) => duration);
  assert.ok(Math.min(...seconds) >= 30 && Math.max(...seconds) <= 180);
  assert.ok(new Set(seconds).size > 10);
});

Deno.test("the outcome can be chosen for each ring", async () => {
  await using omni = await startSimulatedOmni({
    outcomes: (ring) => ring.toNumber.startsWith("+1") ? "busy" : "failed",
  });
  const ended: string[] = [];
  omni.onCallEnded((call) => ended.push(call.status));
  await postDispatch(omni, "+14155550123");
  await postDispatch(omni, "+919812345678");
  omni.lines.endAll();
  assert.deepEqual(ended, ["busy", "failed"]);
});

Deno.test("a call that never ends does not end at once", async () => {
  await using omni = await startSimulatedOmni({ callDurationMs: Infinity });
  await postDispatch(omni);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(omni.lines.inUse, 1);
});

Deno.test("a call that nobody answers occupies its line for a time of its own", async () => {
  await using omni = await startSimulatedOmni({
    callDurationMs: Infinity,
    unansweredMs: 10,
    outcomes: ({ ordinal }) => ordinal === 1 ? "completed" : "no_answer",
  });
  const ended: EndedCall[] = [];
  omni.onCallEnded((call) => ended.push(call));
  await postDispatch(omni);
  await postDispatch(omni);
  await eventually("the unanswered call has ended", () => ended[0]);
  assert.deepEqual(ended.map((call) => [call.status, call.durationSeconds]), [["no_answer", 0]]);
  assert.equal(omni.lines.inUse, 1);
});

Deno.test("a call that is picked up by hand has the duration of an answered one", async () => {
  await using omni = await startSimulatedOmni({
    callDurationMs: 90_000,
    unansweredMs: 20_000,
    outcomes: { busy: 1 },
  });
  const ended: EndedCall[] = [];
  omni.onCallEnded((call) => ended.push(call));
  await postDispatch(omni);
  omni.lines.endAll("completed");
  assert.equal(ended[0]?.durationSeconds, 90);
});

Deno.test("a call without an end of its own has lasted until it is ended", async () => {
  await using omni = await startSimulatedOmni({ callDurationMs: Infinity, timeFactor: 1e6 });
  const ended: EndedCall[] = [];
  omni.onCallEnded((call) => ended.push(call));
  await postDispatch(omni);
  await new Promise((resolve) => setTimeout(resolve, 20));
  omni.lines.endAll("completed");
  const [{ durationSeconds = 0 } = {}] = ended;
  assert.ok(Number.isInteger(durationSeconds) && durationSeconds >= 10_000, `${durationSeconds} s`);
});

Deno.test("nothing is said in a call that nobody answers", async () => {
  const asked: string[] = [];
  await using omni = await startSimulatedOmni({
    talk: (_ring, status) => {
      asked.push(status);
      return { summary: "Said yes" };
    },
  });
  const ended: EndedCall[] = [];
  omni.onCallEnded((call) => ended.push(call));
  for (const status of ["busy", "voicemail_detected"] as const) {
    await postDispatch(omni);
    omni.lines.endAll(status);
  }
  assert.deepEqual(ended.map((call) => call.talk), [{}, { summary: "Said yes" }]);
  assert.deepEqual(asked, ["voicemail_detected"]);
});

Deno.test("the usage of the lines counts calls going on, ended ones and those cut off", async () => {
  const omni = await startSimulatedOmni();
  await postDispatch(omni);
  await postDispatch(omni);
  omni.lines.end(omni.ledger.rings()[0]?.requestId ?? 0);
  const before = omni.lines.usage();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await omni.stop();
  const after = omni.lines.usage();
  assert.equal(after.peak, 2);
  assert.ok(after.busyMs - before.busyMs >= 15, `${before.busyMs} ms, then ${after.busyMs} ms`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(omni.lines.usage(), after);
});
