import { describeAge } from "../../operator/describe_age.ts";
import type { Check } from "../check.ts";
import { verdict } from "../verdict.ts";

/** Unix ms. */
interface Facts {
  database: number;
  /** Of this machine, half way between question and answer. */
  here: number;
}

const MOST_MS = 60_000;

/** The clock by which calling hours are kept, against this machine's. */
export const clockCheck: Check<Facts, "database" | "now"> = {
  name: "clock",
  needs: ["database", "now"],
  async read({ database: sql, now }) {
    // The connection is there, and the question is short.
    await sql`select 1`;
    const asked = now();
    const [row] = await sql<{ ms: number }[]>`
      select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`;
    return { database: row!.ms, here: (asked + now()) / 2 };
  },
  judge({ database, here }) {
    const ahead = database - here;
    if (Math.abs(ahead) <= MOST_MS) {
      return [verdict.ok("The database's clock agrees with this one")];
    }
    const direction = ahead > 0 ? "ahead of" : "behind";
    return [verdict.warning(
      `The database's clock is ${
        describeAge(Math.abs(ahead))
      } ${direction} this machine's. Calling hours ` +
        "are kept by the database's: find out which of the two is wrong",
    )];
  },
};
