/** What came of an answered call; what is left out was not found out. */
export interface Talk {
  readonly summary?: string;
  /** As the provider words it: `Positive`, `Neutral`, `Negative`. */
  readonly sentiment?: string;
  /** What the agent was told to find out, by the names that the agent's settings give it. */
  readonly extractedVariables?: Readonly<Record<string, unknown>>;
}
