import { z } from "zod";
import { readCallStatus } from "../_shared/call_event.ts";
import { storableText } from "../_shared/storable.ts";
import type { LoggedCall, LogPage } from "./call_log.ts";

const LONGEST_CALL_SECONDS = 86_400;
const LONGEST_STATUS = 100;
const LONGEST_ADDRESS = 2_000;
const HIGHEST_COST = 1_000_000;
const DECIMAL = /^\d+(\.\d+)?$/;
const MOST_VARIABLES = 50;
const LONGEST_NAME = 100;
const LONGEST_TEXT = 1_000;

const id = z.union([
  z.int().positive().transform(String),
  z.string().trim().regex(/^[1-9]\d{0,18}$/),
]);
// What is absent is false, null or left out.
const idOrNone = id.nullable().catch(null);

const row = z.looseObject({
  id,
  call_request_id: z.union([
    z.looseObject({ id: idOrNone }).transform((request) => request.id),
    idOrNone,
  ]),
  to_number: z.union([z.int().positive().transform(String), z.string()]).nullable().catch(null),
  call_direction: z.unknown().optional().transform(readDirection),
  call_status: z.string().nullable().catch(null),
  time_of_call: z.string().transform(readWallClock).nullable().catch(null),
  call_duration_in_seconds: z.number().min(0).max(LONGEST_CALL_SECONDS).transform(Math.round)
    .nullable().catch(null),
  recording_url: z.string().max(LONGEST_ADDRESS).regex(/^https?:\/\/\S+$/i)
    .transform(storableText).nullable().catch(null),
  extracted_variables: z.unknown().optional().transform(readVariables),
  is_voicemail: z.boolean().catch(false),
  call_cost: z.union([z.number(), z.string().trim().regex(DECIMAL).transform(Number)])
    .pipe(z.number().min(0).max(HIGHEST_COST)).nullable().catch(null),
});

const envelope = z.looseObject({
  call_log_data: z.array(z.unknown()),
  total_records: z.int().min(0).nullable().catch(null),
});

/**
 * Reads a page of Omni's call log. A row that cannot be read is left out, and counted; null = the page
 * as a whole is not understood.
 */
export function parseCallLog(text: string): LogPage | null {
  const page = envelope.safeParse(readJson(text));
  if (!page.success) return null;
  const given = page.data.call_log_data;
  const rows = given.flatMap((each) => {
    const parsed = row.safeParse(each);
    return parsed.success ? [toLoggedCall(parsed.data)] : [];
  });
  return { rows, received: given.length, total: page.data.total_records };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toLoggedCall(told: z.infer<typeof row>): LoggedCall {
  const status = told.call_status?.trim() || null;
  const outcome = status === null ? null : readCallStatus(status);
  return {
    callId: told.id,
    requestId: told.call_request_id,
    toNumber: told.to_number,
    direction: told.call_direction,
    wallClockMs: told.time_of_call,
    // An answering machine is an answered call to the log.
    outcome: outcome === "completed" && told.is_voicemail ? "voicemail_detected" : outcome,
    reportedStatus: status === null ? null : storableText(status.slice(0, LONGEST_STATUS)),
    durationSeconds: told.call_duration_in_seconds,
    recordingUrl: told.recording_url,
    extractedVariables: told.extracted_variables,
    cost: told.call_cost,
  };
}

function readDirection(value: unknown): LoggedCall["direction"] {
  if (typeof value !== "string" || value.trim() === "") return null;
  const word = value.trim().toLowerCase();
  return word === "outbound" || word === "inbound" ? word : "other";
}

/** `MM/DD/YYYY HH:MM:SS` as ms since 1970 on a clock without a zone; null for what is no such time. */
function readWallClock(text: string): number | null {
  const parts = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d):(\d\d):(\d\d)$/.exec(text.trim());
  if (parts === null) return null;
  const [, month, day, year, hour, minute, second] = parts;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // 02/30 is read as 1 March by some parsers.
  return Number.isNaN(ms) || new Date(ms).getUTCDate() !== Number(day) ? null : ms;
}

/** The plain values among what the agent noted down, as far as they can be stored. */
function readVariables(value: unknown): Record<string, unknown> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const kept = Object.entries(value)
    .filter(([name, part]) => name.length <= LONGEST_NAME && isPlain(part))
    .slice(0, MOST_VARIABLES)
    .map(([name, part]) => [storableText(name), typeof part === "string" ? cut(part) : part]);
  // Not by assignment, which for the name __proto__ would set the prototype.
  return Object.fromEntries(kept);
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value));
}

function cut(text: string): string {
  return storableText(text.slice(0, LONGEST_TEXT));
}
