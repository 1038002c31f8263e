import type { HttpRequest } from "./http/http_request.ts";

/** Whether the request carries the account's key as a bearer token. */
export function isAuthorized(request: HttpRequest, apiKey: string): boolean {
  return request.headers.get("authorization") === `Bearer ${apiKey}`;
}
