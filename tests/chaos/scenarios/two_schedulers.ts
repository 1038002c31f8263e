import { freshNumber } from "../../support/insert_lead.ts";
import { playedScenario } from "../played_scenario.ts";
import { startTwoWorkers } from "../start_two_workers.ts";

/** Several runs in two processes start at the same time, and leads share numbers in other spellings. */
export const twoSchedulers = playedScenario({
  name: "two_schedulers",
  what: "four runs in two processes at once, on pairs of leads that share a number",
  histories: 10,
  short: 3,
  start: startTwoWorkers({ env: { DISPATCH_CONCURRENCY: "4" } }),
  async bring(world) {
    const { draw, project } = world;
    const numbers = Array.from({ length: draw.whole(5, 15) }, freshNumber);
    const phones = numbers.flatMap((number) => [
      [number, number] as const,
      [`+1 (${number.slice(2, 5)}) ${number.slice(5, 8)}-${number.slice(8)}`, number] as const,
    ]);
    await world.insertLeads(phones.length, new Map(phones));
    project.omni.change({ latencyMs: [0, 30] });
    const urls = [project.functionUrl, project.secondUrl];
    await Promise.all([...urls, ...urls].map((url) => world.run(url)));
  },
});
