import { z } from "zod";
import { readLimitedText, type TextSource } from "../_shared/read_limited_text.ts";

/** Raised for a report that is not taken; `status` is the HTTP status that says why. */
export class BadReport extends Error {
  override name = "BadReport";
  constructor(readonly status: 400 | 413, message: string) {
    super(message);
  }
}

const LONGEST_BODY_BYTES = 1_000_000;

/** A JSON object of which nothing else is known yet. */
export type WebhookBody = z.infer<typeof object>;

// Not a record: that would look at, and copy, every key that somebody thought of.
const object = z.custom<Readonly<Record<string, unknown>>>((value) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
);
const text = z.string();

/**
 * Reads the JSON object that was sent, out of the envelope `{"body": …}` that some senders put it in.
 *
 * @throws {BadReport} when it is too long, or no JSON object.
 */
export async function readWebhookBody(request: TextSource): Promise<WebhookBody> {
  const sent = await readLimitedText(request, LONGEST_BODY_BYTES).catch(() => {
    throw new BadReport(400, "Cannot read the body: it broke off");
  });
  if (sent === null) {
    throw new BadReport(413, `Cannot read the body: it is longer than ${LONGEST_BODY_BYTES} bytes`);
  }
  const json = parseJson(sent);
  if (json === undefined) throw new BadReport(400, "Cannot read the body: it is not JSON");
  const body = object.safeParse(json);
  if (!body.success) throw new BadReport(400, "Cannot read the body: it is not a JSON object");
  return unwrap(body.data);
}

function unwrap(outer: WebhookBody): WebhookBody {
  const asText = text.safeParse(outer.body);
  const inner = object.safeParse(asText.success ? parseJson(asText.data) : outer.body);
  // A report of today's form may have some key of this name beside the others.
  return inner.success && !Object.hasOwn(outer, "call_id") ? inner.data : outer;
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
