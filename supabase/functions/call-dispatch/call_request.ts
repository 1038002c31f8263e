import { CALL_OUTCOMES } from "../_shared/call_event.ts";
import { type CallEndedHook, reportAddress } from "../_shared/call_ended_hook.ts";

/** What Omni is asked, as its API spells it. */
export interface CallRequest {
  agent_id: number;
  from_number_id: number;
  to_number: string;
  call_context: Record<string, string>;
  metadata: { attempt_id: string };
  /** Takes the place of the agent's own actions, for this call only. */
  __post_call_actions?: {
    webhook: {
      enabled: true;
      url: string;
      include: string[];
      extracted_variables: { key: string; prompt: string }[];
      trigger_call_statuses: string[];
    };
  };
}

/** The call that an attempt stands for. */
export interface Call {
  attemptId: string;
  followUpId: string;
  leadId: string;
  /** E.164. */
  toNumber: string;
  customerName: string | null;
  message: string | null;
}

/** What is the same in every request: who calls, from where, and who hears of the call's end. */
export interface Caller {
  omniAgentId: number;
  omniFromNumberId: number;
  /** Null = the agent's own post-call actions hold. */
  callEndedHook: CallEndedHook | null;
}

const CALLBACK_TIME = {
  key: "callback_time",
  prompt:
    "If the person asked to be called again at some other time: that day and time, as they said it, " +
    "in English, such as tomorrow at 10 am, in two hours, 2026-12-01 15:30. Otherwise leave it empty.",
};

const DO_NOT_CALL = {
  key: "do_not_call",
  prompt: "true if the person asked not to be called again, by anybody or at all. Otherwise false.",
};

/** The body of a dispatch request. Ids go as numbers, or Omni refuses; the context as strings. */
export function buildCallRequest(call: Call, caller: Caller): CallRequest {
  return {
    agent_id: caller.omniAgentId,
    from_number_id: caller.omniFromNumberId,
    to_number: call.toNumber,
    call_context: {
      name: call.customerName ?? "",
      lead_id: call.leadId,
      follow_up_id: call.followUpId,
      message: call.message ?? "",
    },
    metadata: { attempt_id: call.attemptId },
    ...(caller.callEndedHook !== null && {
      __post_call_actions: { webhook: webhookFor(call.attemptId, caller.callEndedHook) },
    }),
  };
}

function webhookFor(attemptId: string, hook: CallEndedHook) {
  return {
    enabled: true as const,
    url: reportAddress(attemptId, hook),
    include: ["summary", "extracted_variables"],
    extracted_variables: [CALLBACK_TIME, DO_NOT_CALL],
    // Unless all are listed, Omni is silent on the calls that nobody answered.
    trigger_call_statuses: [...CALL_OUTCOMES],
  };
}
