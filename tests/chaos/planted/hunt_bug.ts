import type { HistoryVerdict } from "../history_verdict.ts";
import { type ScenarioResult, toScenarioResult } from "../scenario_result.ts";
import { scenarios } from "../scenarios.ts";
import { plantBug } from "./plant_bug.ts";
import type { PlantedBug } from "./planted_bug.ts";

/** Where to look for a bug, and for how long. */
export interface HuntOptions {
  /** Of the first history. */
  seed: number;
  /** How many of each scenario at most. */
  histories: number;
}

/** What came of the scenario that has found a bug, or of the last one when none has. */
export interface Hunt {
  result: ScenarioResult;
  /** What was complained of; null = nothing. */
  complaint: string | null;
  /** Whether that is what the bug does, and nothing else that went wrong. */
  isFound: boolean;
  /** Brings the complaint back. */
  seed: number;
}

// Where no run works any more, or the harness itself fails, everything may be complained of.
const BROKEN =
  /A run fails with all well again|did not come to an end|broke off: (?!The scenario has brought no fault)/;

/** Plants the bug, and plays the scenarios that it names until a history is complained of. */
export async function huntBug(bug: PlantedBug, { seed, histories }: HuntOptions): Promise<Hunt> {
  await using plant = await plantBug(bug);
  let hunt: Hunt | null = null;
  for (const name of bug.scenarios) {
    const scenario = scenarios.find((each) => each.name === name);
    if (!scenario) throw new Error(`Cannot look for "${bug.name}": no scenario is named "${name}"`);
    const verdicts: HistoryVerdict[] = [];
    const onVerdict = (verdict: HistoryVerdict) => {
      verdicts.push(verdict);
      return verdict.complaints.length === 0;
    };
    await scenario.play({ seed, histories, isShort: true, path: null, plant, onVerdict });
    const bad = verdicts.find(({ complaints }) => complaints.length > 0);
    const result = toScenarioResult(name, verdicts);
    const complaint = bad?.complaints.join("; ") ?? null;
    const isFound = complaint !== null && bug.shows.test(complaint) && !BROKEN.test(complaint);
    hunt = { result, complaint, isFound, seed: bad?.seed ?? seed };
    if (bad) break;
  }
  if (hunt === null) throw new Error(`Cannot look for "${bug.name}": it names no scenario`);
  return hunt;
}
