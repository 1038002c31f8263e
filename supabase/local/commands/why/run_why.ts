import type { Sql } from "../../postgres/connect.ts";
import { EXIT_CODE } from "../exit_code.ts";
import { utcMinute } from "../operator/utc_minute.ts";
import { LONG_ANSWERS_WITHIN_MS, withDatabase } from "../operator/with_database.ts";
import type { Terminal } from "../terminal.ts";
import { type ExplainedLead, explainLead } from "./explain_lead.ts";
import { findLeads } from "./find_leads.ts";
import { readSettings } from "./read_settings.ts";
import { showLead } from "./show_lead.ts";
import type { WhyOptions } from "./why_options.ts";

/** Explains every lead that is meant; returns the code to end with. */
export async function runWhy(options: WhyOptions, terminal: Terminal): Promise<number> {
  const { databaseUrl, subject, at } = options;
  const leads = await withDatabase(
    { databaseUrl, terminal, answersWithinMs: LONG_ANSWERS_WITHIN_MS },
    (sql) => explain(sql, options),
  );
  terminal.result({ at, leads });
  if (leads.length === 0) {
    terminal.warn(`No lead has the id or the number "${subject}"`);
    return EXIT_CODE.notOk;
  }
  terminal.say(`At ${utcMinute(at)}`);
  for (const lead of leads) showLead(lead, terminal);
  return EXIT_CODE.ok;
}

async function explain(sql: Sql, { subject, at }: WhyOptions): Promise<ExplainedLead[]> {
  const settings = await readSettings(sql);
  const explained: ExplainedLead[] = [];
  for (const lead of await findLeads(sql, subject, settings.default_country)) {
    explained.push(await explainLead(sql, lead, { at, settings }));
  }
  return explained;
}
