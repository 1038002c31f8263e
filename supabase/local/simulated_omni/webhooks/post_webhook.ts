import type { WebhookDelivery } from "./webhook_delivery.ts";

/** What became of one sending. */
export type WebhookReceipt = Pick<WebhookDelivery, "httpStatus" | "error">;

interface PostOptions {
  readonly payload: string;
  /** Cuts the exchange off. */
  readonly signal: AbortSignal;
  /** Real ms until it is given up. */
  readonly timeoutMs?: number;
}

/** Sends a payload once, as a bare POST without a signature. Redirects are not followed. */
export async function postWebhook(
  url: string,
  { payload, signal, timeoutMs = 10_000 }: PostOptions,
): Promise<WebhookReceipt> {
  const expired = new AbortController();
  const timer = setTimeout(
    () => expired.abort(new Error(`No reply in ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    const response = await fetch(url, {
      method: "POST",
      // A connection that was used before may be dropped by the other side at any time, and fetch
      // would then send again by itself, which is a copy that nobody asked for.
      headers: { "Content-Type": "application/json", "Connection": "close" },
      body: payload,
      redirect: "manual",
      signal: AbortSignal.any([signal, expired.signal]),
    });
    // Read to the end, so that the other side is not cut off; what it says is of no interest.
    await response.body?.pipeTo(new WritableStream()).catch(() => {});
    return { httpStatus: response.status, error: null };
  } catch (error) {
    return { httpStatus: null, error: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
