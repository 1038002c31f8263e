import type { CallRecord } from "../calls/call_record.ts";
import { wasAnswered } from "../calls/was_answered.ts";

/** The `call_report` of a webhook: empty when nobody answered. An absent value is undefined. */
export function callReport({ status, talk }: CallRecord): Record<string, unknown> {
  const interactions = wasAnswered(status) ? [{ bot_response: greeting, user_query: "Yes" }] : [];
  return {
    summary: talk.summary,
    sentiment: talk.sentiment,
    extracted_variables: talk.extractedVariables ?? {},
    full_conversation: interactions.length > 0 ? `LLM: ${greeting}\nUser: Yes\n` : undefined,
    interactions,
  };
}

const greeting = "Hello, is this a good time to talk?";
