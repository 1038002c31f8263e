import { percentile } from "../peers/percentile.ts";

/** The median time of `work`, done so many times, in ms. */
export async function medianMs(times: number, work: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const startedAt = performance.now();
    await work();
    took.push(performance.now() - startedAt);
  }
  return Math.round(percentile(took, 0.5) * 100) / 100;
}
