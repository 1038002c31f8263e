import { PostgresError } from "../../supabase/local/postgres/connect.ts";

const LOCK_NOT_AVAILABLE = "55P03";

/** Asks again, as the functions do, while others hold a row for longer than a statement waits. */
export async function againWhileLocked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof PostgresError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
    }
  }
}
