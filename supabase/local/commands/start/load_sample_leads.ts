import { fileURLToPath } from "node:url";
import type { Sql } from "../../postgres/connect.ts";

const SEED = fileURLToPath(new URL("../../../seed.sql", import.meta.url));

/**
 * Loads the sample leads into a database in which nothing has ever been, and returns whether it did:
 * at a later start, leads that somebody has deleted must not come back.
 */
export async function loadSampleLeads(sql: Sql): Promise<boolean> {
  const [found] = await sql<{ used: boolean }[]>`
    select exists (select from public.leads) or exists (select from public.dispatch_runs) as used`;
  if (found?.used !== false) return false;
  // Many statements in one message are one transaction. Nobody is called before it is time.
  const seed = await Deno.readTextFile(SEED);
  await sql.unsafe(`select public.leave_to_schedule();\n${seed}`).simple();
  return true;
}
