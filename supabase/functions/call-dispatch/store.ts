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
}

/** A claimed follow-up that cannot be called, and why. */
export interface FollowUpToFail {
  followUpId: string;
  leaseToken: string;
  reason: string;
}

/** What there is to do. */
export interface Backlog {
  paused: boolean;
  /** Calls that may still be begun; null = no limit. */
  freeSlots: number | null;
  seedable: number;
  due: number;
}

/** Why a run ended. */
export type StopReason =
  | "drained"
  | "deadline"
  | "no_capacity"
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

/** The rows, as the phases see them: each method is one SQL function, which makes the decisions. */
export interface Store {
  beginRun(runId: string | undefined, source: RunSource): Promise<BegunRun>;
  rescueStaleAttempts(runId: string): Promise<number>;
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
  backlog(): Promise<Backlog>;
  finishRun(runId: string, stopReason: StopReason, error: string | null): Promise<RunTotals>;
  previewDispatch(batchSize: number): Promise<PreviewedFollowUp[]>;
  numbersInLiveCalls(numbers: string[]): Promise<Set<string>>;
}

/** A run that has been entered. */
export interface BegunRun {
  id: string;
  /** The last run was halted: a single call shows whether the cause is mended. */
  startWithOne: boolean;
}
