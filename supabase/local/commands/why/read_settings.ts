import type { Sql } from "../../postgres/connect.ts";

/** What the operator has set, as far as it counts here. */
export interface Settings {
  paused: boolean;
  /** Two capital letters. */
  default_country: string | null;
}

/** Reads the one row of settings. */
export async function readSettings(sql: Sql): Promise<Settings> {
  const [settings] = await sql<Settings[]>`
    select paused, default_country from public.dispatch_settings`;
  return settings!;
}
