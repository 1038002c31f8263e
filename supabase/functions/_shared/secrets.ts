import { createHash, timingSafeEqual } from "node:crypto";

/** The secrets in a variable: one, or two separated by a comma while one replaces the other. */
export function secretsIn(variable: string | undefined): string[] {
  return (variable ?? "").split(",").map((part) => part.trim()).filter((part) => part !== "");
}

/**
 * Whether one of the offered texts is one of the valid ones. Digests are compared, each with each
 * and without an early exit: neither the length nor a common beginning of a wrong secret can be
 * measured. Nothing offered, or nothing valid, never matches.
 */
export function anyMatches(offered: (string | null)[], valid: string[]): boolean {
  let matches = false;
  for (const candidate of offered) {
    for (const secret of valid) {
      const same = timingSafeEqual(digest(candidate ?? ""), digest(secret));
      matches = (same && candidate !== null) || matches;
    }
  }
  return matches;
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
