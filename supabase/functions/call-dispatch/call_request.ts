/** What Omni is asked, as its API spells it. */
export interface CallRequest {
  agent_id: number;
  from_number_id: number;
  to_number: string;
  call_context: Record<string, string>;
  metadata: { attempt_id: string };
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

/** Who calls, and from where: ids of the Omni account. */
export interface CallerIds {
  omniAgentId: number;
  omniFromNumberId: number;
}

/** The body of a dispatch request. Ids go as numbers, or Omni refuses; the context as strings. */
export function buildCallRequest(call: Call, caller: CallerIds): CallRequest {
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
  };
}
