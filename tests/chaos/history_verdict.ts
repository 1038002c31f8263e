/** What came of one history. */
export interface HistoryVerdict {
  /** Brings it back. */
  seed: number;
  rings: number;
  calls_placed_twice: number;
  follow_ups_lost: number;
  unknown: number;
  ambiguous: number;
  /** Real seconds from the end of the fault until everybody was called who can be. */
  recovery_s: number;
  /** What was not as it must be; none = all is well. */
  complaints: string[];
}
