import { type LogPage, ROWS_A_PAGE } from "./call_log.ts";
import type { CallRequest } from "./call_request.ts";
import type { OmniReply } from "./call_outcome.ts";
import { type AccountReading, parseAccount } from "./parse_account.ts";
import { parseCallLog } from "./parse_call_log.ts";
import { readLimitedText } from "../_shared/read_limited_text.ts";
import { within } from "../_shared/within.ts";

/** What the phases see of the provider. */
export interface Provider {
  /** Asks once for a call; never throws, never repeats, never follows a redirect. */
  placeCall(request: CallRequest): Promise<OmniReply>;
  /** Reads the account's lines and balance; never throws. */
  readAccount(signal: AbortSignal): Promise<AccountReading>;
  /** Reads one page of the call log; never throws. */
  readCallLog(page: LogPageRequest): Promise<LogReply>;
}

/** Which page of the call log is asked for. */
export interface LogPageRequest {
  /** From 1, the newest calls. */
  number: number;
  /** Only calls of this agent. */
  agentId: number;
  /** Gives the request up. */
  signal?: AbortSignal;
}

/** A page of the call log, or why there is none, without secrets. */
export type LogReply = { kind: "page" } & LogPage | { kind: "failed"; error: string };

/** Where Omni is and how it is asked. */
export interface OmniClientOptions {
  baseUrl: string;
  apiKey: string;
  /** How long a request may take, reply included, in ms. */
  timeoutMs: number;
  fetch?: typeof fetch;
}

const LONGEST_REPLY_BYTES = 64_000;
// Rows are large: a page of fifty may be megabytes.
const LONGEST_LOG_PAGE_BYTES = 8_000_000;

/** The client of Omni's API. */
export function createOmniClient(options: OmniClientOptions): Provider {
  const { baseUrl, apiKey, timeoutMs, fetch = globalThis.fetch } = options;
  const url = `${baseUrl}/api/v1/calls/dispatch`;
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  return {
    async placeCall(request) {
      try {
        return await within(timeoutMs, async (signal) => {
          const response = await fetch(url, {
            method: "POST",
            headers,
            // Newer versions of Deno send a POST again by themselves when a kept-alive connection closes
            // without a reply: the phone would ring twice for one fetch. A blob, unlike a string, is
            // never sent again, and unlike a stream it announces its length.
            body: new Blob([JSON.stringify(request)]),
            redirect: "manual",
            signal,
          });
          const text = await readText(response);
          // What Omni says is stored and logged: a key that it repeats must not be.
          return {
            kind: "reply",
            httpStatus: response.status,
            text: text.replaceAll(apiKey, "***"),
          };
        });
      } catch (error) {
        return judgeFailure(error, timeoutMs);
      }
    },
    async readAccount(signal) {
      try {
        return await within(timeoutMs, async (late) => {
          const response = await fetch(`${baseUrl}/api/v1/account/balance`, {
            headers: { authorization: headers.authorization },
            redirect: "manual",
            signal: AbortSignal.any([late, signal]),
          });
          const text = await readLimitedText(response, LONGEST_REPLY_BYTES);
          return parseAccount(response.status, text);
        });
      } catch (error) {
        return { kind: "failed", error: judgeFailure(error, timeoutMs).error };
      }
    },
    async readCallLog({ number, agentId, signal }) {
      const query = `pageno=${number}&pagesize=${ROWS_A_PAGE}&agentid=${agentId}`;
      try {
        return await within(timeoutMs, async (late) => {
          const response = await fetch(`${baseUrl}/api/v1/calls/logs?${query}`, {
            headers: { authorization: headers.authorization },
            redirect: "manual",
            signal: AbortSignal.any([late, ...(signal ? [signal] : [])]),
          });
          return await readLogPage(response);
        });
      } catch (error) {
        if (signal?.aborted) return failedLog("there was no time left");
        return failedLog(judgeFailure(error, timeoutMs).error.replaceAll(apiKey, "***"));
      }
    },
  };
}

// Past the limit the reply is rubbish anyway; reading on would only fill the memory. A short reply of
// announced length is read at once, which costs half as much.
async function readText(response: Response): Promise<string> {
  if (isSurelyShort(response.headers)) return await response.text();
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LONGEST_REPLY_BYTES) return text.slice(0, LONGEST_REPLY_BYTES);
  }
  return text + decoder.decode();
}

// HTTP ends a body at its announced length, unless it comes in chunks; and what it unpacks may be longer.
function isSurelyShort(headers: Headers): boolean {
  return Number(headers.get("content-length") ?? Infinity) <= LONGEST_REPLY_BYTES &&
    !headers.has("transfer-encoding") && !headers.has("content-encoding");
}

async function readLogPage(response: Response): Promise<LogReply> {
  if (!response.ok) {
    response.body?.cancel().catch(() => {});
    return failedLog(`Omni answered with HTTP ${response.status}`);
  }
  const text = await readLimitedText(response, LONGEST_LOG_PAGE_BYTES);
  if (text === null) return failedLog(`a page is longer than ${LONGEST_LOG_PAGE_BYTES} bytes`);
  const page = parseCallLog(text);
  return page === null ? failedLog("a page is not understood") : { kind: "page", ...page };
}

function failedLog(why: string): LogReply {
  return { kind: "failed", error: `Cannot read Omni's call log: ${why}` };
}

function judgeFailure(error: unknown, timeoutMs: number): Exclude<OmniReply, { kind: "reply" }> {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return { kind: "no_reply", error: `Omni did not reply within ${timeoutMs} ms` };
  }
  const text = messages(error);
  const connected = !text.includes("client error (Connect)");
  // The runtime says so of a name that does not resolve, a refused connection and a failed TLS
  // handshake: no byte of the request has left. After everything else it may have.
  return connected
    ? { kind: "no_reply", error: `The connection to Omni broke: ${readable(text)}` }
    : { kind: "not_sent", error: `Cannot reach Omni: ${readable(text)}` };
}

// Some versions say the reason in the message, some in the cause.
function messages(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messages(error.cause)}`;
}

function readable(text: string): string {
  return text.replace(/^.*client error \((\w+)\): /s, "").slice(0, 300);
}
