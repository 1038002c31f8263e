import type { ChaosWorld } from "../chaos_world.ts";
import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** SIGKILL between claim and open: what is not opened is not sent, and not unknown. */
export const killedClaimOpen = playedScenario({
  name: "killed_claim_open",
  what:
    "SIGKILL between claim and open; the opening is lost, or comes in the middle of the next run",
  histories: 10,
  short: 3,
  start: startEmbedded({ env: { DISPATCH_CONCURRENCY: "100" } }),
  async bring(world) {
    const { draw } = world;
    await world.insertLeads(draw.whole(2, 10));
    switch (draw.pick(["not asked for", "lost", "late"] as const)) {
      case "not asked for": {
        const at = { functionName: "claim_due_follow_ups", moment: "after" } as const;
        return (await world.killAt(at)).letGo();
      }
      case "lost":
        return (await world.killAt(OPENING)).letGo(new Response(null, { status: 503 }));
      case "late":
        return await openLate(world);
    }
  },
});

const OPENING = { functionName: "open_call_attempts", moment: "before" } as const;

// The lease was over, and another run has a new one, when the dead run's opening reaches the database.
async function openLate(world: ChaosWorld): Promise<void> {
  const { project, witness } = world;
  const late = await world.killAt(OPENING);
  witness.disown(late.body);
  await project.function.restart();
  await world.letTimePass();
  const { run, call: next } = await world.runAndHold(OPENING);
  late.letGo();
  await witness.quiet();
  // Until the late one is through.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await witness.quiet();
  next.letGo();
  await run;
}
