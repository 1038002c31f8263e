import { z } from "zod";
import {
  createDatabaseCaller,
  type DatabaseCallerOptions,
  type DatabaseFunctions,
} from "../_shared/database_caller.ts";
import { callbackStore } from "../_shared/plan_callbacks.ts";
import { StoreError } from "../_shared/store_error.ts";
import { RunRefused } from "./run_refused.ts";
import { DISPATCH_CONTRACT } from "./dispatch_contract.ts";
import type { RunTotals, Store } from "./store.ts";
import { storableText } from "../_shared/storable.ts";

/** The store over supabase-js: each method calls the SQL function of its name. */
export function createSupabaseStore(options: DatabaseCallerOptions): Store {
  const call = createDatabaseCaller(options);
  return {
    async beginRun(runId, source) {
      const [run] = await call(
        "begin_dispatch_run",
        { ...(runId && { run_id: runId }), source, contract: DISPATCH_CONTRACT },
        begun,
      ).catch(RunRefused.rethrow);
      if (run === undefined) throw new StoreError("Cannot begin the run: no row came back", false);
      return { id: run.id, startWithOne: run.start_with_one };
    },
    checkContract: () =>
      call("check_dispatch_contract", { contract: DISPATCH_CONTRACT }, z.int())
        .catch(RunRefused.rethrow),
    rescueStaleAttempts: (runId) => call("rescue_stale_attempts", { run_id: runId }, z.int()),
    ...callbackStore(call),
    attemptsToSettle: (batchSize) =>
      call("attempts_to_settle", { batch_size: batchSize }, attemptsToSettle),
    knownCalls: (requestIds) => call("known_calls", { request_ids: requestIds }, knownCalls),
    async recordCallResult(event) {
      const args = { event: event as unknown as Json };
      const [row] = await call("record_call_result", args, recorded);
      if (row === undefined) throw new StoreError("record_call_result returned no row", false);
      return row.verdict;
    },
    settleCallAttempts(verdicts) {
      const rows = verdicts.map(({ attemptId, verdict, reason }) => ({
        attempt_id: attemptId,
        verdict,
        reason: storableText(reason),
      }));
      return call("settle_call_attempts", { verdicts: rows }, z.int());
    },
    seedFollowUps: (batchSize, runId) =>
      call("seed_follow_ups", { batch_size: batchSize, run_id: runId }, z.int()),
    claimDueFollowUps: (batchSize, leaseMs, runId) =>
      call(
        "claim_due_follow_ups",
        { batch_size: batchSize, lease: milliseconds(leaseMs), run_id: runId },
        claimed,
      ),
    async failFollowUps(items, runId) {
      const rows = items.map((item) => ({
        follow_up_id: item.followUpId,
        lease_token: item.leaseToken,
        reason: storableText(item.reason),
        phone: item.phone,
      }));
      await call("fail_follow_ups", { items: rows, run_id: runId }, z.int());
    },
    async openCallAttempts(items, runId, sendingForMs) {
      const rows = items.map((item) => ({
        attempt_id: item.attemptId,
        follow_up_id: item.followUpId,
        lease_token: item.leaseToken,
        to_number: item.toNumber,
        phone: item.phone,
      }));
      const args = { items: rows, run_id: runId, sending_for: milliseconds(sendingForMs) };
      return new Set(await call("open_call_attempts", args, opened));
    },
    async recordDispatchResults(results) {
      const rows = results.map((result) => ({
        attempt_id: result.attemptId,
        lease_token: result.leaseToken,
        status: result.status,
        request_id: result.requestId ?? null,
        http_status: result.httpStatus ?? null,
        error: result.error === undefined ? null : storableText(result.error),
        response: (result.response ?? null) as Json,
        refused_alone: result.refusedAlone ?? false,
      }));
      await call("record_dispatch_results", { results: rows }, z.array(z.unknown()));
    },
    async releaseFollowUps(leaseTokens) {
      await call("release_follow_ups", { lease_tokens: leaseTokens }, z.int());
    },
    claimStopReason: (runId) => call("claim_stop_reason", { run_id: runId }, stopReason.nullable()),
    async accountReadingsDue() {
      const [row] = await call("account_readings_due", {}, readingsDue);
      if (row === undefined) throw new StoreError("account_readings_due returned no row", false);
      return row;
    },
    async recordProviderAccount(reading, askedAt) {
      const row = reading.kind === "refused" ? { refusal: storableText(reading.error) } : {
        lines_limit: reading.linesLimit,
        lines_in_use: reading.linesInUse,
        lines_available: reading.linesAvailable,
        balance: reading.balance,
        currency: reading.currency,
      };
      await call("record_provider_account", { reading: row, asked_at: askedAt }, z.unknown());
    },
    callsWithoutCost: () => call("calls_without_cost", {}, z.array(z.string())),
    async recordCallCosts(costs) {
      const rows = costs.map(({ requestId, cost }) => ({ request_id: requestId, cost }));
      await call("record_call_costs", { costs: rows }, z.int());
    },
    async finishRun(runId, stopReason, error) {
      const summary = {
        stop_reason: stopReason,
        error: error === null ? null : storableText(error),
      };
      const [row] = await call("finish_dispatch_run", { run_id: runId, summary }, totals);
      if (row === undefined) throw new StoreError(`There is no run "${runId}" to finish`, false);
      return row;
    },
    previewDispatch: (batchSize, at) =>
      call(
        "preview_dispatch",
        { batch_size: batchSize, ...(at && { as_of: at.toISOString() }) },
        preview,
      ),
    async numbersInLiveCalls(numbers) {
      return new Set(await call("numbers_in_live_calls", { numbers }, z.array(z.string())));
    },
  };
}

type Json = DatabaseFunctions["record_dispatch_results"]["Args"]["results"];

const begun = z.array(z.object({ id: z.guid(), start_with_one: z.boolean() }));

const moment = z.string().transform(Date.parse).pipe(z.number());

const attemptsToSettle = z.array(
  z.object({
    attempt_id: z.guid(),
    status: z.enum(["unknown", "accepted", "ended"]),
    to_number: z.string(),
    request_id: z.string().nullable(),
    opened_at: moment,
    sending_until: moment,
    over_by: moment,
  }).transform((row) => ({
    attemptId: row.attempt_id,
    status: row.status,
    toNumber: row.to_number,
    requestId: row.request_id,
    openedAt: row.opened_at,
    sendingUntil: row.sending_until,
    overBy: row.over_by,
  })),
);

const knownCalls = z.array(
  z.object({ request_id: z.string(), attempt_id: z.guid(), opened_at: moment }).transform((
    row,
  ) => ({
    requestId: row.request_id,
    attemptId: row.attempt_id,
    openedAt: row.opened_at,
  })),
);

const recorded = z.array(
  z.object({ verdict: z.enum(["settled", "parked", "noted", "ignored"]) }),
);

const claimed = z.array(
  z.object({
    follow_up_id: z.guid(),
    lead_id: z.guid(),
    lease_token: z.guid(),
    message: z.string().nullable(),
    phone: z.string(),
    customer_name: z.string().nullable(),
    default_country: z.string().nullable(),
  }).transform((row) => ({
    followUpId: row.follow_up_id,
    leadId: row.lead_id,
    leaseToken: row.lease_token,
    message: row.message,
    phone: row.phone,
    customerName: row.customer_name,
    defaultCountry: row.default_country,
  })),
);

const opened = z.array(z.object({ attempt_id: z.guid() }).transform((row) => row.attempt_id));

const stopReason = z.enum([
  "drained",
  "deadline",
  "no_capacity",
  "limited",
  "halted",
  "paused",
  "error",
]);

const readingsDue = z.array(
  z.object({
    headroom: z.boolean(),
    before_calling: z.boolean(),
    costs: z.boolean(),
    asked_at: z.string(),
  }).transform(({ headroom, before_calling, costs, asked_at }) => ({
    headroom,
    beforeCalling: before_calling,
    costs,
    askedAt: asked_at,
  })),
);

const totals: z.ZodType<RunTotals[]> = z.array(z.object({
  seeded: z.int(),
  claimed: z.int(),
  accepted: z.int(),
  skipped: z.int(),
  failed: z.int(),
  postponed: z.int(),
  not_sent: z.int(),
  refused: z.int(),
  unknown: z.int(),
  rescued: z.int(),
  stop_reason: stopReason,
  error: z.string().nullable(),
  remaining: z.int(),
  next_run_id: z.guid().nullable(),
}));

const preview = z.array(
  z.object({
    follow_up_id: z.guid().nullable(),
    lead_id: z.guid(),
    due_at: z.string(),
    phone: z.string().nullable(),
    default_country: z.string().nullable(),
    refusal: z.string().nullable(),
  }).transform((row) => ({
    followUpId: row.follow_up_id,
    leadId: row.lead_id,
    dueAt: row.due_at,
    phone: row.phone ?? "",
    defaultCountry: row.default_country,
    refusal: row.refusal,
  })),
);

function milliseconds(ms: number): string {
  return `${ms} milliseconds`;
}
