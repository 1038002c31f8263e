import type { ChaosWorld } from "../chaos_world.ts";
import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** Reports that nothing was sent come late, and from somebody who does not hold the lease. */
export const lateReports = playedScenario({
  name: "late_reports",
  what: "reports that a call was not sent come late, or without the lease of its attempt",
  histories: 8,
  short: 2,
  start: startEmbedded({ env: { DISPATCH_CONCURRENCY: "24" } }),
  async bring(world) {
    const { draw } = world;
    await world.insertLeads(draw.whole(3, 8));
    world.replies.push(Array.from({ length: draw.whole(1, 3) }, () => "lost, rung" as const));
    const { run, call } = await world.runAndHold({
      functionName: "record_dispatch_results",
      moment: "before",
    });
    await report(world, call.body, { lease_token: crypto.randomUUID() });
    call.letGo();
    await run;
    await report(world, call.body, {});
  },
});

/** Past the gateway, so that the witness does not take it for a true one. */
async function report(
  { project }: ChaosWorld,
  body: string,
  changes: Record<string, unknown>,
): Promise<void> {
  const { results } = JSON.parse(body) as {
    results: { attempt_id: string; lease_token: string }[];
  };
  const untrue = results.map(({ attempt_id, lease_token }) => (
    { attempt_id, lease_token, status: "not_sent", error: "An untrue report", ...changes }
  ));
  await project.sql`
    select * from public.record_dispatch_results(${JSON.stringify(untrue)}::text::jsonb)`;
}
