import { describeAge } from "../../operator/describe_age.ts";
import type { Check } from "../check.ts";
import { verdict } from "../verdict.ts";

/** What the database says of its schedule. */
interface Facts {
  is_late: boolean;
  /** Late, and not only new. */
  is_incident: boolean;
  detail: string;
  silence_ms: number;
  last_tick_did: string | null;
}

/** Whether the schedule ticks. */
export const tickCheck: Check<Facts, "database"> = {
  name: "last tick",
  needs: ["database"],
  async read({ database: sql }) {
    const [row] = await sql<Facts[]>`
      select silence.is_late, silence.is_incident, silence.detail, heartbeat.last_tick_did,
        (extract(epoch from now() - silence.since) * 1000)::float8 as silence_ms
      from public.schedule_silence(now()) as silence
      cross join public.dispatch_heartbeat as heartbeat`;
    return row!;
  },
  judge({ is_late, is_incident, detail, silence_ms, last_tick_did }) {
    if (is_incident) {
      return [verdict.fault(`${detail}: is pg_cron running, and are its jobs right?`)];
    }
    if (is_late) return [verdict.warning(`${detail}: look again in five minutes`)];
    const did = last_tick_did === null ? "" : `: ${last_tick_did}`;
    return [verdict.ok(`The last tick was ${describeAge(silence_ms)} ago${did}`)];
  },
};
