import { judgeReply } from "../../../supabase/functions/call-dispatch/call_outcome.ts";
import { buildCallRequest } from "../../../supabase/functions/call-dispatch/call_request.ts";
import { createOmniClient } from "../../../supabase/functions/call-dispatch/omni_client.ts";
import { readPhoneNumber } from "../../../supabase/functions/call-dispatch/phone_number.ts";
import { storable } from "../../../supabase/functions/_shared/storable.ts";
import type { OmniPlace } from "./omni_place.ts";
import type { PeerTask } from "./peer.ts";

/** Where the calls of a peer would be reported: what is signed costs ours as much. */
const CALL_ENDED = {
  url: "http://127.0.0.1/functions/v1/call-ended",
  secret: "of-a-length-that-secrets-have-in-practice",
};

/**
 * What ours does for a call besides its queue, by the same code: the number is read, the request made with
 * the signed address for its report and sent, the reply judged and made ready to be stored. So what differs
 * is the queue; that a peer does not store the outcome is to its advantage.
 */
export function callTask({ url, apiKey, agentId, fromNumberId }: OmniPlace): PeerTask {
  const client = createOmniClient({ baseUrl: url, apiKey, timeoutMs: 15_000 });
  const caller = {
    omniAgentId: agentId,
    omniFromNumberId: fromNumberId,
    callEndedHook: CALL_ENDED,
  };
  return async ({ number }) => {
    const phone = readPhoneNumber(number, null);
    if (!("e164" in phone)) throw new Error(`Cannot call: ${phone.reason}`);
    const call = {
      attemptId: crypto.randomUUID(),
      followUpId: crypto.randomUUID(),
      leadId: crypto.randomUUID(),
      toNumber: phone.e164,
      customerName: null,
      message: null,
    };
    const reply = await client.placeCall(buildCallRequest(call, caller));
    const outcome = judgeReply(reply);
    if (reply.kind !== "reply" || outcome.kind !== "accepted") {
      throw new Error(`The provider did not accept a call: ${JSON.stringify(reply)}`);
    }
    storable(reply.text);
  };
}
