import { connect } from "../../../supabase/local/postgres/connect.ts";
import { expectAllAreCalled } from "../expect_all_are_called.ts";
import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** Somebody's transaction stands idle all the time: no row that is changed meanwhile can be cleared away. */
export const oldSnapshot = playedScenario({
  name: "old_snapshot",
  what: "an idle transaction holds an old snapshot: nothing that dies can be vacuumed",
  histories: 4,
  short: 1,
  start: startEmbedded(),
  async bring(world) {
    const { draw, project } = world;
    const idle = connect(project.database.adminUrl, { max: 1 });
    try {
      await idle.begin("isolation level repeatable read", async (transaction) => {
        await transaction`select count(*) from public.follow_ups`;
        await world.insertLeads(draw.whole(200, 400));
        // Rows that are changed again and again, and of which each version stays.
        for (let round = draw.whole(2, 4); round > 0; round -= 1) {
          world.replies.push(Array.from({ length: 20 }, () => "busy" as const));
          await world.run();
          world.replies.clear();
        }
        await project.sql`vacuum public.follow_ups, public.call_attempts`;
        await expectAllAreCalled(world, "while an old snapshot was held");
      });
    } finally {
      await idle.end();
    }
  },
});
