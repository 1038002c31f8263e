import assert from "node:assert/strict";
import { parseStartOptions } from "../../../../supabase/local/commands/start/start_options.ts";

Deno.test("parseStartOptions: without arguments the real schedule is followed", () => {
  const { once, json, live, reset, everyMs, leads, country } = parseStartOptions([]);
  assert.deepEqual({ once, json, live, reset, everyMs, leads, country }, {
    once: false,
    json: false,
    live: false,
    reset: false,
    everyMs: null,
    leads: null,
    country: null,
  });
});

Deno.test("parseStartOptions: intervals and countries are read", () => {
  assert.equal(parseStartOptions(["--every", "10s"]).everyMs, 10_000);
  assert.equal(parseStartOptions(["--every=2h"]).everyMs, 7_200_000);
  assert.equal(parseStartOptions(["--country", "in"]).country, "IN");
});

Deno.test("parseStartOptions: what is not understood is refused and quoted", () => {
  const cases: [string[], RegExp][] = [
    [["--bogus"], /--bogus/],
    [["leads.csv"], /leads\.csv/],
    [["--leads"], /--leads/],
    [["--leads", ""], /--leads ""/],
    [["--every", "soon"], /"soon"/],
    [["--every", "0s"], /"0s"/],
    [["--every", "999h"], /"999h"/],
    [["--country", "Utopia"], /"Utopia"/],
    [["--data", ""], /--data ""/],
    [["--live", "--reset"], /--reset with --live/],
  ];
  for (const [args, message] of cases) {
    assert.throws(() => parseStartOptions(args), { name: "UsageError", message });
  }
});
