import {
  type ProjectOnOwnCluster,
  startProjectOnOwnCluster,
} from "../../faults/start_project_on_own_cluster.ts";
import { playedScenario } from "../played_scenario.ts";
import type { Planted } from "../planted/planted.ts";

/** The database crashes, or is restarted in an orderly way, in the middle of a run. */
export const postgresRestarted = playedScenario<ProjectOnOwnCluster>({
  name: "postgres_restarted",
  what: "PostgreSQL crashes or is restarted in the middle of a run",
  histories: 8,
  short: 2,
  start: startOnOwnCluster,
  async bring(world) {
    const { draw, project } = world;
    const leads = draw.whole(12, 30);
    await world.insertLeads(leads);
    project.omni.change({ latencyMs: [10, 60] });
    const run = world.run();
    await world.untilRung(draw.whole(1, leads - 8), run);
    if (draw.flip()) await project.postgres.kill();
    await project.postgres.restart();
    world.endFault();
    await run;
  },
});

async function startOnOwnCluster(plant: Planted | null): Promise<ProjectOnOwnCluster> {
  const functionsDirectory = plant?.functionsDirectory;
  const project = await startProjectOnOwnCluster(
    { DISPATCH_CONCURRENCY: "3" },
    functionsDirectory ? { functionsDirectory } : {},
  );
  await plant?.plantInto(project.sql);
  return project;
}
