import type { Ring } from "./ring.ts";

/** A ring as one line of the ledger's file. The body stands there once, as it was sent. */
export function ringLine(ring: Ring): string {
  const { body: _body, ...written } = ring;
  return JSON.stringify(written) + "\n";
}
