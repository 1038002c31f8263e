/** How much the lines were used by our calls since the start. */
export interface LineUsage {
  /** The most calls that ever went on at once. */
  readonly peak: number;
  /** Real ms for which lines were occupied, added up over the lines, up to now. */
  readonly busyMs: number;
}
