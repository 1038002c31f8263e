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
  const timeout = AbortSignal.timeout(request.timeout_milliseconds);
  try {
    const response = await fetch(request.url, {
      method: request.method.toUpperCase(),
      headers: presentHeaders(request.headers),
      body: request.body,
      redirect: "manual",
      signal: AbortSignal.any([timeout, stopped]),
    });
    return {
      statusCode: response.status,
      contentType: response.headers.get("content-type"),
      headers: Object.fromEntries(response.headers),
      content: (await response.text()).replaceAll("\0", ""),
      timedOut: false,
      error: null,
    };
  } catch (error) {
    return failed(timeout.aborted, timeout.aborted ? timeoutMessage(request) : message(error));
  }
}

// A header whose value is null is left out without a word, as pg_net leaves it out.
function presentHeaders(headers: NetRequest["headers"]): [string, string][] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    value === null ? [] : [[name, String(value)]]
  );
}

function failed(timedOut: boolean, error: string): NetResponse {
  return { statusCode: null, contentType: null, headers: null, content: null, timedOut, error };
}

function timeoutMessage({ timeout_milliseconds }: NetRequest): string {
  return `Timeout of ${timeout_milliseconds} ms reached`;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
