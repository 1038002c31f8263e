import { isOwnRefusal } from "./is_own_refusal.ts";

/** What a stranger is answered. */
export interface KnockReply {
  /** Null = nothing came back. */
  httpStatus: number | null;
  /** A 401 of the function itself, and not of the gateway before it. */
  isOwnRefusal: boolean;
}

const TIMEOUT_MS = 15_000;

/** Posts nothing, and without any secret, to `url`; never throws. */
export async function knock(url: string): Promise<KnockReply> {
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return {
      httpStatus: response.status,
      isOwnRefusal: response.status === 401 && isOwnRefusal(text),
    };
  } catch {
    return { httpStatus: null, isOwnRefusal: false };
  }
}
