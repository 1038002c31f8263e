import { FOLLOWS_THE_NEW_WORK, type ScaleResult } from "./scale_result.ts";

// What the clock and a busy machine add to a time of a millisecond says nothing.
const SLACK_MS = 2;
const MANY_LEADS = 1_000_000;
const LONGEST_IDLE_MS = 5;

/**
 * What grew by more than the factor from the smallest project to the largest, in words; and an idle tick of
 * more than 5 ms at a million leads.
 */
export function growthFaults(results: readonly ScaleResult[], factor: number): string[] {
  const [smallest, largest] = [results[0], results.at(-1)];
  if (smallest === undefined || largest === undefined) return [];
  const grown = FOLLOWS_THE_NEW_WORK
    .filter((name) => largest[name] > factor * smallest[name] + SLACK_MS)
    .map((name) =>
      `${name} is ${largest[name]} at ${largest.leads} leads, and ${smallest[name]} at ` +
      `${smallest.leads}: more than ${factor} times as much`
    );
  if (largest.leads < MANY_LEADS || largest.idle_ms <= LONGEST_IDLE_MS) return grown;
  return [...grown, `idle_ms is ${largest.idle_ms} at ${largest.leads} leads: more than 5`];
}
