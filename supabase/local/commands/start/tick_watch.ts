import type { Sql } from "../../postgres/connect.ts";

/** What the schedule did. */
export interface Tick {
  at: Date;
  /** `started a run`, `nothing to do`, `paused`, or how it failed. */
  did: string;
}

/** Looks at the schedule's traces again and again and tells what is new. */
export class TickWatch {
  /** The last tick that was seen, or when the watch began. */
  last = new Date();

  private constructor(
    private readonly sql: Sql,
    private heartbeat: number,
    private failure: string,
  ) {}

  /** A watch that sees the ticks from now on. */
  static async fromNow(sql: Sql): Promise<TickWatch> {
    const [beat] = await readHeartbeat(sql);
    const [failed] = await sql<{ runid: string }[]>`
      select coalesce(max(runid), 0)::text as runid from cron.job_run_details`;
    return new TickWatch(sql, beat?.at?.getTime() ?? 0, failed?.runid ?? "0");
  }

  /** The ticks since the last look. */
  async look(): Promise<Tick[]> {
    const seen: Tick[] = [];
    const [beat] = await readHeartbeat(this.sql);
    if (beat?.at && beat.at.getTime() > this.heartbeat) {
      this.heartbeat = beat.at.getTime();
      seen.push({ at: beat.at, did: beat.did ?? "" });
    }
    seen.push(...await this.#failures());
    this.last = seen.at(-1)?.at ?? this.last;
    return seen;
  }

  async #failures(): Promise<Tick[]> {
    const failed = await this.sql<{ runid: string; at: Date; message: string }[]>`
      select detail.runid::text as runid, detail.start_time as at, detail.return_message as message
      from cron.job_run_details as detail
      join cron.job as job on job.jobid = detail.jobid
      where job.jobname = 'call-dispatch' and detail.status = 'failed'
        and detail.runid > ${this.failure}::bigint
      order by detail.runid`;
    this.failure = failed.at(-1)?.runid ?? this.failure;
    return failed.map(({ at, message }) => ({ at, did: `failed. ${message}` }));
  }
}

async function readHeartbeat(sql: Sql): Promise<{ at: Date | null; did: string | null }[]> {
  return await sql<{ at: Date | null; did: string | null }[]>`
    select last_tick_at as at, last_tick_did as did from public.dispatch_heartbeat`;
}
