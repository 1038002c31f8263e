import type { DispatchBody } from "./dispatch_body.ts";

/** The ids that the account has. */
export interface KnownIds {
  readonly agentId: number;
  readonly fromNumberId: number;
}

/** A dispatch that can be placed, or why not. An unknown id is told apart from a bad field. */
export type CheckedDispatch =
  | { readonly kind: "good"; readonly body: DispatchBody }
  | { readonly kind: "bad_field"; readonly description: string }
  | { readonly kind: "unknown_id"; readonly description: string };

/** Judges the parsed body of a dispatch; undefined stands for one that is not JSON. */
export function checkDispatch(body: unknown, known: KnownIds): CheckedDispatch {
  const description = faultOf(body);
  if (description !== null) return { kind: "bad_field", description };
  const checked = body as DispatchBody;
  // Worded without the row's own values: every row of a misconfigured account is refused alike.
  if (checked.agent_id !== known.agentId) {
    return { kind: "unknown_id", description: "Agent not found" };
  }
  if (checked.from_number_id !== known.fromNumberId) {
    return { kind: "unknown_id", description: "From number not found" };
  }
  return { kind: "good", body: checked };
}

const e164 = /^\+[1-9]\d{7,14}$/;

function faultOf(body: unknown): string | null {
  if (body === undefined) return "Body is not valid JSON";
  if (!isObject(body)) return "Body must be a JSON object";
  const { agent_id, from_number_id, to_number, call_context, metadata } = body;
  if (!Number.isInteger(agent_id)) return "agent_id must be an integer";
  if (!Number.isInteger(from_number_id)) return "from_number_id must be an integer";
  if (typeof to_number !== "string" || !e164.test(to_number)) return "to_number must be E.164";
  if (call_context !== undefined && !isObjectOfStrings(call_context)) {
    return "call_context must be an object of strings";
  }
  if (metadata !== undefined && !isObject(metadata)) return "metadata must be an object";
  return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isObjectOfStrings(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((member) => typeof member === "string");
}
