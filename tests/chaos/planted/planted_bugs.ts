import type { PlantedBug } from "./planted_bug.ts";

/** The bugs that must be found. Each takes away one of the guards that everything rests on. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "no_unique_index",
    what: "the database allows two live calls to one number",
    scenarios: ["two_schedulers"],
    shows: /calls were placed twice/,
    changes: [{ dropIndex: "call_attempts_one_live_call_per_number" }],
  },
  {
    name: "open_without_token",
    what: "an opening does not need the lease",
    scenarios: ["killed_claim_open"],
    shows: /leads were never called|calls were placed twice/,
    changes: [{
      mentions: ["insert into public.call_attempts"],
      find: /\bitem\.lease_token = \w+\.lease_token/g,
      put: "true",
    }],
  },
  {
    name: "record_without_token",
    what: "a report does not need the lease of its attempt",
    scenarios: ["late_reports"],
    shows: /calls were placed twice/,
    changes: [{
      mentions: ["record_dispatch_results", "jsonb_to_recordset"],
      find: /\breported\.lease_token = \w+\.lease_token/g,
      put: "true",
    }],
  },
  {
    name: "claim_waits",
    what: "a claim waits for rows that others hold (no skip locked)",
    scenarios: ["row_held"],
    shows: /leads were not called while a transaction held other rows/,
    changes: [{
      mentions: ["dispatchable_follow_ups", "public.claim_follow_ups_apart("],
      find: /\bskip locked\b/g,
      put: "",
    }],
  },
  {
    name: "post_without_open",
    what: "requests are sent for attempts that are never committed",
    scenarios: ["killed_post_reply"],
    shows: /calls were placed twice|rang without an attempt/,
    changes: [{
      file: "call-dispatch/supabase_store.ts",
      find: 'await call("open_call_attempts", args, opened)',
      put: "items.map((item) => item.attemptId)",
    }],
  },
  {
    name: "post_before_open",
    what: "attempts are committed after their requests were sent",
    scenarios: ["killed_post_reply"],
    shows: /calls were placed twice|rang without an attempt/,
    changes: [{
      file: "call-dispatch/supabase_store.ts",
      find: 'await call("open_call_attempts", args, opened)',
      put: '(setTimeout(() => call("open_call_attempts", args, opened).catch(() => {}), 1000), ' +
        "items.map((item) => item.attemptId))",
    }],
  },
  {
    name: "late_report_moves",
    what: "a report moves an attempt whatever its state (no state guard)",
    scenarios: ["late_reports"],
    shows: /calls were placed twice/,
    changes: [{
      mentions: ["record_dispatch_results", "jsonb_to_recordset"],
      find: /\b\w+\.status = 'sending'/g,
      put: "true",
    }],
  },
  {
    name: "rescue_dials_again",
    what: "an attempt whose run has died counts as not sent, and not as unknown",
    scenarios: ["killed_post_reply"],
    shows: /calls were placed twice/,
    changes: [{
      mentions: ["rescue_stale_attempts.as_of"],
      find: /\bset status = 'unknown'/g,
      put: "set status = 'not_sent'",
    }],
  },
  {
    name: "rescue_frees_numbers",
    what: "an accepted call counts as over at once, and its number as free",
    scenarios: ["two_schedulers"],
    shows: /calls were placed twice/,
    changes: [{
      mentions: ["rescue_stale_attempts.as_of"],
      find: /- settings\.longest_call/g,
      put: "",
    }],
  },
  {
    name: "postponed_is_failed",
    what: "a call that was not taken because the lines were busy is given up",
    scenarios: ["overload", "provider_drops"],
    shows: /leads were never called/,
    changes: [{
      mentions: ["put_back_uncalled", "retry_delay"],
      find: /\battempt\.status = 'refused' then 'failed'/g,
      put: "attempt.status in ('refused', 'postponed') then 'failed'",
    }],
  },
  {
    name: "lost_reply_is_not_sent",
    what: "a request without a reply counts as not sent",
    scenarios: ["provider_drops"],
    shows: /attempts are ambiguous and not unknown/,
    changes: [{
      file: "call-dispatch/call_outcome.ts",
      find: 'if (reply.kind === "not_sent") return reply;',
      put: 'if (reply.kind !== "reply") return { kind: "not_sent", error: reply.error };',
    }],
  },
  {
    name: "server_error_is_busy",
    what: "a 5xx of the provider counts as busy lines",
    scenarios: ["provider_drops"],
    shows: /calls were placed twice|attempts are ambiguous and not unknown/,
    changes: [{
      file: "call-dispatch/call_outcome.ts",
      find: 'if (httpStatus >= 500) return { kind: "unknown", error, serverError: true };',
      put: 'if (httpStatus >= 500) return { kind: "busy", error };',
    }],
  },
  {
    name: "post_is_repeated",
    what: "the HTTP client sends a POST again when its connection breaks",
    scenarios: ["provider_drops"],
    shows: /calls were placed twice|attempts are ambiguous and not unknown/,
    changes: [{
      file: "call-dispatch/omni_client.ts",
      find: "const response = await fetch(url, {",
      put: "const again: typeof fetch = (...all) => fetch(...all).catch(() => fetch(...all));\n" +
        "const response = await again(url, {",
    }],
  },
  {
    name: "lease_never_ends",
    what: "what a dead run had claimed is never taken back",
    scenarios: ["killed_claim_open"],
    shows: /leads were never called/,
    changes: [
      {
        mentions: ["dispatchable_follow_ups", "public.claim_follow_ups_apart("],
        find: /\bcandidate\.leased_until <= claim_due_follow_ups\.as_of/g,
        put: "false",
      },
      {
        mentions: ["rescue_stale_attempts.as_of"],
        find: /\bfollow_up\.leased_until <= rescue_stale_attempts\.as_of/g,
        put: "false",
      },
    ],
  },
  {
    name: "results_are_given_up",
    what: "results that cannot be stored at once are given up",
    scenarios: ["gateway_5xx_before", "connections_exhausted"],
    shows: /attempts are unknown for no reason/,
    changes: [
      {
        file: "call-dispatch/result_recorder.ts",
        find: "retryWhilePassing(() => store.recordDispatchResults(batch), { forMs })",
        put: "store.recordDispatchResults(batch)",
      },
      {
        file: "call-dispatch/result_recorder.ts",
        find: "await this.#storeApart(batch, toStoreError(error))",
        put: "this.#failure ??= toStoreError(error)",
      },
    ],
  },
  {
    name: "seeding_forgets",
    what: "a new lead that another program holds while it is seeded is forgotten",
    scenarios: ["row_held"],
    shows: /leads were never called/,
    changes: [{
      mentions: ["delete from public.seed_candidates"],
      find: /\bexists \(select from reachable where reachable\.id = candidate\.lead_id\)/g,
      put: "true",
    }],
  },
  {
    name: "half_are_given_up",
    what: "half of all leads are given up, with a reason that is none",
    scenarios: ["random"],
    shows: /leads were never called/,
    changes: [{
      mentions: ["lead_refusal_reason", "smallest_gap_per_number"],
      find: /\bending := case when reason is null then 'failed' else 'skipped' end;/g,
      put: "ending := case when reason is null then 'failed' else 'skipped' end; " +
        "if reason is null and get_byte(uuid_send(lead.id), 0) % 2 = 0 then " +
        "reason := 'Not today'; end if;",
    }],
  },
  {
    name: "spelled_are_not_seeded",
    what: "a lead whose phone is written with a space counts as none to be called",
    scenarios: ["random"],
    shows: /leads were never called/,
    changes: [{
      mentions: ["is_seedable_lead.phone"],
      find: /\bis_seedable_lead\.call_date is null\b/g,
      put: "is_seedable_lead.call_date is null and is_seedable_lead.phone not like '% %'",
    }],
  },
  {
    name: "claim_asks_once",
    what: "a claim that fails once is not asked again",
    scenarios: ["gateway_5xx_before"],
    shows: /The run did not survive \d answers \d+ before claim_due_follow_ups/,
    changes: [{
      file: "call-dispatch/claimed_calls.ts",
      find: /retryWhilePassing\(\s*(\(\) => store\.claimDueFollowUps\([^)]*\)),\s*\{[^}]*\},?\s*\)/,
      put: "($1)()",
    }],
  },
];
