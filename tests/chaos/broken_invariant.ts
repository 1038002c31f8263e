import { maskNumber } from "../../supabase/functions/call-dispatch/mask_number.ts";

/** What a failed check said, as one line. */
export function brokenInvariant(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replaceAll(/\s+/g, " ").slice(0, 300);
  return `An invariant is broken: ${line.replaceAll(/\+\d{8,15}/g, maskNumber)}`;
}
