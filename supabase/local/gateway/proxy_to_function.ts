// Hop-by-hop headers concern one connection only; `fetch` sets its own.
const NOT_PASSED_ON = ["connection", "host", "keep-alive", "transfer-encoding", "content-length"];

/**
 * Passes a request for `/functions/v1/<name>` on to the function's host at `baseUrl`, under the
 * path that the hosted platform shows to a function: `/<name>`.
 */
export async function proxyToFunction(
  request: Request,
  name: string,
  baseUrl: string | undefined,
): Promise<Response> {
  if (!baseUrl) return failure(404, "NOT_FOUND", `Requested function "${name}" was not found`);
  const { pathname, search } = new URL(request.url);
  const target = new URL(pathname.replace(/^\/functions\/v1/, "") + search, baseUrl);
  const headers = new Headers(request.headers);
  NOT_PASSED_ON.forEach((header) => headers.delete(header));
  // `fetch` would unpack a compressed body and leave the header that says it is packed.
  headers.set("accept-encoding", "identity");
  try {
    const response = await fetch(target, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
    });
    return new Response(response.body, { status: response.status, headers: response.headers });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failure(502, "WORKER_ERROR", `Function "${name}" did not answer: ${message}`);
  }
}

function failure(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}
