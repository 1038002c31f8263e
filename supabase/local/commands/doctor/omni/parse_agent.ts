import { z } from "zod";
import { judgeRefusal } from "./judge_refusal.ts";
import type { OmniAgent, Untold } from "./omni_account.ts";
import type { OmniReply } from "./omni_get.ts";

const config = z.looseObject({
  // False where the action is another one, such as an e-mail.
  webhook_url: z.union([z.string(), z.literal(false), z.null()]).optional(),
  trigger_call_statuses: z.array(z.string()).optional().catch(undefined),
});

const agent = z.looseObject({
  id: z.coerce.number(),
  max_call_duration_in_sec: z.number().positive().nullable().catch(null).optional(),
  post_call_config_ids: z.array(config).nullable().catch(null).optional(),
});

/** What a webhook fires for where nothing is listed. */
const DEFAULT_STATUSES = ["completed", "voicemail_detected"];

/** Judges the reply to the question for the agent `id`. */
export function parseAgent(reply: OmniReply, id: number): OmniAgent | Untold {
  // How an unknown id is refused is not published.
  if (reply.httpStatus === 404 || reply.httpStatus === 400) return { kind: "absent" };
  const refusal = judgeRefusal(reply);
  if (refusal !== null) return refusal;
  const parsed = agent.safeParse("json" in reply ? reply.json : undefined);
  if (!parsed.success || parsed.data.id !== id) {
    return { kind: "untold", why: "Omni's reply is not understood" };
  }
  const { max_call_duration_in_sec: longest, post_call_config_ids: configs } = parsed.data;
  return {
    kind: "agent",
    longestCallSeconds: longest ?? null,
    webhooks:
      configs?.flatMap(({ webhook_url: url, trigger_call_statuses: statuses }) =>
        typeof url === "string" && url !== ""
          ? [{ url, statuses: statuses ?? DEFAULT_STATUSES }]
          : []
      ) ?? null,
  };
}
