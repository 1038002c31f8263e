import assert from "node:assert/strict";
import type { LogPageRequest } from "../../../supabase/functions/call-dispatch/omni_client.ts";
import {
  runDispatch,
  type RunOptions,
} from "../../../supabase/functions/call-dispatch/run_dispatch.ts";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";
import type { Store } from "../../../supabase/functions/call-dispatch/store.ts";
import { claimedFollowUp } from "./claimed_follow_up.ts";
import { attemptToSettle, loggedCall } from "./settlement_rows.ts";
import { RUN_ID, stubStore } from "./stub_store.ts";

interface Run {
  store?: Partial<Store>;
  readAccount?: RunOptions["provider"]["readAccount"];
  readCallLog?: RunOptions["provider"]["readCallLog"];
  timeBudgetMs?: number;
  stopping?: AbortSignal;
  placeCall?: RunOptions["provider"]["placeCall"];
}

async function run({ store: changes = {}, ...options }: Run) {
  const { store, asked } = stubStore(changes);
  const logged: string[] = [];
  const summary = await runDispatch({
    store,
    provider: {
      placeCall: options.placeCall ??
        (() => Promise.reject(new Error("Nobody is to be called"))),
      readAccount: options.readAccount ?? (async () => ({ kind: "failed", error: "HTTP 500" })),
      readCallLog: options.readCallLog ?? (async () => ({ kind: "failed", error: "HTTP 403" })),
    },
    caller: { omniAgentId: 4711, omniFromNumberId: 42, callEndedHook: null },
    run: { id: RUN_ID, startWithOne: false },
    source: "manual",
    concurrency: 2,
    omniTimeoutMs: 1_000,
    timeBudgetMs: options.timeBudgetMs ?? 60_000,
    stopping: options.stopping ?? new AbortController().signal,
    log: (line) => logged.push(line),
  });
  return { summary, asked, logged: logged.map((line) => JSON.parse(line)) };
}

const steps = [
  "rescueStaleAttempts",
  "attemptsToSettle",
  "callbacksToRead",
  "seedFollowUps",
] as const;
for (const step of steps) {
  Deno.test(`run dispatch: what ${step} makes due is called in the same run, however late`, async () => {
    const { placed, claimed } = await runBeside(step, { stepMs: 60, isDueAtOnce: false });
    assert.equal(placed.length, 1);
    assert.ok(claimed.length > 2, "nobody is claimed while the step is at work");
  });

  Deno.test(`run dispatch: nobody waits for ${step} to be called`, async () => {
    const { placed, stepOverAt } = await runBeside(step, { stepMs: 200, isDueAtOnce: true });
    assert.equal(placed.length, 1);
    assert.ok(
      Number(placed[0]) < stepOverAt,
      `called at ${placed[0]}, it was over at ${stepOverAt}`,
    );
  });
}

Deno.test("run dispatch: a claim that was under way when a step was over is not the last", async () => {
  const { placed } = await runBeside("seedFollowUps", {
    stepMs: 30,
    isDueAtOnce: false,
    claimMs: 50,
  });
  assert.equal(placed.length, 1);
});

/** Runs with one follow-up, which is due at once or when the step is over; in ms of `performance.now()`. */
async function runBeside(
  step: typeof steps[number],
  { stepMs, isDueAtOnce, claimMs = 0 }: { stepMs: number; isDueAtOnce: boolean; claimMs?: number },
) {
  const placed: number[] = [];
  const claimed: number[] = [];
  const due = isDueAtOnce ? [claimedFollowUp(1)] : [];
  let stepOverAt = 0;
  const { summary } = await run({
    store: {
      [step]: async () => {
        await wait(stepMs);
        if (!isDueAtOnce) due.push(claimedFollowUp(1));
        stepOverAt = performance.now();
        return step === "rescueStaleAttempts" || step === "seedFollowUps" ? 0 : [];
      },
      claimDueFollowUps: async () => {
        claimed.push(performance.now());
        const rows = due.splice(0);
        await wait(claimMs);
        return rows;
      },
    },
    placeCall: async () => {
      placed.push(performance.now());
      return { kind: "reply", httpStatus: 200, text: '{"success":true,"requestId":7}' };
    },
  });
  assert.deepEqual([summary.ok, summary.stop_reason], [true, "drained"]);
  return { placed, claimed, stepOverAt };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("run dispatch: where money is limited, nobody is claimed before it is known what calls have cost", async () => {
  const { asked } = await run({
    store: {
      accountReadingsDue: async () => ({ ...await reads(), beforeCalling: false }),
      callsWithoutCost: async () => ["1"],
    },
    readCallLog: async () => {
      await wait(50);
      const rows = [loggedCall({ requestId: "1", cost: 1 })];
      return { kind: "page", rows, received: 1, total: 1 };
    },
  });
  assert.ok(asked.includes("recordCallCosts"));
  assert.ok(asked.indexOf("recordCallCosts") < asked.indexOf("claimDueFollowUps"));
});

for (const name of ["attemptsToSettle", "callbacksToRead"] as const) {
  Deno.test(`run dispatch: ${name} that fails keeps nobody from being called, and the run says so`, async () => {
    const store = { [name]: () => Promise.reject(new StoreError(`${name} failed`, false)) };
    const { summary, asked } = await run({ store });
    assert.deepEqual([summary.stop_reason, summary.error], ["error", `${name} failed`]);
    assert.ok(asked.includes("claimDueFollowUps"));
  });
}

Deno.test("run dispatch: that Omni halts the calls is not hidden by a step that fails besides", async () => {
  const due = [claimedFollowUp(1)];
  const { summary } = await run({
    store: {
      claimDueFollowUps: async () => due.splice(0),
      seedFollowUps: () => Promise.reject(new StoreError("seed_follow_ups failed", false)),
    },
    placeCall: async () => ({ kind: "reply", httpStatus: 401, text: '{"error":"unauthorized"}' }),
  });
  assert.deepEqual([summary.ok, summary.stop_reason], [false, "halted"]);
  assert.match(summary.error ?? "", /unauthorized.*; besides: seed_follow_ups failed/);
});

Deno.test("run dispatch: all that fails is told, and what fails in the same words once", async () => {
  const fails = (what: string) => () => Promise.reject(new StoreError(what, false));
  const { summary } = await run({
    store: {
      seedFollowUps: fails("seed_follow_ups failed"),
      rescueStaleAttempts: fails("permission denied for table audit"),
      claimDueFollowUps: fails("permission denied for table audit"),
    },
  });
  assert.equal(summary.stop_reason, "error");
  assert.deepEqual(summary.error?.split("; besides: ").sort(), [
    "permission denied for table audit",
    "seed_follow_ups failed",
  ]);
});

const reads = async () => ({
  headroom: true,
  beforeCalling: true,
  costs: true,
  askedAt: "2026-11-24T09:00:00Z",
});
for (
  const name of [
    "accountReadingsDue",
    "recordProviderAccount",
    "callsWithoutCost",
    "recordCallCosts",
  ] as const
) {
  Deno.test(`run dispatch: ${name} that fails is logged, and no error of a run that calls all the same`, async () => {
    const { summary, asked, logged } = await run({
      store: {
        accountReadingsDue: reads,
        callsWithoutCost: async () => ["1"],
        [name]: () => Promise.reject(new StoreError(`${name} failed`, false)),
      },
      readAccount: async () => ({ kind: "refused", error: "HTTP 403" }),
      readCallLog: async () => ({
        kind: "page",
        rows: [loggedCall({ requestId: "1", cost: 1 })],
        received: 1,
        total: 1,
      }),
    });
    assert.deepEqual([summary.ok, summary.stop_reason, summary.error], [true, "drained", null]);
    assert.ok(asked.includes(name) && asked.includes("claimDueFollowUps"));
    assert.deepEqual(logged.map((line) => line.account_error), [`${name} failed`]);
  });
}

Deno.test("run dispatch: a call log that cannot be read is no error of the run", async () => {
  const reasons: string[] = [];
  const { summary } = await run({
    store: {
      attemptsToSettle: async () => [attemptToSettle()],
      settleCallAttempts: async (verdicts) => {
        reasons.push(...verdicts.map(({ reason }) => reason));
        return 0;
      },
    },
  });
  assert.deepEqual([summary.ok, summary.error, reasons], [true, null, ["HTTP 403"]]);
});

Deno.test("run dispatch: settling takes no more than a third of the time", async () => {
  const asked: LogPageRequest[] = [];
  const startedAt = performance.now();
  const { summary } = await run({
    timeBudgetMs: 900,
    store: { attemptsToSettle: async () => [attemptToSettle()] },
    readCallLog: async (page) => {
      asked.push(page);
      await new Promise<void>((resolve) => page.signal?.addEventListener("abort", () => resolve()));
      return { kind: "failed", error: "no time left" };
    },
  });
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs > 250 && tookMs < 800, `${tookMs} ms`);
  assert.deepEqual([summary.ok, asked[0]?.agentId, asked.length], [true, 4711, 1]);
});

Deno.test("run dispatch: a process that ends looks nothing up", async () => {
  const { asked } = await run({ stopping: AbortSignal.abort() });
  assert.ok(!asked.includes("attemptsToSettle") && !asked.includes("callbacksToRead"));
  assert.equal(asked.at(-1), "finishRun");
});

Deno.test("run dispatch: where lines are kept free, nobody is claimed before Omni has told of its lines", async () => {
  const { asked } = await run({
    store: {
      accountReadingsDue: async () => ({
        headroom: true,
        beforeCalling: true,
        costs: false,
        askedAt: "2026-11-24T09:00:00Z",
      }),
    },
    readAccount: async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { kind: "refused", error: "HTTP 403" };
    },
  });
  assert.ok(asked.indexOf("recordProviderAccount") < asked.indexOf("claimDueFollowUps"));
  assert.ok(asked.includes("recordProviderAccount"));
});

Deno.test("run dispatch: else nobody waits for Omni's answer", async () => {
  const { summary } = await run({
    store: {
      accountReadingsDue: async () => ({
        headroom: true,
        beforeCalling: false,
        costs: false,
        askedAt: "2026-11-24T09:00:00Z",
      }),
    },
    readAccount: (signal) =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => resolve({ kind: "failed", error: "given up" }))
      ),
  });
  assert.deepEqual([summary.ok, summary.stop_reason], [true, "drained"]);
});

for (
  const [what, claimMs, expected] of [
    ["however often a claim is busy with those who may not be called, the run goes on", 2_000, 31],
    ["where others hold all that is due, the run gives up soon", 10, 21],
  ] as const
) {
  Deno.test(`run dispatch: ${what}`, async () => {
    const now = performance.now;
    let passedMs = 0;
    let emptyClaims = 0;
    performance.now = () => now.call(performance) + passedMs;
    try {
      const { summary } = await run({
        store: {
          claimDueFollowUps: async () => {
            passedMs += claimMs;
            return [];
          },
          claimStopReason: async () => ++emptyClaims > 30 ? "drained" : null,
        },
      });
      const stop = expected === 31 ? "drained" : "deadline";
      assert.deepEqual([summary.stop_reason, emptyClaims], [stop, expected]);
    } finally {
      performance.now = now;
    }
  });
}

Deno.test("run dispatch: whose last claim was busy until the time was over has not drained the queue", async () => {
  const { summary, asked } = await run({
    store: {
      claimDueFollowUps: async () => {
        await new Promise((resolve) => setTimeout(resolve, 250));
        return [];
      },
      claimStopReason: async () => null,
    },
    timeBudgetMs: 100,
  });
  assert.equal(summary.stop_reason, "deadline");
  assert.ok(!asked.includes("claimStopReason"));
});
