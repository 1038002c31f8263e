import type { CallOutcome } from "./call_outcome.ts";

/** What is to be stored of one attempt. */
export interface DispatchResult {
  attemptId: string;
  leaseToken: string;
  status: "accepted" | "unknown" | "postponed" | "not_sent" | "refused";
  requestId?: string;
  httpStatus?: number;
  error?: string;
  response?: unknown;
  /** Omni refused it and accepted no other beside it: the row may be innocent. */
  refusedAlone?: boolean;
}

/** One judged reply with what is to be stored beside it. */
export interface JudgedCall {
  attemptId: string;
  leaseToken: string;
  httpStatus?: number;
  response?: unknown;
  outcome: CallOutcome;
}

/** Why no further call is begun. */
export interface Stop {
  reason: "halted" | "no_capacity";
  error: string | null;
}

/** How many like results, with no acceptance between them, stop the run. */
const A_FEW = 3;

/**
 * Judges the replies of one run together, as they come in. A refusal is kept apart until it is known
 * whose fault it is: an acceptance after it proves that the configuration works, so it was the row's;
 * a few identical refusals without one are the configuration's, and no row is blamed.
 */
export class RunJudge {
  #stop: Stop | null = null;
  #anyAccepted = false;
  #configurationIsSuspect = false;
  #refusals: JudgedCall[] = [];
  #unknownInARow = 0;
  #notSentInARow = 0;

  /** Why the run has to stop, or null while it may go on. The first reason stays. */
  get stop(): Stop | null {
    return this.#stop;
  }

  /** Whether Omni has accepted a call of this run. */
  get anyAccepted(): boolean {
    return this.#anyAccepted;
  }

  /** Takes the next reply and returns what can be stored now. */
  take(call: JudgedCall): DispatchResult[] {
    const { outcome } = call;
    switch (outcome.kind) {
      case "accepted":
        return this.#takeAccepted(call, outcome.requestId);
      case "refused":
        return this.#takeRefused(call, outcome.error);
      case "busy":
        this.#stop ??= { reason: "no_capacity", error: null };
        return [toResult(call, "postponed")];
      case "halt":
        this.#halt(outcome.error);
        return [toResult(call, "postponed")];
      case "not_sent":
        this.#notSentInARow += 1;
        if (this.#notSentInARow >= A_FEW) this.#halt(outcome.error);
        return [toResult(call, "not_sent")];
      case "unknown":
        this.#unknownInARow += 1;
        if (outcome.serverError || this.#unknownInARow >= A_FEW) this.#halt(outcome.error);
        return [toResult(call, "unknown")];
    }
  }

  /** Ends the run: what is still kept apart is the row's fault only if Omni accepted any other. */
  end(): DispatchResult[] {
    const left = this.#refusals.splice(0);
    if (this.#anyAccepted && !this.#configurationIsSuspect) {
      return left.map((call) => toResult(call, "refused"));
    }
    const last = left.at(-1)?.outcome;
    if (last?.kind === "refused") this.#halt(`Omni refused every call: ${last.error}`);
    return left.map(refusedAlone);
  }

  #takeAccepted(call: JudgedCall, requestId: string): DispatchResult[] {
    this.#anyAccepted = true;
    this.#unknownInARow = 0;
    this.#notSentInARow = 0;
    const blamed = this.#refusals.splice(0).map((refusal) => toResult(refusal, "refused"));
    return [...blamed, { ...toResult(call, "accepted"), requestId }];
  }

  #takeRefused(call: JudgedCall, error: string): DispatchResult[] {
    this.#refusals.push(call);
    const alike = this.#refusals.filter(({ outcome }) =>
      wording(outcome) === wording(call.outcome)
    );
    const tooMany = alike.length >= A_FEW ||
      (!this.#anyAccepted && this.#refusals.length >= 2 * A_FEW);
    if (!tooMany) return [];
    this.#configurationIsSuspect = true;
    this.#halt(`Omni refused ${this.#refusals.length} calls and accepted none between: ${error}`);
    return this.#refusals.splice(0).map(refusedAlone);
  }

  #halt(error: string): void {
    this.#stop ??= { reason: "halted", error };
  }
}

/** An error without its numbers: ids and phone numbers differ where the words are the same. */
function wording(outcome: CallOutcome): string {
  return "error" in outcome ? outcome.error.replace(/[\d*+]+/g, "#") : "";
}

function refusedAlone(call: JudgedCall): DispatchResult {
  return { ...toResult(call, "refused"), refusedAlone: true };
}

function toResult(call: JudgedCall, status: DispatchResult["status"]): DispatchResult {
  const { attemptId, leaseToken, httpStatus, response, outcome } = call;
  return {
    attemptId,
    leaseToken,
    status,
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(response === undefined ? {} : { response }),
    ...("error" in outcome ? { error: outcome.error } : {}),
  };
}
