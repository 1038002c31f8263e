import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

const FUNCTIONS = [
  "claim_due_follow_ups",
  "open_call_attempts",
  "record_dispatch_results",
] as const;

/** The database's clock jumps in the middle of a run, and another run takes the time for what it is. */
export const clockJumps = playedScenario({
  name: "clock_jumps",
  what: "the clock jumps forward or back in the middle of a run, with another run beside it",
  histories: 10,
  short: 3,
  start: startEmbedded(),
  async bring(world) {
    const { draw } = world;
    await world.insertLeads(draw.whole(4, 20));
    const { run, call } = await world.runAndHold({
      functionName: draw.pick(FUNCTIONS),
      moment: draw.pick(["before", "after"] as const),
    });
    const span = draw.pick(["20 minutes", "1 day", "-2 hours"]);
    await world.letTimePass(span);
    await world.run();
    call.letGo();
    await run;
    if (span.startsWith("-")) await world.letTimePass(span.slice(1));
  },
});
