import type { CallbackStore } from "../_shared/plan_callbacks.ts";
import type { LearntAccount } from "./parse_account.ts";
import type { CallEvent } from "../_shared/call_event.ts";
import type { DispatchResult } from "./run_judge.ts";
import type { RunSource } from "./dispatch_request.ts";

/** A follow-up that this run has claimed. */
export interface ClaimedFollowUp {
  followUpId: string;
  leadId: string;
  leaseToken: string;
  message: string | null;
  phone: string;
  customerName: string | null;
  defaultCountry: string | null;
}

/** An attempt to be committed before its request leaves. */
export interface AttemptToOpen {
  attemptId: string;
  followUpId: string;
  leaseToken: string;
  /** E.164. */
  toNumber: string;
  /** The lead's phone, as claimed, in which the number was read: if it is another by now, nothing is opened. */
  phone: string;
}

/** A claimed follow-up that cannot be called, and why. */
export interface FollowUpToFail {
  followUpId: string;
  leaseToken: string;
  reason: string;
  /** The lead's phone, as claimed: if it is another by now, the follow-up is given back. */
  phone: string;
}

/** Why a run ended. */
export type StopReason =
  | "drained"
  | "deadline"
  | "no_capacity"
  | "limited"
  | "halted"
  | "paused"
  | "error";

/** What a run came to, as the database counted it. */
export interface RunTotals {
  seeded: number;
  claimed: number;
  accepted: number;
  skipped: number;
  failed: number;
  postponed: number;
  not_sent: number;
  refused: number;
  unknown: number;
  rescued: number;
  stop_reason: StopReason;
  error: string | null;
  /** The follow-ups that are still due; counted up to 1,000. */
  remaining: number;
  /** The run that goes on where this one stopped. */
  next_run_id: string | null;
}

/** One line of a dry run. */
export interface PreviewedFollowUp {
  /** Null for one that the seed phase would make. */
  followUpId: string | null;
  leadId: string;
  dueAt: string;
  phone: string;
  defaultCountry: string | null;
  /** Why it would not be called; null = it would, if its number is valid and free. */
  refusal: string | null;
}

/** An attempt whose end nobody has reported, and whose turn it is to be looked up. */
export interface AttemptToSettle {
  attemptId: string;
  /** `ended`: given up, without an outcome. */
  status: "unknown" | "accepted" | "ended";
  /** E.164. */
  toNumber: string;
  /** Omni's, an integer as text; null = no reply told it. */
  requestId: string | null;
  /** When the attempt was opened, Unix ms: no call was placed before. */
  openedAt: number;
  /** Until when the request may have left, Unix ms. */
  sendingUntil: number;
  /** When the call is surely over, Unix ms. */
  overBy: number;
}

/** A call of ours, by the request that placed it. */
export interface KnownCall {
  /** Omni's, an integer as text. */
  requestId: string;
  attemptId: string;
  /** When its attempt was opened, Unix ms. */
  openedAt: number;
}

/** What a run is to ask Omni of the account. */
export interface AccountReadingsDue {
  /** Its lines and its balance. */
  headroom: boolean;
  /** Before anybody is called. */
  beforeCalling: boolean;
  /** What calls cost. */
  costs: boolean;
  /** The moment before the question, as the database writes it. */
  askedAt: string;
}

/** What the call of this request has cost, in the account's currency. */
export interface CallCost {
  requestId: string;
  cost: number;
}

/** What the look-up of an attempt came to that was not found. */
export interface AttemptVerdict {
  attemptId: string;
  verdict: "not_placed" | "cannot_tell";
  /** For the operator. */
  reason: string;
}

/** What a reported call came to: only `settled` counts for its attempt. */
export type EventVerdict = "settled" | "parked" | "noted" | "ignored";

/** The rows, as the phases see them: each method is one SQL function, which makes the decisions. */
export interface Store extends CallbackStore {
  /** @throws {RunRefused} when the database is not the one that this code is made for, or in shadow mode. */
  beginRun(runId: string | undefined, source: RunSource): Promise<BegunRun>;
  /** Returns the contract's number; throws as `beginRun` does, and changes nothing. */
  checkContract(): Promise<number>;
  rescueStaleAttempts(runId: string): Promise<number>;
  attemptsToSettle(batchSize: number): Promise<AttemptToSettle[]>;
  /** Returns those of the request ids that are ours. */
  knownCalls(requestIds: string[]): Promise<KnownCall[]>;
  /** Harmless to repeat: the same event gets the same answer. */
  recordCallResult(event: CallEvent): Promise<EventVerdict>;
  /** Notes the look-up on each; returns how many attempts were abandoned. */
  settleCallAttempts(verdicts: AttemptVerdict[]): Promise<number>;
  seedFollowUps(batchSize: number, runId: string): Promise<number>;
  claimDueFollowUps(batchSize: number, leaseMs: number, runId: string): Promise<ClaimedFollowUp[]>;
  failFollowUps(items: FollowUpToFail[], runId: string): Promise<void>;
  /** Returns the ids of the attempts that may be sent now. */
  openCallAttempts(
    items: AttemptToOpen[],
    runId: string,
    sendingForMs: number,
  ): Promise<Set<string>>;
  recordDispatchResults(results: DispatchResult[]): Promise<void>;
  releaseFollowUps(leaseTokens: string[]): Promise<void>;
  /** Why a claim found nothing; null = claim again. */
  claimStopReason(runId: string): Promise<StopReason | null>;
  accountReadingsDue(): Promise<AccountReadingsDue>;
  recordProviderAccount(reading: LearntAccount, askedAt: string): Promise<void>;
  /** The request ids of calls whose cost is not known, the newest first. */
  callsWithoutCost(): Promise<string[]>;
  recordCallCosts(costs: CallCost[]): Promise<void>;
  finishRun(runId: string, stopReason: StopReason, error: string | null): Promise<RunTotals>;
  /** What is due `at` a moment, by default now. */
  previewDispatch(batchSize: number, at?: Date): Promise<PreviewedFollowUp[]>;
  numbersInLiveCalls(numbers: string[]): Promise<Set<string>>;
}

/** A run that has been entered. */
export interface BegunRun {
  id: string;
  /** The last run was halted: a single call shows whether the cause is mended. */
  startWithOne: boolean;
}
