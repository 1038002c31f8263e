import type { Sql } from "../../postgres/connect.ts";
import { loadLeads } from "../leads/load_leads.ts";
import type { LeadsFile } from "../leads/read_leads_file.ts";
import type { Terminal } from "../terminal.ts";
import { loadSampleLeads } from "./load_sample_leads.ts";

/** What is to be in the database before anybody is called. */
export interface PrepareLeadsOptions {
  leads: LeadsFile | null;
  /** Two capital letters, or null to leave the setting as it is. */
  country: string | null;
  live: boolean;
  terminal: Terminal;
}

/** Counts for the result line; empty when no file was given. */
export type PreparedLeads = { leads_loaded?: number; leads_rejected?: number };

/** Sets the country and loads the user's leads, or the sample ones where nothing has ever been. */
export async function prepareLeads(
  sql: Sql,
  { leads, country, live, terminal }: PrepareLeadsOptions,
): Promise<PreparedLeads> {
  // The sample numbers belong to nobody, but a live account would be charged for finding out.
  if (leads === null && !live && await loadSampleLeads(sql)) {
    terminal.say("Loaded the sample leads of supabase/seed.sql");
  }
  if (country !== null) {
    await sql`update public.dispatch_settings set default_country = ${country}`;
    terminal.say(`Numbers without a country code are read as ${country} numbers`);
  }
  if (leads === null) return {};
  const { loaded, rejected } = await loadLeads(leads, { sql, terminal });
  const what = rejected === 0 ? "" : `, rejected ${rejected} rows`;
  terminal.say(`Loaded ${loaded} leads from ${leads.name}${what}`);
  return { leads_loaded: loaded, leads_rejected: rejected };
}
