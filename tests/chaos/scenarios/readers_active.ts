import { connect, type Sql } from "../../../supabase/local/postgres/connect.ts";
import { expectAllAreCalled } from "../expect_all_are_called.ts";
import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

const READERS = 4;

/** Others read what is being worked on all the time, in long transactions and short ones. */
export const readersActive = playedScenario({
  name: "readers_active",
  what: "four readers go through the tables and views all the time",
  histories: 4,
  short: 1,
  start: startEmbedded(),
  async bring(world) {
    const { draw, project } = world;
    const readers = connect(project.database.url, { max: READERS });
    let isOver = false;
    await world.insertLeads(draw.whole(150, 300));
    const reading = Array.from({ length: READERS }, () => readAll(readers, () => isOver));
    try {
      await expectAllAreCalled(world, "while others read");
    } finally {
      isOver = true;
      await Promise.all(reading);
      await readers.end();
    }
  },
});

async function readAll(sql: Sql, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await sql.begin("isolation level repeatable read read only", async (transaction) => {
      await transaction`select count(*) from public.call_attempts join public.follow_ups using (lead_id)`;
      await transaction`select count(*) from public.dispatchable_follow_ups`;
      await transaction`select * from public.preview_dispatch()`;
    });
  }
}
