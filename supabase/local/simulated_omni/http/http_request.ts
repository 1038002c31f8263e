/** A request as it was read off the wire, whole. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** `performance.now()` when the last byte had come: what latency is counted from. */
  readonly receivedAtMs: number;
}
