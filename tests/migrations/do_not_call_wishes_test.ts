// "Do not call me again", however it is written and whichever report tells it.
import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { insertCall, recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";

async function stopped(sql: Sql): Promise<string[]> {
  const rows = await sql<{ number: string }[]>`select number from public.do_not_call`;
  return rows.map(({ number }) => number);
}

const VOICEMAIL = {
  outcome: "voicemail_detected",
  extracted_variables: { do_not_call: "false" },
} as const;
const WISH = { outcome: "no_answer", extracted_variables: { do_not_call: "true" } } as const;
const SILENT = { outcome: "completed", extracted_variables: {} } as const;

for (
  const [name, reports] of Object.entries({
    "a worse report after a better one": [VOICEMAIL, WISH],
    "a worse report before a better one": [WISH, VOICEMAIL],
    "a report behind one that tells nothing": [SILENT, { ...WISH, outcome: "completed" }],
    "a report before one that tells nothing": [{ ...WISH, outcome: "completed" }, SILENT],
  })
) {
  Deno.test(`do not call: told by ${name}, it stops the number`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql);
    for (const report of reports) {
      await recordEvent(sql, { attempt_id: call.attempt_id, ...report });
    }
    assert.deepEqual(await stopped(sql), [call.to_number]);
  });
}

for (const said of ["true", "Yes", "yes.", "Yes, please never call again", "y", "1", true, 1]) {
  Deno.test(`do not call: ${JSON.stringify(said)} is a wish`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql);
    const extracted_variables = { do_not_call: said };
    await recordEvent(sql, { attempt_id: call.attempt_id, extracted_variables });
    assert.deepEqual(await stopped(sql), [call.to_number]);
  });
}

for (
  const said of [
    ...["false", "no", "yesterday he called", "y'all call me", "Y\u2019all call me", "", "10"],
    ...[null, false, 0, ["true"]],
  ]
) {
  Deno.test(`do not call: ${JSON.stringify(said)} is none`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql);
    const extracted_variables = { do_not_call: said };
    await recordEvent(sql, { attempt_id: call.attempt_id, extracted_variables });
    assert.deepEqual(await stopped(sql), []);
  });
}
