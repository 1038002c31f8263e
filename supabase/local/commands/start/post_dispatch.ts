import { z } from "zod";
import type { Stack } from "../../stack.ts";

/** What the function replied to a manual run. */
export interface DispatchReply {
  ok: boolean;
  /** Absent when no run took place. */
  runId?: string;
  /** Why no run took place. */
  error?: string;
  /** The reply as it came. */
  body: Record<string, unknown>;
}

const replyBody = z.looseObject({
  ok: z.boolean().default(false),
  run_id: z.uuid().optional(),
  error: z.string().nullish(),
  faults: z.array(z.string()).default([]),
  message: z.string().optional(),
});

/** Asks the function for a run, through the gateway with the cron secret, and waits for its end. */
export async function postDispatch(stack: Stack): Promise<DispatchReply> {
  try {
    const response = await fetch(`${stack.url}/functions/v1/call-dispatch`, {
      method: "POST",
      headers: { "x-cron-secret": stack.cronJobSecret },
    });
    return readReply(response.status, await response.json());
  } catch (error) {
    const message = `The function cannot be asked: ${
      error instanceof Error ? error.message : error
    }`;
    return { ok: false, error: message, body: { ok: false, error: message } };
  }
}

function readReply(httpStatus: number, json: unknown): DispatchReply {
  const { ok, run_id, error, faults, message } = replyBody.parse(json);
  const body = { ...(json as Record<string, unknown>), ok };
  if (run_id !== undefined) return { ok, runId: run_id, body };
  const said = [error ?? message, ...faults].filter(Boolean).join("; ");
  return { ok: false, error: `The function refused (HTTP ${httpStatus}): ${said}`, body };
}
