import { readLimitedText } from "../../../../functions/_shared/read_limited_text.ts";

/** What came back: a status with JSON (undefined = it was none), or why nothing did. */
export type OmniReply = { httpStatus: number; json: unknown } | { httpStatus: null; why: string };

const TIMEOUT_MS = 15_000;
// An agent comes with all its prompts.
const LONGEST_REPLY_BYTES = 8_000_000;

/** Reads one address of Omni's; never throws, never follows a redirect, never repeats the key. */
export async function omniGet(url: string, apiKey: string): Promise<OmniReply> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${apiKey}` },
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await readLimitedText(response, LONGEST_REPLY_BYTES);
    return { httpStatus: response.status, json: readJson(text) };
  } catch (error) {
    return { httpStatus: null, why: describe(error).replaceAll(apiKey, "***") };
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "TimeoutError"
    ? `it did not answer within ${TIMEOUT_MS / 1_000} s`
    : error.message;
}

function readJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
