import { z } from "zod";

const body = z.strictObject({ error: z.literal("Unauthorized") });

/**
 * Whether a 401 with this body came from one of our functions, and not from the platform's gateway, which
 * refuses before them where verify_jwt is on.
 */
export function isOwnRefusal(text: string | null): boolean {
  try {
    return body.safeParse(JSON.parse(text ?? "")).success;
  } catch {
    return false;
  }
}
