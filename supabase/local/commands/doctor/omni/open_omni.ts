import { readConfig } from "../../../../functions/call-dispatch/config.ts";
import { functionFaults } from "../../function_faults.ts";
import { PLATFORM_VARIABLES } from "../../platform_variables.ts";
import type { OmniAccount, OmniAgent, Untold } from "./omni_account.ts";
import { omniGet } from "./omni_get.ts";
import { parseAgent } from "./parse_agent.ts";
import { parseNumbers } from "./parse_numbers.ts";

const NAMES = ["OMNI_BASE_URL", "OMNI_API_KEY", "OMNI_AGENT_ID", "OMNI_FROM_NUMBER_ID"];
const NUMBERS_A_PAGE = 150;
const MOST_PAGES = 20;

/** The account that these variables name, or why there is none. */
export function openOmni(
  variables: Record<string, string>,
): { account: OmniAccount } | { absent: string } {
  const own = Object.fromEntries(
    Object.entries(variables).filter(([name]) => NAMES.includes(name)),
  );
  const [fault] = functionFaults(own);
  if (fault !== undefined) return { absent: fault };
  const { omniBaseUrl, omniApiKey, omniAgentId: agentId, omniFromNumberId: fromNumberId } =
    readConfig({ ...PLATFORM_VARIABLES, ...own });
  const get = (path: string) => omniGet(`${omniBaseUrl}/api/v1${path}`, omniApiKey);
  let agent: Promise<OmniAgent | Untold> | null = null;
  return {
    account: {
      agentId,
      fromNumberId,
      readAgent: () =>
        agent ??= get(`/agents/${agentId}`).then((reply) => parseAgent(reply, agentId)),
      findNumber: () => findNumber(fromNumberId, get),
    },
  };
}

async function findNumber(
  id: number,
  get: (path: string) => ReturnType<typeof omniGet>,
): Promise<{ kind: "found" } | Untold> {
  for (let page = 1; page <= MOST_PAGES; page++) {
    const reply = await get(`/phone_number/list?pageno=${page}&pagesize=${NUMBERS_A_PAGE}`);
    const read = parseNumbers(reply);
    if (read.kind !== "numbers") return read;
    if (read.ids.includes(id)) return { kind: "found" };
    if (read.ids.length < NUMBERS_A_PAGE) return { kind: "absent" };
  }
  return { kind: "untold", why: `it is not among the first ${MOST_PAGES * NUMBERS_A_PAGE}` };
}
