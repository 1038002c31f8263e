/** A webhook that was sent, and what was made of it at the other end. */
export interface WebhookDelivery {
  readonly callId: number;
  readonly url: string;
  /** When it was sent, Unix ms. */
  readonly atMs: number;
  /** Null when no reply came. */
  readonly httpStatus: number | null;
  /** Why no reply came; null when one did. */
  readonly error: string | null;
}
