import assert from "node:assert/strict";
import type { CallOutcome } from "../../../supabase/functions/call-dispatch/call_outcome.ts";
import {
  type DispatchResult,
  RunJudge,
} from "../../../supabase/functions/call-dispatch/run_judge.ts";
import { judgedCall, outcome } from "./judged_call.ts";

/** Each result as `attempt status`, a refusal that stood alone as `attempt refused alone`. */
function named(results: DispatchResult[]): string[] {
  return results.map(({ attemptId, status, refusedAlone }) =>
    `${attemptId} ${status}${refusedAlone ? " alone" : ""}`
  );
}

function takeAll(judge: RunJudge, outcomes: CallOutcome[]): string[] {
  return outcomes.flatMap((each, at) => named(judge.take(judgedCall(`call ${at + 1}`, each))));
}

Deno.test("run judge: an acceptance is recorded at once with its id, and the run goes on", () => {
  const judge = new RunJudge();
  assert.equal(judge.anyAccepted, false);
  assert.deepEqual(judge.take(judgedCall("a", outcome.accepted("3166940"))), [
    { attemptId: "a", leaseToken: "lease of a", status: "accepted", requestId: "3166940" },
  ]);
  assert.equal(judge.anyAccepted, true);
  assert.equal(judge.stop, null);
  assert.deepEqual(judge.end(), []);
  assert.equal(judge.stop, null);
});

Deno.test("run judge: busy lines put the row back and stop the run for lack of capacity", () => {
  const judge = new RunJudge();
  assert.deepEqual(takeAll(judge, [outcome.busy()]), ["call 1 postponed"]);
  assert.deepEqual(judge.stop, { reason: "no_capacity", error: null });
});

Deno.test("run judge: a halt puts the row back and stops the run with the reason", () => {
  const judge = new RunJudge();
  assert.deepEqual(takeAll(judge, [outcome.halt("Bad key")]), ["call 1 postponed"]);
  assert.deepEqual(judge.stop, { reason: "halted", error: "Bad key" });
});

Deno.test("run judge: a server error is unknown and stops the run at once", () => {
  const judge = new RunJudge();
  assert.deepEqual(takeAll(judge, [outcome.serverError("HTTP 502")]), ["call 1 unknown"]);
  assert.deepEqual(judge.stop, { reason: "halted", error: "HTTP 502" });
});

const fewInARow: [string, CallOutcome, DispatchResult["status"]][] = [
  ["calls that got no reply", outcome.unknown("No reply"), "unknown"],
  ["calls that could not be sent", outcome.notSent("Cannot reach Omni"), "not_sent"],
];
for (const [name, each, status] of fewInARow) {
  const error = "error" in each ? each.error : null;

  Deno.test(`run judge: three ${name} stop the run, two do not`, () => {
    const judge = new RunJudge();
    assert.deepEqual(takeAll(judge, [each, each]), [`call 1 ${status}`, `call 2 ${status}`]);
    assert.equal(judge.stop, null);
    assert.deepEqual(takeAll(judge, [each]), [`call 1 ${status}`]);
    assert.deepEqual(judge.stop, { reason: "halted", error });
  });

  Deno.test(`run judge: an acceptance between ${name} lets the run go on`, () => {
    const judge = new RunJudge();
    takeAll(judge, [each, each, outcome.accepted(), each, each]);
    assert.equal(judge.stop, null);
    takeAll(judge, [each]);
    assert.deepEqual(judge.stop, { reason: "halted", error });
  });
}

Deno.test("run judge: a refusal waits, and an acceptance after it shows that it was the row's", () => {
  const judge = new RunJudge();
  assert.deepEqual(takeAll(judge, [outcome.refused(), outcome.refused()]), []);
  assert.equal(judge.stop, null);
  const results = named(judge.take(judgedCall("call 3", outcome.accepted())));
  assert.deepEqual(results, ["call 1 refused", "call 2 refused", "call 3 accepted"]);
  assert.deepEqual(judge.end(), []);
  assert.equal(judge.stop, null);
});

Deno.test("run judge: a refusal after an acceptance is the row's", () => {
  const judge = new RunJudge();
  takeAll(judge, [outcome.accepted(), outcome.refused(), outcome.refused()]);
  assert.deepEqual(named(judge.end()), ["call 2 refused", "call 3 refused"]);
  assert.equal(judge.stop, null);
});

Deno.test("run judge: three refusals in the same words stop the run and blame no row", () => {
  const judge = new RunJudge();
  const refused = outcome.refused("No such agent");
  assert.deepEqual(takeAll(judge, [refused, refused, refused]), [
    "call 1 refused alone",
    "call 2 refused alone",
    "call 3 refused alone",
  ]);
  assert.equal(judge.stop?.reason, "halted");
  assert.match(judge.stop?.error ?? "", /^Omni refused 3 calls .*: No such agent$/);
  assert.deepEqual(judge.end(), []);
});

Deno.test("run judge: three refusals in other words do not stop the run", () => {
  const judge = new RunJudge();
  assert.deepEqual(takeAll(judge, ["a", "b", "c"].map(outcome.refused)), []);
  assert.equal(judge.stop, null);
  assert.deepEqual(takeAll(judge, [outcome.refused("b")]), []);
  assert.equal(judge.stop, null);
});

Deno.test("run judge: refusals that differ in their numbers only are in the same words", () => {
  const judge = new RunJudge();
  const words = ["+91***21 is blocked (7)", "+14***5 is blocked (8)", "+4***99 is blocked (9)"];
  assert.equal(takeAll(judge, words.map(outcome.refused)).length, 3);
  assert.equal(judge.stop?.reason, "halted");
});

Deno.test("run judge: without an acceptance six refusals in any words stop the run, unblamed", () => {
  const judge = new RunJudge();
  assert.deepEqual(takeAll(judge, ["a", "b", "c", "d", "e"].map(outcome.refused)), []);
  const results = named(judge.take(judgedCall("call 6", outcome.refused("f"))));
  assert.equal(results.length, 6);
  assert.ok(results.every((each) => each.endsWith("refused alone")));
  assert.equal(judge.stop?.reason, "halted");
});

Deno.test("run judge: after an acceptance many refusals in other words do not stop the run", () => {
  const judge = new RunJudge();
  takeAll(judge, [outcome.accepted(), ...["a", "b", "c", "d", "e", "f", "g"].map(outcome.refused)]);
  assert.equal(judge.stop, null);
  assert.equal(judge.end().filter(({ refusedAlone }) => refusedAlone).length, 0);
});

Deno.test("run judge: an acceptance between refusals in the same words lets the run go on", () => {
  const judge = new RunJudge();
  const refused = outcome.refused();
  takeAll(judge, [refused, refused, outcome.accepted(), refused, refused]);
  assert.equal(judge.stop, null);
  assert.deepEqual(named(judge.end()), ["call 4 refused", "call 5 refused"]);
});

Deno.test("run judge: refusals in the same words stop the run after acceptances too, unblamed", () => {
  const judge = new RunJudge();
  const refused = outcome.refused();
  assert.deepEqual(takeAll(judge, [outcome.accepted(), refused, refused, refused]), [
    "call 1 accepted",
    "call 2 refused alone",
    "call 3 refused alone",
    "call 4 refused alone",
  ]);
  assert.equal(judge.stop?.reason, "halted");
});

Deno.test("run judge: a refusal that was under way when such refusals stopped the run is unblamed", () => {
  const judge = new RunJudge();
  const refused = outcome.refused();
  takeAll(judge, [outcome.accepted(), refused, refused, refused, refused]);
  assert.deepEqual(named(judge.end()), ["call 5 refused alone"]);
});

Deno.test("run judge: one refusal and nothing else blames no row, and the run is halted", () => {
  const judge = new RunJudge();
  takeAll(judge, [outcome.refused("No such agent")]);
  assert.deepEqual(named(judge.end()), ["call 1 refused alone"]);
  assert.deepEqual(judge.stop, {
    reason: "halted",
    error: "Omni refused every call: No such agent",
  });
});

Deno.test("run judge: what is no acceptance does not prove the configuration", () => {
  const judge = new RunJudge();
  const others = [outcome.unknown(), outcome.notSent(), outcome.busy(), outcome.halt()];
  takeAll(judge, [outcome.refused(), ...others]);
  assert.deepEqual(named(judge.end()), ["call 1 refused alone"]);
});

Deno.test("run judge: the first reason to stop stays", () => {
  const all = [outcome.halt("first"), outcome.halt("second"), outcome.busy()];
  const judge = new RunJudge();
  takeAll(judge, [...all, ...Array(3).fill(outcome.refused())]);
  assert.deepEqual(judge.stop, { reason: "halted", error: "first" });
  const busyFirst = new RunJudge();
  takeAll(busyFirst, [outcome.busy(), outcome.halt(), outcome.serverError(), outcome.refused()]);
  busyFirst.end();
  assert.deepEqual(busyFirst.stop, { reason: "no_capacity", error: null });
});

Deno.test("run judge: status, reply and error go with each result, kept apart or not", () => {
  const reply = { httpStatus: 400, response: { error: "No such agent" } };
  const judge = new RunJudge();
  judge.take({ ...judgedCall("a", outcome.refused("No such agent")), ...reply });
  assert.deepEqual(judge.end(), [{
    attemptId: "a",
    leaseToken: "lease of a",
    status: "refused",
    ...reply,
    error: "No such agent",
    refusedAlone: true,
  }]);
  assert.deepEqual(judge.take({ ...judgedCall("b", outcome.busy("Busy")), ...reply }), [
    { attemptId: "b", leaseToken: "lease of b", status: "postponed", ...reply, error: "Busy" },
  ]);
});
