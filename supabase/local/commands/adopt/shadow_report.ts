import type { Sql } from "../../postgres/connect.ts";
import { UsageError } from "../usage_error.ts";
import { readOnly } from "./read_only.ts";

const MOST_DIFFERENCES = 20;

/** One reason to call on which the two dispatchers differ, or may. */
export interface Difference {
  verdict: string;
  lead_id: string;
  follow_up_id: string | null;
  reason: string | null;
  other_did: string | null;
  was_marked: boolean;
}

/** What shadow mode has found so far. */
export interface ShadowReport {
  is_on: boolean;
  /** When it was last switched on. */
  since: Date;
  /** How many reasons to call have which verdict of shadow_report. */
  verdicts: Record<string, number>;
  /** People whom we might have called again: only_us, with marks of an earlier call. */
  might_call_again: number;
  /** At most 20: first those whom only we would have called, and of each verdict the newest. */
  differences: Difference[];
}

/**
 * Reads the view shadow_report.
 *
 * @throws {UsageError} when shadow mode was never on.
 */
export async function shadowReport(sql: Sql): Promise<ShadowReport> {
  const report = await readOnly(sql, async (sql) => {
    const [settings] = await sql<{ shadow: boolean; shadow_since: Date | null }[]>`
      select shadow, shadow_since from public.dispatch_settings`;
    if (!settings?.shadow_since) {
      throw new UsageError(
        "Shadow mode was never on: begin it by select use_shadow_mode(true) in the SQL editor",
      );
    }
    const counts = await sql<{ verdict: string; rows: number; marked: number }[]>`
      select verdict, count(*)::int as rows, (count(*) filter (where was_marked))::int as marked
      from public.shadow_report group by verdict order by verdict`;
    const differences = await sql<Difference[]>`
      select verdict, lead_id, follow_up_id, reason, other_did, was_marked
      from public.shadow_report
      where verdict in ('only_us', 'only_them', 'not_judged')
      order by verdict = 'only_us' desc, was_marked desc, verdict = 'only_them' desc, decided_at desc
      limit ${MOST_DIFFERENCES}`;
    return {
      is_on: settings.shadow,
      since: settings.shadow_since,
      verdicts: Object.fromEntries(counts.map(({ verdict, rows }) => [verdict, rows])),
      might_call_again: counts.find(({ verdict }) => verdict === "only_us")?.marked ?? 0,
      differences: [...differences],
    };
  });
  if (report !== null) return report;
  throw new Error("Cannot read shadow_report within 5 s: ask for it in the SQL editor");
}
