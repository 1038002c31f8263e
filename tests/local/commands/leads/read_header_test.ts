import assert from "node:assert/strict";
import { readHeader } from "../../../../supabase/local/commands/leads/read_header.ts";
import { UsageError } from "../../../../supabase/local/commands/usage_error.ts";

Deno.test("readHeader: any order, any case, blanks for underscores", () => {
  const { positions, width } = readHeader(["Time Zone", " PHONE ", "customer-name"]);
  assert.deepEqual([...positions], [["time_zone", 0], ["phone", 1], ["customer_name", 2]]);
  assert.equal(width, 3);
});

Deno.test("readHeader: columns that mean nothing are named, those without a name are not", () => {
  assert.deepEqual(readHeader(["phone", "Notes", "", "e-mail"]).unknown, ["Notes", "e-mail"]);
});

Deno.test("readHeader: without a phone, or with two, nothing can be read", () => {
  assert.throws(() => readHeader(["customer_name", "tel"]), UsageError);
  assert.throws(() => readHeader(["phone", "Phone"]), UsageError);
});
