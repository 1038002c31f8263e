/** The names and variables by which the test runner and the tests speak of one cluster. */
export const TEST_CLUSTER = {
  /** Variable: database `postgres` of the cluster as the superuser. */
  adminUrlVariable: "TEST_POSTGRES_ADMIN_URL",
  /** Variable: `true` when the cluster has the real pg_cron. */
  realCronVariable: "TEST_POSTGRES_REAL_CRON",
  /** Bootstrapped like an empty Supabase project. */
  emptyTemplate: "call_dispatch_empty",
  /** The same with the migrations applied. */
  migratedTemplate: "call_dispatch_template",
  /** With migrations too, and the one whose jobs a real pg_cron runs. */
  cronDatabase: "call_dispatch_cron",
} as const;
