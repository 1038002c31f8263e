import { jsonReply } from "../http/json_reply.ts";
import type { Reply } from "../http/reply.ts";

/** A refusal in the provider's documented shape: `{"error", "error_description"}`. */
export function errorReply(
  status: number,
  description: string,
  headers?: Readonly<Record<string, string>>,
): Reply {
  const error = codes[status] ?? (status < 500 ? "bad_request" : "server_error");
  return jsonReply(status, { error, error_description: description }, headers);
}

const codes: Readonly<Record<number, string>> = {
  401: "unauthorized",
  402: "payment_required",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  429: "rate_limit_exceeded",
};
