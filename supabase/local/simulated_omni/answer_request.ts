import { accountBalance } from "./replies/account_balance.ts";
import { agentReply } from "./replies/agent_reply.ts";
import { answerDispatch } from "./answer_dispatch.ts";
import { answerRead } from "./answer_read.ts";
import type { Ending } from "./http/ending.ts";
import { errorReply } from "./replies/error_reply.ts";
import { htmlReply } from "./http/html_reply.ts";
import type { HttpRequest } from "./http/http_request.ts";
import { phoneNumbersReply } from "./replies/phone_numbers_reply.ts";
import type { Reply } from "./http/reply.ts";
import type { SimulatedAccount } from "./simulated_account.ts";

/** Finds the answer to a request by its path and verb. */
export function answerRequest(
  request: HttpRequest,
  account: SimulatedAccount,
): Ending | Promise<Ending> {
  const verb = verbOf(request.path);
  if (verb === null) return errorPage(404, account);
  if (verb !== request.method) return errorPage(405, account, { Allow: verb });
  return verb === "POST" ? answerDispatch(request, account) : answerRead(request, account, read);
}

const dispatchPath = "/api/v1/calls/dispatch";
const balancePath = "/api/v1/account/balance";
const logPath = "/api/v1/calls/logs";
const logRowPath = /^\/api\/v1\/calls\/logs\/(\d+)$/;
const agentPath = /^\/api\/v1\/agents\/(\d+)$/;
const numbersPath = "/api/v1/phone_number/list";

function verbOf(path: string): "POST" | "GET" | null {
  if (path === dispatchPath) return "POST";
  const isReadable = [balancePath, logPath, numbersPath].includes(path) || logRowPath.test(path) ||
    agentPath.test(path);
  return isReadable ? "GET" : null;
}

function read({ path, query }: HttpRequest, account: SimulatedAccount): Reply {
  if (path === balancePath) return accountBalance(account.settings(), account.lines.inUse);
  if (path === numbersPath) return phoneNumbersReply(new URLSearchParams(query), account);
  if (agentPath.test(path)) return agentReply(Number(agentPath.exec(path)?.[1]), account);
  if (path === logPath) return account.log.page(new URLSearchParams(query));
  return account.log.row(Number(logRowPath.exec(path)?.[1]));
}

function errorPage(
  status: 404 | 405,
  account: SimulatedAccount,
  headers?: Readonly<Record<string, string>>,
): Ending {
  const text = status === 404 ? "Not Found" : "Method Not Allowed";
  const reply = account.settings().errorPages === "html"
    ? htmlReply(status, text, headers)
    : errorReply(status, text, headers);
  return { kind: "reply", reply };
}
