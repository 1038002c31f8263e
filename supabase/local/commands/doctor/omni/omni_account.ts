/** What Omni says of the agent, as far as it matters here. */
export interface OmniAgent {
  kind: "agent";
  /** Seconds that a call may take at most; null = not told. */
  longestCallSeconds: number | null;
  /** Its own post-call webhooks; null = not told. */
  webhooks: { url: string; statuses: string[] }[] | null;
}

/** Why something was not told. */
export type Untold =
  /** The key is wrong. */
  | { kind: "unauthorized" }
  | { kind: "absent" }
  /** It may be there all the same. */
  | { kind: "untold"; why: string };

/** The account that the variables name. Only reads; never throws. */
export interface OmniAccount {
  readonly agentId: number;
  readonly fromNumberId: number;
  /** Asked once, however often it is called. */
  readAgent(): Promise<OmniAgent | Untold>;
  /** Whether the number that is to ring is one of the account's. */
  findNumber(): Promise<{ kind: "found" } | Untold>;
}
