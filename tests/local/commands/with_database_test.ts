// How long the commands wait for a database: for each statement, and not for the whole.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { withDatabase } from "../../../supabase/local/commands/operator/with_database.ts";
import { startFailingLine } from "../../faults/start_failing_line.ts";
import { freshDatabase } from "../../support/fresh_database.ts";

// More than all that the server says before it has let us in, and less than its list of array types.
const LET_IN_BYTES = 1_200;

Deno.test("withDatabase: statements that are slow together, and pauses between them, are waited for", async () => {
  await using database = await freshDatabase();
  const options = { databaseUrl: database.url, terminal: null, answersWithinMs: 4_000 };
  const answers = await withDatabase(options, async (sql) => {
    const slow = await sql.begin(async (transaction) => {
      const rows = [];
      for (let n = 1; n <= 6; n += 1) {
        rows.push(...await transaction`select pg_sleep(1.5)::text as slept, ${n}::integer as n`);
      }
      return { rows };
    });
    await setTimeout(7_000);
    return [...slow.rows, ...await sql`select 7 as n`].map(({ n }) => n);
  });
  assert.deepEqual(answers, [1, 2, 3, 4, 5, 6, 7]);
});

Deno.test("withDatabase: a single statement is waited for as long as the command says", async () => {
  await using database = await freshDatabase();
  const options = { databaseUrl: database.url, terminal: null, answersWithinMs: 2_000 };
  await assert.rejects(
    withDatabase(options, (sql) => sql`select pg_sleep(60)`),
    { message: "The database does not answer: nothing has come from it for 2 s" },
  );
});

Deno.test("withDatabase: a refused statement, and a mistake of the command, keep their message", async () => {
  await using database = await freshDatabase();
  const options = { databaseUrl: database.url, terminal: null };
  await assert.rejects(withDatabase(options, (sql) => sql`select 1 / 0`), /^.*division by zero/);
  const mistaken = () => Promise.reject(new TypeError("x is not a function"));
  await assert.rejects(withDatabase(options, mistaken), { message: "x is not a function" });
});

Deno.test("withDatabase: a pooler that lets everybody in and drops them is not tried for ever", async () => {
  await using database = await freshDatabase();
  const url = new URL(database.url);
  using line = startFailingLine(Number(url.port), { bytes: LET_IN_BYTES, how: "dropping" });
  url.port = String(line.port);
  const options = { databaseUrl: url.href, terminal: null };
  await assert.rejects(withDatabase(options, (sql) => sql`select 1`), {
    message: "Cannot reach the database: no connection could be used within 15 s",
  });
});
