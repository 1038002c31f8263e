import type { Check } from "../check.ts";
import { verdict } from "../verdict.ts";

/** Which of them are there. */
type Facts = Record<"pg_cron" | "pg_net" | "supabase_vault", boolean>;

const WITHOUT: Record<keyof Facts, string> = {
  pg_cron: "nothing ticks: enable it, then select public.schedule_call_dispatch()",
  pg_net: "no run can be started: enable it",
  supabase_vault: "no run can be started, for want of its secret: enable it",
};

/** The extensions that the schedule needs. */
export const extensionsCheck: Check<Facts, "database"> = {
  name: "extensions",
  needs: ["database"],
  async read({ database: sql }) {
    const [row] = await sql<Facts[]>`
      select
        to_regclass('cron.job') is not null as pg_cron,
        to_regclass('net.http_request_queue') is not null as pg_net,
        to_regclass('vault.decrypted_secrets') is not null as supabase_vault`;
    return row!;
  },
  judge(facts) {
    const names = Object.keys(WITHOUT) as (keyof Facts)[];
    const missing = names.filter((name) => !facts[name]);
    if (missing.length === 0) return [verdict.ok("pg_cron, pg_net and supabase_vault are there")];
    return missing.map((name) =>
      verdict.fault(
        `Without the extension ${name} ${WITHOUT[name]} (Dashboard, Database, Extensions)`,
      )
    );
  },
};
