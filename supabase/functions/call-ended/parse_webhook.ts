import { z } from "zod";
import { type CallEvent, readCallStatus } from "../_shared/call_event.ts";
import { storableText } from "../_shared/storable.ts";
import { readExtractedVariables } from "./extracted_variables.ts";
import type { Reporter } from "./reporter.ts";
import { BadReport, type WebhookBody } from "./webhook_body.ts";

const LONGEST_CALL_SECONDS = 86_400;

/** Text, cut; what is empty or no text at all counts as not told. */
function text(longest: number) {
  return z.string().transform((given) => storableText(given.trim().slice(0, longest)) || null)
    .catch(null);
}

/** An integer, or its digits as text. Beyond 2^53 a number is not the one that was sent. */
const id = z.union([
  z.int().positive().transform(String),
  z.string().trim().regex(/^0*[1-9]\d{0,19}$/).transform((digits) => digits.replace(/^0+/, "")),
]).nullable().catch(null);

/** The log has an object where the webhook has the id itself, or false. */
const requestId = z.union([
  z.object({ id }).transform((request) => request.id),
  id,
]);

const attemptId = z.string().trim().toLowerCase().pipe(z.guid());

const duration = z.union([
  z.number(),
  z.string().trim().regex(/^\d{1,9}(\.\d{1,9})?$/).transform(Number),
]).refine((seconds) => seconds >= 0 && seconds <= LONGEST_CALL_SECONDS)
  // -0 is a number of JSON, and would not be the same event as 0.
  .transform((seconds) => Math.round(seconds) + 0).nullable().catch(null);

const recordingUrl = z.string().trim().max(2_000).refine((address) =>
  /^https?:\/\/\S+$/i.test(address) && URL.canParse(address) && storableText(address) === address
).nullable().catch(null);

const direction = z.union([
  z.literal([false, null]).optional().transform(() => null),
  z.string().regex(/^\s*$/).transform(() => null),
  z.string().trim().toLowerCase().pipe(z.enum(["outbound", "inbound"])),
  z.unknown().transform(() => "other" as const),
]);

const extractedVariables = z.unknown().optional().transform(readExtractedVariables);

// The transcript is not among these keys: it is never kept.
const payload = z.object({
  call_id: id,
  call_request_id: requestId,
  call_direction: direction,
  to_number: phoneNumber(),
  phone_number: phoneNumber(),
  call_status: text(100),
  call_duration: duration,
  recording_url: recordingUrl,
  metadata: z.object({ attempt_id: attemptId }).nullable().catch(null),
  call_report: z.object({ summary: text(4_000), extracted_variables: extractedVariables })
    .catch({ summary: null, extracted_variables: null }),
});

function phoneNumber() {
  return z.union([z.int().positive().transform(String), text(30)]);
}

/**
 * What a report tells of its call. Almost nothing is required: what is absent, or cannot be read,
 * counts as not told, because a report that is refused for one bad field is lost as a whole.
 *
 * @throws {BadReport} when the report names another attempt than the one its address was made for.
 */
export function parseWebhook(body: WebhookBody, reporter: Reporter): CallEvent {
  const told = payload.parse(body);
  const status = told.call_status;
  return {
    source: "webhook",
    call_id: told.call_id,
    attempt_id: attemptOf(told.metadata?.attempt_id ?? null, reporter),
    request_id: told.call_request_id,
    direction: told.call_direction,
    to_number: told.to_number ?? told.phone_number,
    outcome: status === null ? null : readCallStatus(status),
    reported_status: status,
    duration_seconds: told.call_duration,
    recording_url: told.recording_url,
    summary: told.call_report.summary,
    extracted_variables: told.call_report.extracted_variables,
  };
}

function attemptOf(named: string | null, reporter: Reporter): string | null {
  if (reporter.kind === "agent") return named;
  if (named !== null && named !== reporter.attemptId.toLowerCase()) {
    throw new BadReport(400, "Cannot take the report: metadata.attempt_id is of another call");
  }
  return reporter.attemptId;
}
