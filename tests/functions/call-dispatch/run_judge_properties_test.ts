import assert from "node:assert/strict";
import fc from "fast-check";
import type { CallOutcome } from "../../../supabase/functions/call-dispatch/call_outcome.ts";
import {
  type DispatchResult,
  RunJudge,
  type Stop,
} from "../../../supabase/functions/call-dispatch/run_judge.ts";
import { judgedCall, outcome } from "./judged_call.ts";

const words = fc.constantFrom("a", "b", "c");
const anyOutcome: fc.Arbitrary<CallOutcome> = fc.oneof(
  { weight: 3, arbitrary: words.map(outcome.refused) },
  { weight: 2, arbitrary: fc.nat().map((id) => outcome.accepted(String(id + 1))) },
  words.map(outcome.busy),
  words.map(outcome.halt),
  words.map(outcome.notSent),
  words.map(outcome.unknown),
  words.map(outcome.serverError),
);
const anyRun = fc.array(anyOutcome, { maxLength: 30 });

/** All that a run comes to: the results by attempt, and the reason to stop after each reply. */
function judgeRun(outcomes: CallOutcome[]) {
  const judge = new RunJudge();
  const results: DispatchResult[] = [];
  const stops: (Stop | null)[] = [];
  outcomes.forEach((each, at) => {
    results.push(...judge.take(judgedCall(String(at), each)));
    stops.push(judge.stop);
  });
  results.push(...judge.end());
  stops.push(judge.stop);
  return { results, stops, judge };
}

function always(check: (outcomes: CallOutcome[], run: ReturnType<typeof judgeRun>) => void): void {
  fc.assert(fc.property(anyRun, (run) => check(run, judgeRun(run))), { numRuns: 2_000 });
}

Deno.test("run judge: every judged call has exactly one result at the end, with its lease", () => {
  always((outcomes, { results }) => {
    const attempts = results.map(({ attemptId }) => Number(attemptId)).sort((a, b) => a - b);
    assert.deepEqual(attempts, [...outcomes.keys()]);
    for (const { attemptId, leaseToken } of results) {
      assert.equal(leaseToken, `lease of ${attemptId}`);
    }
  });
});

Deno.test("run judge: an acceptance is recorded as nothing else, and nothing else as one", () => {
  always((outcomes, { results }) => {
    for (const { attemptId, status, requestId } of results) {
      const taken = outcomes[Number(attemptId)];
      assert.equal(status === "accepted", taken?.kind === "accepted");
      assert.equal(requestId, taken?.kind === "accepted" ? taken.requestId : undefined);
    }
  });
});

Deno.test("run judge: what may have been placed stays unknown, what was not stays so", () => {
  const statusOf: Record<CallOutcome["kind"], DispatchResult["status"]> = {
    accepted: "accepted",
    unknown: "unknown",
    not_sent: "not_sent",
    refused: "refused",
    busy: "postponed",
    halt: "postponed",
  };
  always((outcomes, { results }) => {
    for (const { attemptId, status } of results) {
      assert.equal(status, statusOf[outcomes[Number(attemptId)]!.kind]);
    }
  });
});

Deno.test("run judge: without an acceptance no row is blamed for a refusal", () => {
  fc.assert(fc.property(anyRun, (run) => {
    const { results } = judgeRun(run.filter(({ kind }) => kind !== "accepted"));
    for (const { status, refusedAlone } of results) {
      assert.equal(refusedAlone ?? false, status === "refused");
    }
  }));
});

Deno.test("run judge: the first reason to stop stays to the end", () => {
  always((_outcomes, { stops }) => {
    const first = stops.find((stop) => stop !== null) ?? null;
    for (const stop of stops.slice(first === null ? 0 : stops.indexOf(first))) {
      assert.equal(stop, first);
    }
  });
});

Deno.test("run judge: busy lines, a halt and a server error stop the run with their reply", () => {
  always((outcomes, { stops }) => {
    outcomes.forEach((each, at) => {
      const stopping = each.kind === "busy" || each.kind === "halt" ||
        (each.kind === "unknown" && each.serverError);
      if (stopping) assert.notEqual(stops[at], null);
    });
  });
});

Deno.test("run judge: a run of refusals alone never looks like a success", () => {
  fc.assert(fc.property(fc.array(words.map(outcome.refused), { minLength: 1 }), (run) => {
    assert.equal(judgeRun(run).judge.stop?.reason, "halted");
  }));
});

Deno.test("run judge: no more refusals than two of a kind are made after the last acceptance", () => {
  always((outcomes, { stops }) => {
    const counts = new Map<string, number>();
    outcomes.forEach((each, at) => {
      if (each.kind === "accepted") counts.clear();
      if (each.kind !== "refused") return;
      const count = (counts.get(each.error) ?? 0) + 1;
      counts.set(each.error, count);
      if (count >= 3) assert.notEqual(stops[at], null);
    });
  });
});
