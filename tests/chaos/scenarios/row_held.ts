import type { TransactionSql } from "../../../supabase/local/postgres/connect.ts";
import type { ChaosWorld } from "../chaos_world.ts";
import { expectAllAreCalled } from "../expect_all_are_called.ts";
import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** Somebody's transaction holds some due rows, or new leads: all others are called meanwhile. */
export const rowHeld = playedScenario({
  name: "row_held",
  what: "an idle transaction holds some due rows or new leads: the others are called meanwhile",
  histories: 6,
  short: 3,
  start: startEmbedded(),
  async bring(world) {
    const { draw, project } = world;
    await world.insertLeads(draw.whole(10, 40));
    const hold = draw.flip() ? holdFollowUps : holdLeads;
    await project.sql.begin(async (transaction) => {
      const held = await hold(world, transaction);
      await expectAllAreCalled(world, "while a transaction held other rows", new Set(held));
    });
  },
});

// The oldest, which a run would take first.
async function holdFollowUps(
  { project, draw }: ChaosWorld,
  transaction: TransactionSql,
): Promise<string[]> {
  await project.sql`select public.seed_follow_ups()`;
  const rows = await transaction<{ lead_id: string }[]>`
    select lead_id from public.follow_ups order by due_at, id limit ${draw.whole(1, 3)} for update`;
  return rows.map((row) => row.lead_id);
}

async function holdLeads({ draw }: ChaosWorld, transaction: TransactionSql): Promise<string[]> {
  const rows = await transaction<{ id: string }[]>`
    select id from public.leads order by id limit ${draw.whole(1, 3)} for update`;
  return rows.map((row) => row.id);
}
