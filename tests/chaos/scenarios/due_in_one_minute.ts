import { setTimeout } from "node:timers/promises";
import { freshNumber } from "../../support/insert_lead.ts";
import type { ChaosWorld } from "../chaos_world.ts";
import { playedScenario } from "../played_scenario.ts";
import { startTwoWorkers, type TwoWorkers } from "../start_two_workers.ts";

const MOST_S = 600;

/** Very many follow-ups fall due within one minute. */
export const dueInOneMinute = playedScenario({
  name: "due_in_one_minute",
  what: "50,000 follow-ups fall due within one minute (short form: 5,000 within six seconds)",
  histories: 1,
  short: 1,
  alone: true,
  patienceMs: 900_000,
  start: startTwoWorkers({ env: { DISPATCH_CONCURRENCY: "50" } }),
  async bring(world, isShort) {
    const [count, seconds] = isShort ? [5_000, 6] : [50_000, 60];
    await insertDue(world, count, seconds);
    const startedAt = Date.now();
    const allAreDue = setTimeout(seconds * 1_000).then(() => world.endFault());
    const urls = [world.project.functionUrl, world.project.secondUrl];
    await Promise.all(urls.map(async (url) => {
      while (world.ringCount < count && Date.now() - startedAt < MOST_S * 1_000) {
        await world.run(url);
        await setTimeout(200);
      }
    }));
    await allAreDue;
  },
});

async function insertDue(
  { project, leads }: ChaosWorld<TwoWorkers>,
  count: number,
  seconds: number,
): Promise<void> {
  const numbers = Array.from({ length: count }, freshNumber);
  const rows = await project.sql<{ id: string; phone: string }[]>`
    with lead as (
      insert into public.leads (phone)
      select line from unnest(${numbers}::text[]) as line
      returning id, phone
    ),
    follow_up as (
      insert into public.follow_ups (lead_id, due_at)
      select lead.id, clock_timestamp() + random() * ${seconds}::int * interval '1 second'
      from lead
    )
    select lead.id, lead.phone from lead`;
  // They have their follow-ups: there is nothing to seed.
  await project.sql`truncate public.seed_candidates`;
  await project.sql`analyze public.leads, public.follow_ups`;
  for (const { id, phone } of rows) leads.set(id, { id, number: phone, reasons: 1 });
}
