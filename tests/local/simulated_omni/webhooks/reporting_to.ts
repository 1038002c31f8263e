import { callStatuses } from "../../../../supabase/local/simulated_omni/calls/call_statuses.ts";

/** Fields of a dispatch whose call is to be reported to `url`, however it ends. */
export function reportingTo(url: string, webhook: Readonly<Record<string, unknown>> = {}) {
  return {
    fields: {
      metadata: { attempt_id: "a-1" },
      __post_call_actions: {
        webhook: {
          enabled: true,
          url,
          include: ["summary"],
          trigger_call_statuses: callStatuses,
          ...webhook,
        },
      },
    },
  };
}
