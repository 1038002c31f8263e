import type { Reply } from "./reply.ts";

/** A reply whose body is `value` as JSON. */
export function jsonReply(
  status: number,
  value: unknown,
  headers?: Readonly<Record<string, string>>,
): Reply {
  return { status, contentType: "application/json", body: JSON.stringify(value), headers };
}
