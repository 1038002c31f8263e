import type { HistoryVerdict } from "../history_verdict.ts";
import type { Scenario } from "../scenario.ts";
import { scenarios } from "../scenarios.ts";
import { plantBug } from "./plant_bug.ts";
import type { Planted } from "./planted.ts";
import type { PlantedBug } from "./planted_bug.ts";

/** What has found a bug. */
export interface BugFound {
  scenario: string;
  /** Brings it back. */
  seed: number;
  complaint: string;
}

// Far more than any of them has needed.
const HISTORIES = 12;

/** Plants the bug, and plays scenarios until one complains; null = none did. */
export async function huntBug(
  bug: PlantedBug,
  { seed }: { seed: number },
): Promise<BugFound | null> {
  await using plant = await plantBug(bug);
  for (const name of bug.scenarios) {
    const scenario = scenarios.find((each) => each.name === name);
    if (!scenario) throw new Error(`Cannot look for "${bug.name}": no scenario is named "${name}"`);
    const found = await firstComplaint(scenario, plant, seed);
    if (found) return found;
  }
  return null;
}

async function firstComplaint(
  scenario: Scenario,
  plant: Planted,
  seed: number,
): Promise<BugFound | null> {
  const bad: HistoryVerdict[] = [];
  const onVerdict = (verdict: HistoryVerdict) => {
    if (verdict.complaints.length > 0) bad.push(verdict);
    return verdict.complaints.length === 0;
  };
  const histories = HISTORIES;
  await scenario.play({ seed, histories, isShort: true, path: null, plant, onVerdict });
  const [first] = bad;
  if (!first) return null;
  return { scenario: scenario.name, seed: first.seed, complaint: first.complaints.join("; ") };
}
