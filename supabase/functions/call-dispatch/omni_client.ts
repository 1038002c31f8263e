import type { CallRequest } from "./call_request.ts";
import type { OmniReply } from "./call_outcome.ts";

/** What the phases see of the provider. */
export interface Provider {
  /** Asks once for a call; never throws, never repeats, never follows a redirect. */
  placeCall(request: CallRequest): Promise<OmniReply>;
}

/** Where Omni is and how it is asked. */
export interface OmniClientOptions {
  baseUrl: string;
  apiKey: string;
  /** How long a request may take, reply included, in ms. */
  timeoutMs: number;
  fetch?: typeof fetch;
}

const LONGEST_REPLY_BYTES = 64_000;

/** The client of Omni's dispatch API. */
export function createOmniClient(options: OmniClientOptions): Provider {
  const { baseUrl, apiKey, timeoutMs, fetch = globalThis.fetch } = options;
  const url = `${baseUrl}/api/v1/calls/dispatch`;
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  return {
    async placeCall(request) {
      try {
        const response = await fetch(url, {
          method: "POST",
          headers,
          // Newer versions of Deno send a POST again by themselves when a kept-alive connection closes
          // without a reply: the phone would ring twice for one fetch. A blob, unlike a string, is
          // never sent again, and unlike a stream it announces its length.
          body: new Blob([JSON.stringify(request)]),
          redirect: "manual",
          signal: AbortSignal.timeout(timeoutMs),
        });
        const text = await readText(response);
        // What Omni says is stored and logged: a key that it repeats must not be.
        return { kind: "reply", httpStatus: response.status, text: text.replaceAll(apiKey, "***") };
      } catch (error) {
        return judgeFailure(error, timeoutMs);
      }
    },
  };
}

// Past the limit the reply is rubbish anyway; reading on would only fill the memory. A short reply of
// announced length is read at once, which costs half as much.
async function readText(response: Response): Promise<string> {
  const announced = Number(response.headers.get("content-length") ?? Infinity);
  if (announced <= LONGEST_REPLY_BYTES && !response.headers.has("content-encoding")) {
    return await response.text();
  }
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LONGEST_REPLY_BYTES) return text.slice(0, LONGEST_REPLY_BYTES);
  }
  return text + decoder.decode();
}

function judgeFailure(error: unknown, timeoutMs: number): OmniReply {
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
