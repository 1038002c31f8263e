/** The Omni that the function is pointed at. */
export interface StartedProvider extends AsyncDisposable {
  /** `OMNI_*` for the function. */
  readonly env: Record<string, string>;
  /** What it is, in a sentence or two. */
  readonly description: string;
  /** How many phones rang for these attempts; null where nobody can tell. */
  ringsOf(attemptIds: ReadonlySet<string>): number | null;
}
