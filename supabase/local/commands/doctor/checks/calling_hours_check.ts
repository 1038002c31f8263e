import type { Check } from "../check.ts";
import { verdict } from "../verdict.ts";

/** How many rules hold today. */
interface Facts {
  rules: number;
  /** Those of them that hold everywhere. */
  everywhere: number;
}

/** Whether there are hours at all, and for every number. */
export const callingHoursCheck: Check<Facts, "database"> = {
  name: "calling hours",
  needs: ["database"],
  async read({ database: sql }) {
    const [row] = await sql<Facts[]>`
      select count(*)::integer as rules,
        (count(*) filter (where hours.region = 'everywhere'))::integer as everywhere
      from public.calling_hours as hours
      where coalesce(hours.valid_from <= current_date, true)
        and coalesce(hours.valid_until >= current_date, true)`;
    return row!;
  },
  judge({ rules, everywhere }) {
    if (rules === 0) {
      return [verdict.warning(
        "No calling hours are set, so that people are called at any time, at night too: " +
          "select public.use_calling_hours_pack('everywhere')",
      )];
    }
    if (everywhere === 0) {
      return [verdict.warning(
        "Numbers of countries without calling hours are called at any time: " +
          "select public.use_calling_hours_pack('everywhere')",
      )];
    }
    return [
      verdict.ok(
        `Rules of calling hours that hold today: ${rules}, of them everywhere: ${everywhere}`,
      ),
    ];
  },
};
