import type { Killable } from "../faults/kill_at.ts";
import type { ChaosWorld } from "./chaos_world.ts";

// More than are claimed ahead by a run that begins with few at once.
const LEADS_TO_GIVE_BACK = 12;

/** Inserts leads, and what else makes a run come to that step: a row to be failed, or claims to be given back. */
export async function prepareForStep<P extends Killable>(
  world: ChaosWorld<P>,
  functionName: string,
  leads: number,
): Promise<void> {
  const givesBack = functionName === "release_follow_ups";
  await world.insertLeads(givesBack ? Math.max(leads, LEADS_TO_GIVE_BACK) : leads);
  await world.project.sql`insert into public.leads (phone) values ('rubbish')`;
  if (givesBack) world.replies.push(["busy"]);
}
