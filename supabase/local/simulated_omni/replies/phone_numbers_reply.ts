import { agentName } from "../calls/agent_name.ts";
import { ownNumber } from "../calls/own_number.ts";
import { jsonReply } from "../http/json_reply.ts";
import type { Reply } from "../http/reply.ts";
import type { SimulatedAccount } from "../simulated_account.ts";
import { wholeNumber } from "../whole_number.ts";
import { errorReply } from "./error_reply.ts";

/** Answers `GET /phone_number/list`: the number of the account, behind those that are not for calls. */
export function phoneNumbersReply(query: URLSearchParams, account: SimulatedAccount): Reply {
  const page = wholeNumber(query.get("pageno") ?? "1", 1, Infinity);
  const size = wholeNumber(query.get("pagesize") ?? "30", 1, 150);
  if (page === null) return errorReply(400, "pageno must be a whole number from 1");
  if (size === null) return errorReply(400, "pagesize must be a whole number from 1 to 150");
  const { agentId, fromNumberId } = account;
  const others = Array.from({ length: account.settings().otherNumbers }, (_, index) => ({
    id: fromNumberId + 1 + index,
    name: `Other ${index + 1}`,
    phone_number: `+1555020${String(index).padStart(4, "0")}`,
    active_bot_id: false,
    active_bot_name: false,
  }));
  const own = {
    id: fromNumberId,
    name: "Simulated number",
    phone_number: ownNumber,
    active_bot_id: agentId,
    active_bot_name: agentName,
  };
  const numbers = [...others, own];
  const first = (page - 1) * size;
  return jsonReply(200, {
    phone_numbers: numbers.slice(first, first + size),
    total_records: numbers.length,
  });
}
