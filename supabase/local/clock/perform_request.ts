import { curlError } from "./curl_error.ts";

/** A row of `net.http_request_queue`. */
export interface NetRequest {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string | null> | null;
  body: string | null;
  timeout_milliseconds: number;
}

/** A row of `net._http_response`: either a status and its content, or an error. */
export interface NetResponse {
  statusCode: number | null;
  contentType: string | null;
  headers: Record<string, string> | null;
  content: string | null;
  timedOut: boolean;
  error: string | null;
}

/** Makes one request of the queue; never throws. */
export async function performRequest(
  request: NetRequest,
  stopped: AbortSignal,
): Promise<NetResponse> {
  const begun = performance.now();
  const timeout = AbortSignal.timeout(request.timeout_milliseconds);
  try {
    const response = await fetch(request.url, {
      method: request.method.toUpperCase(),
      headers: presentHeaders(request.headers),
      body: request.body,
      // pg_net follows redirects, and all headers go with it.
      redirect: "follow",
      signal: AbortSignal.any([timeout, stopped]),
    });
    return {
      statusCode: response.status,
      contentType: response.headers.get("content-type"),
      headers: Object.fromEntries(response.headers),
      content: storedContent(await response.text()),
      timedOut: false,
      error: null,
    };
  } catch (error) {
    const totalMs = performance.now() - begun;
    return failed(
      timeout.aborted,
      timeout.aborted ? timeoutText(request, totalMs) : curlError(error),
    );
  }
}

// A header whose value is null is left out without a word, as pg_net leaves it out.
function presentHeaders(headers: NetRequest["headers"]): [string, string][] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    value === null ? [] : [[name, String(value)]]
  );
}

// To pg_net the text ends at the first zero byte, and an empty one is none.
function storedContent(text: string): string | null {
  return text.split("\0", 1)[0] || null;
}

function failed(timedOut: boolean, error: string): NetResponse {
  return { statusCode: null, contentType: null, headers: null, content: null, timedOut, error };
}

// Into how many parts the time falls is not told here: all of it counts for the last one.
function timeoutText({ timeout_milliseconds }: NetRequest, totalMs: number): string {
  const total = totalMs.toFixed(6);
  const parts = `DNS time: 0.000000 ms, TCP/SSL handshake time: 0.000000 ms`;
  return `Timeout of ${timeout_milliseconds} ms reached. Total time: ${total} ms ` +
    `(${parts}, HTTP Request/Response time: ${total} ms)`;
}
