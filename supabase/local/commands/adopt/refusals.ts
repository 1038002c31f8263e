import { PostgresError, type Sql } from "../../postgres/connect.ts";
import { readOnly } from "./read_only.ts";

/** What the raise of a migration's own check says. */
export interface Refusal {
  problem: string;
  mend: string;
}

const RAISED = "P0001";
// A table or a column that the check takes for there, because an earlier migration adds it.
const NOT_THERE_YET = new Set(["42P01", "42703"]);
const DEFAULT_MEND = "Change the table so, then check again.";

/** Runs the migrations' own checks, which only read; each tells the first thing that it would refuse. */
export async function refusals(sql: Sql, checks: string[]): Promise<Refusal[]> {
  const found: Refusal[] = [];
  for (const check of checks) {
    try {
      await readOnly(sql, (sql) => sql.unsafe(check));
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      if (NOT_THERE_YET.has(error.code)) continue;
      if (error.code !== RAISED) throw error;
      found.push({ problem: error.message, mend: error.hint ?? DEFAULT_MEND });
    }
  }
  return found;
}
