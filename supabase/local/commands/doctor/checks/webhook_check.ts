import { CALL_OUTCOMES, readCallStatus } from "../../../../functions/_shared/call_event.ts";
import { secretsIn } from "../../../../functions/_shared/secrets.ts";
import type { Check } from "../check.ts";
import type { OmniAgent } from "../omni/omni_account.ts";
import { type Verdict, verdict } from "../verdict.ts";

/** Who is asked to report the end of a call. */
interface Facts {
  /** Each call is, by itself. */
  callsReport: boolean;
  hasAgentSecret: boolean;
  isOff: boolean;
  /** The agent's own webhooks; null = could not be told. */
  webhooks: OmniAgent["webhooks"];
}

const OURS = /\/call-ended(\?|$)/;

/** Whether the end of every call is reported, however it ends. */
export const webhookCheck: Check<Facts, "variables"> = {
  name: "webhook",
  needs: ["variables"],
  async read({ variables, omni }) {
    const agent = await omni?.readAgent();
    const isOff = variables.CALL_ENDED_URL?.trim() === "off";
    return {
      callsReport: secretsIn(variables.CALL_ENDED_SECRET).length > 0 && !isOff,
      hasAgentSecret: secretsIn(variables.CALL_ENDED_AGENT_SECRET).length > 0,
      isOff,
      webhooks: agent?.kind === "agent" ? agent.webhooks : null,
    };
  },
  judge(facts) {
    // A call's own takes the place of the agent's, so that it does not matter what that one lists.
    if (facts.callsReport) {
      return [verdict.ok("Each call is asked to report its end, whichever of the six it is")];
    }
    const ours = facts.webhooks?.filter(({ url }) => OURS.test(url)) ?? [];
    if (ours.length > 0) return ours.flatMap((webhook) => judgeWebhook(webhook, facts));
    if (facts.webhooks === null && facts.hasAgentSecret) {
      return [verdict.notChecked(
        `could not be told: list all of ${CALL_OUTCOMES.join(", ")} at the agent's webhook`,
      )];
    }
    const why = facts.isOff ? "CALL_ENDED_URL is off" : "CALL_ENDED_SECRET is not set";
    return [verdict.warning(
      `Nobody reports the end of calls: ${why}, and no webhook of the agent leads to call-ended. They are ` +
        "looked up in Omni's call log, a quarter of an hour later: set CALL_ENDED_SECRET",
    )];
  },
};

function judgeWebhook(
  { statuses }: { statuses: string[] },
  { hasAgentSecret }: Facts,
): Verdict[] {
  if (!hasAgentSecret) {
    return [verdict.fault(
      "The agent's webhook leads to call-ended, which refuses it: set CALL_ENDED_AGENT_SECRET, or leave " +
        "reports to CALL_ENDED_SECRET",
    )];
  }
  const listed = statuses.map(readCallStatus);
  const missing = CALL_OUTCOMES.filter((outcome) => !listed.includes(outcome));
  if (missing.length === 0) {
    return [verdict.ok("The agent's webhook fires for all six ends of a call")];
  }
  return [verdict.warning(
    `The agent's webhook does not fire for ${
      missing.join(", ")
    }: list them at the agent, or such calls ` +
      "are heard of only by Omni's call log",
  )];
}
