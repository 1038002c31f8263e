import postgres from "postgres";

export type Sql = postgres.Sql;
export type TransactionSql = postgres.TransactionSql;
export type SqlOptions = postgres.Options<Record<string, never>>;
export const PostgresError = postgres.PostgresError;

/**
 * Opens a lazy postgres.js pool on `url`. The only place that imports the driver, so that its version
 * is pinned once. `options` are the driver's own; times in it are seconds.
 */
export function connect(url: string, options: SqlOptions = {}): Sql {
  return postgres(url, {
    max: 10,
    connect_timeout: 10,
    // The driver's growing delay would keep a pool away for seconds after Postgres is back.
    backoff: () => 0.05,
    onnotice: () => {},
    ...options,
  });
}
