import { z } from "zod";
import { PostgresError, type Sql } from "../../postgres/connect.ts";
import type { Person } from "./find_person.ts";

const erasure = z.object({
  erased: z.boolean(),
  /** Null when erased; else what has to happen first. */
  why_not: z.string().nullable(),
  leads: z.int(),
  follow_ups: z.int(),
  call_attempts: z.int(),
  call_events: z.int(),
  call_pauses: z.int(),
  /** Numbers that are on the stop list now; 0 when none could be read. */
  stopped_numbers: z.int(),
});

/** What came of it: counts of rows. */
export type Erasure = z.infer<typeof erasure>;

class RollBack extends Error {}

/**
 * Erases the person; with `foretell` it is undone at once, and only tells what it would come to.
 *
 * @throws {Error} when the database refuses it, with what to do about it.
 */
export async function erasePerson(
  sql: Sql,
  { number, leadIds }: Person,
  { foretell }: { foretell: boolean },
): Promise<Erasure> {
  let result: Erasure | undefined;
  try {
    await sql.begin(async (tx) => {
      const rows = await tx`
        select * from public.erase_person(${number}, ${`{${leadIds.join(",")}}`}::text::uuid[])`;
      result = erasure.parse(rows[0]);
      if (foretell) throw new RollBack();
    });
  } catch (error) {
    if (error instanceof PostgresError && error.hint) {
      throw new Error(`${error.message}. ${error.hint}`);
    }
    if (!(error instanceof RollBack)) throw error;
  }
  return result!;
}
