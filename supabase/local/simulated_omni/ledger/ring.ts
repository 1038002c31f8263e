/** A phone that rang: the fact that every promise of the dispatcher is checked against. */
export interface Ring {
  /** From 1, without gaps, and going on after a restart when the ledger is kept in a file. */
  readonly ordinal: number;
  readonly toNumber: string;
  /** When the call was placed, ISO 8601 in UTC. */
  readonly placedAt: string;
  readonly requestId: number;
  /** The request's body as it came over the wire. */
  readonly rawBody: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The fault that the request met, if any: the reply may have been lost or wrong. */
  readonly fault: string | null;
}
