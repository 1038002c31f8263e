import type { Sql } from "../../../supabase/local/postgres/connect.ts";
import { numberAt } from "./number_at.ts";
import type { RulesCase, RulesLead } from "./rules_case.ts";
import type { MadeCall } from "./rules_oracle.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/** The case, as it stands in the database. */
export interface RulesProject {
  /** The ids of the leads, in the order of the case. */
  leadIds: string[];
  /** The calls that were over before. */
  earlier: MadeCall[];
}

/** Puts rules, leads and earlier calls into an empty project. */
export async function setUpRulesCase(sql: Sql, drawn: RulesCase): Promise<RulesProject> {
  // What spreads the calls is the same in each replay.
  await sql`select setseed(0.5)`;
  await setLimits(sql, drawn);
  await addHours(sql, drawn);
  await addStops(sql, drawn);
  const leadIds: string[] = [];
  for (const lead of drawn.leads) leadIds.push(await addLead(sql, lead, drawn.start));
  await addPauses(sql, drawn, leadIds);
  return { leadIds, earlier: await addEarlierCalls(sql, drawn) };
}

async function setLimits(sql: Sql, { limits, pausedFor }: RulesCase): Promise<void> {
  await sql`
    update public.dispatch_settings
    set start_at_once = false,
      paused = ${pausedFor > 0},
      max_calls_per_number = ${limits.perNumber},
      max_calls_per_number_per_day = ${limits.perDay},
      max_calls_per_number_per_24_hours = ${limits.per24Hours},
      smallest_gap_per_number = ${limits.gap} * interval '1 minute',
      expire_after = ${limits.expireAfter}::integer * interval '1 minute',
      hours_jitter = ${limits.jitter} * interval '1 minute',
      number_busy_delay = ${limits.busyDelay} * interval '1 minute',
      default_time_zone = ${limits.defaultZone}`;
}

async function addHours(sql: Sql, { start, hours, holidays }: RulesCase): Promise<void> {
  const date = (day: number | null) =>
    day === null ? null : new Date(start.getTime() + day * DAY_MS).toISOString().slice(0, 10);
  for (const { region, weekdays, opens, closes, from, until } of hours) {
    if (from !== null && until !== null && until < from) continue;
    await sql`
      insert into public.calling_hours (region, weekdays, opens, closes, valid_from, valid_until)
      values (${region}, ${weekdays}, ${time(opens)}, ${time(closes)}, ${date(from)}, ${
      date(until)
    })`;
  }
  for (const { region, day } of holidays) {
    await sql`
      insert into public.calling_holidays (region, day) values (${region}, ${date(day)})
      on conflict do nothing`;
  }
}

function time(minutes: number): string {
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

async function addStops(sql: Sql, { stops }: RulesCase): Promise<void> {
  for (const { number, by } of stops) {
    const e164 = numberAt(number).number;
    if (by === "hash") await sql`select from public.erase_person(${e164})`;
    else {
      await sql`
        insert into public.do_not_call (number)
        values (${by === "number" ? e164 : `${e164.slice(0, -6)}*`})`;
    }
  }
}

async function addLead(sql: Sql, lead: RulesLead, start: Date): Promise<string> {
  const { number, spelling, zone, isClosed, followUps } = lead;
  const e164 = numberAt(number).number;
  const phone = [e164, `00${e164.slice(1)}`, e164.replace(/(\d{3})(?=\d)/g, "$1 ")][spelling]!;
  const [row] = await sql<{ id: string }[]>`
    insert into public.leads (phone, time_zone, stage)
    values (${phone}, ${zone}, ${isClosed ? "closed" : "new"})
    returning id`;
  for (const { due, source } of followUps) {
    await sql`
      insert into public.follow_ups (lead_id, source, due_at)
      values (${row!.id}, ${source}, ${new Date(start.getTime() + due * MINUTE_MS)})`;
  }
  return row!.id;
}

async function addPauses(sql: Sql, drawn: RulesCase, leadIds: string[]): Promise<void> {
  for (const { of, until } of drawn.pauses) {
    const [source, lead] = "source" in of ? [of.source, null] : [null, leadIds[of.lead] ?? null];
    if (source === null && lead === null) continue;
    await sql`
      insert into public.call_pauses (source, lead_id, until)
      values (
        ${source}, ${lead},
        ${until === null ? null : new Date(drawn.start.getTime() + until * MINUTE_MS)}
      )`;
  }
}

async function addEarlierCalls(sql: Sql, drawn: RulesCase): Promise<MadeCall[]> {
  const made: MadeCall[] = [];
  for (const { number, ago } of drawn.earlierCalls) {
    const at = drawn.start.getTime() - ago * MINUTE_MS;
    // A number that was erased has no calls any more.
    if (drawn.stops.some((stop) => stop.number === number && stop.by === "hash")) continue;
    await sql`
      insert into public.call_attempts (
        follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until, ended_at
      )
      values (
        gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), ${
      numberAt(number).number
    }, 'ended',
        ${new Date(at)}, ${new Date(at)}, ${new Date(at)}
      )`;
    made.push({ number, lead: null, at, endedAt: at });
  }
  return made;
}
