import type { Sql, TransactionSql } from "../../postgres/connect.ts";
import type { Terminal } from "../terminal.ts";
import type { NewLead, RowFault } from "./lead_row.ts";
import { knownNumbers } from "./known_numbers.ts";
import { LeadsJudge } from "./leads_judge.ts";
import type { LeadsFile } from "./read_leads_file.ts";

const BATCH_SIZE = 5_000;

/** Where the leads go, and who hears of it. */
export interface LoadLeadsOptions {
  sql: Sql;
  terminal: Pick<Terminal, "count" | "warn">;
}

/** How many rows of the file were loaded, and how many were not. */
export interface LoadedLeads {
  loaded: number;
  rejected: number;
}

/** Loads the good rows of a file, in one transaction, and reports every other one by its line. */
export async function loadLeads(
  file: LeadsFile,
  { sql, terminal }: LoadLeadsOptions,
): Promise<LoadedLeads> {
  const country = await defaultCountry(sql);
  const judge = new LeadsJudge({
    header: file.header,
    country,
    knownNumbers: await knownNumbers(sql, country),
  });
  if (file.header.unknown.length > 0) {
    const names = file.header.unknown.map((name) => `"${name}"`).join(", ");
    terminal.warn(`${file.name}: columns that are not used: ${names}`);
  }
  const faults: RowFault[] = [];
  await sql.begin(async (transaction) => {
    // Nobody is called before it is time: the leads must not start a run by themselves.
    await transaction`select public.leave_to_schedule()`;
    for (let begun = 0; begun < file.rows.length; begun += BATCH_SIZE) {
      const judged = judge.judge(file.rows.slice(begun, begun + BATCH_SIZE));
      faults.push(...judged.faults);
      await insert(transaction, judged.leads, file.name);
      const done = Math.min(begun + BATCH_SIZE, file.rows.length);
      if (file.rows.length > BATCH_SIZE) {
        terminal.count(`Loading ${file.name}: ${done} of ${file.rows.length} rows`);
      }
    }
  });
  if (file.unclosedQuoteLine !== null) faults.push(unclosedQuote(file.unclosedQuoteLine));
  for (const { line, text } of faults) terminal.warn(`${file.name}, line ${line}: ${text}`);
  const rows = file.rows.length + (file.unclosedQuoteLine === null ? 0 : 1);
  return { loaded: rows - faults.length, rejected: faults.length };
}

async function defaultCountry(sql: Sql): Promise<string | null> {
  const [settings] = await sql<{ country: string | null }[]>`
    select default_country as country from public.dispatch_settings`;
  return settings?.country ?? null;
}

async function insert(sql: TransactionSql, leads: NewLead[], source: string): Promise<void> {
  if (leads.length === 0) return;
  const rows = leads.map((lead) => ({ ...lead, source }));
  await sql`
    insert into public.leads (customer_name, phone, stage, time_zone, source)
    select customer_name, phone, stage, time_zone, source
    from jsonb_to_recordset(${sql.json(rows)})
      as lead (customer_name text, phone text, stage text, time_zone text, source text)`;
}

function unclosedQuote(line: number): RowFault {
  return { line, text: "row: a quote is opened and never closed; nothing behind it was read" };
}
