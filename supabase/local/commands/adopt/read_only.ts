import { PostgresError, type Sql, type TransactionSql } from "../../postgres/connect.ts";

// statement_timeout and lock_timeout.
const TOOK_TOO_LONG = new Set(["57014", "55P03"]);

/**
 * Does `read` in a read-only transaction of its own, which ends after 5 s and waits for a lock for 1 s
 * at most, so that an app that works on the tables does not notice; null when that was too little.
 */
export async function readOnly<T>(
  sql: Sql,
  read: (sql: TransactionSql) => Promise<T>,
): Promise<T | null> {
  try {
    // Boxed, because the driver would unpack an array of results.
    const { result } = await sql.begin("read only", async (transaction) => {
      await transaction`set local statement_timeout = '5s'`;
      await transaction`set local lock_timeout = '1s'`;
      return { result: await read(transaction) };
    });
    return result;
  } catch (error) {
    if (error instanceof PostgresError && TOOK_TOO_LONG.has(error.code)) return null;
    throw error;
  }
}
