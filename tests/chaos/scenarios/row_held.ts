import { expectAllAreCalled } from "../expect_all_are_called.ts";
import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** Somebody's transaction holds some due rows: all others are called meanwhile. */
export const rowHeld = playedScenario({
  name: "row_held",
  what: "an idle transaction holds some of the due rows: the others are called meanwhile",
  histories: 6,
  short: 1,
  start: startEmbedded(),
  async bring(world) {
    const { draw, project } = world;
    await world.insertLeads(draw.whole(10, 40));
    await project.sql`select public.seed_follow_ups()`;
    await project.sql.begin(async (transaction) => {
      // The oldest, which a run would take first.
      const rows = await transaction<{ lead_id: string }[]>`
        select lead_id from public.follow_ups
        order by due_at, id limit ${draw.whole(1, 3)}
        for update`;
      const held = new Set(rows.map((row) => row.lead_id));
      await expectAllAreCalled(world, "while a transaction held other rows", held);
    });
  },
});
