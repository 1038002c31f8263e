import type { Check } from "../check.ts";
import type { OmniAgent, Untold } from "../omni/omni_account.ts";
import { verdict } from "../verdict.ts";

/** What Omni says of the agent. */
interface Facts {
  agentId: number;
  reading: OmniAgent | Untold;
}

/** Whether the key works and the agent is there. */
export const omniAgentCheck: Check<Facts, "omni"> = {
  name: "Omni's agent",
  needs: ["omni"],
  read: async ({ omni }) => ({ agentId: omni.agentId, reading: await omni.readAgent() }),
  judge({ agentId, reading }) {
    switch (reading.kind) {
      case "agent":
        return [verdict.ok(`The key works, and the agent ${agentId} is there`)];
      case "unauthorized":
        return [verdict.fault(
          "Omni refuses the key (HTTP 401), so that every run is halted: set OMNI_API_KEY anew",
        )];
      case "absent":
        return [verdict.fault(
          `Omni has no agent ${agentId} in this account: set OMNI_AGENT_ID to the id in its dashboard`,
        )];
      case "untold":
        return [verdict.notChecked(`could not be told: ${reading.why}`)];
    }
  },
};
