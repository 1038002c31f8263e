import type { HistoryVerdict } from "./history_verdict.ts";

/** What came of a scenario, over all its histories. */
export interface ScenarioResult {
  scenario: string;
  histories: number;
  rings: number;
  calls_placed_twice: number;
  follow_ups_lost: number;
  unknown: number;
  ambiguous: number;
  /** Of the history that took longest. */
  recovery_s: number;
  ok: boolean;
}

/** Sums the histories up; not one may have been complained of, and the numbers must say the same. */
export function toScenarioResult(
  scenario: string,
  verdicts: readonly HistoryVerdict[],
): ScenarioResult {
  const sum = (number: (verdict: HistoryVerdict) => number) =>
    verdicts.reduce((total, verdict) => total + number(verdict), 0);
  return {
    scenario,
    histories: verdicts.length,
    rings: sum((verdict) => verdict.rings),
    calls_placed_twice: sum((verdict) => verdict.calls_placed_twice),
    follow_ups_lost: sum((verdict) => verdict.follow_ups_lost),
    unknown: sum((verdict) => verdict.unknown),
    ambiguous: sum((verdict) => verdict.ambiguous),
    recovery_s: Math.round(10 * Math.max(0, ...verdicts.map((each) => each.recovery_s))) / 10,
    ok: verdicts.length > 0 && verdicts.every(isWell),
  };
}

function isWell(verdict: HistoryVerdict): boolean {
  return verdict.complaints.length === 0 && verdict.calls_placed_twice === 0 &&
    verdict.follow_ups_lost === 0 && verdict.unknown === verdict.ambiguous;
}
