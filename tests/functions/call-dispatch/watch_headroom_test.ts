import assert from "node:assert/strict";
import type { AccountReading } from "../../../supabase/functions/call-dispatch/parse_account.ts";
import { watchHeadroom } from "../../../supabase/functions/call-dispatch/watch_headroom.ts";
import { eventually } from "../../support/eventually.ts";

const HEADROOM: AccountReading = {
  kind: "headroom",
  linesLimit: 10,
  linesInUse: 4,
  linesAvailable: 6,
  balance: null,
  currency: null,
};

function world({ headroom = true, reading = HEADROOM as AccountReading } = {}) {
  const over = new AbortController();
  const recorded: [string, string][] = [];
  let asked = 0;
  const options = {
    everyMs: 5,
    over: over.signal,
    store: {
      accountReadingsDue: async () => ({
        headroom,
        beforeCalling: headroom,
        costs: false,
        askedAt: `moment ${++asked}`,
      }),
      recordProviderAccount: async (learnt: AccountReading, askedAt: string) => {
        recorded.push([learnt.kind, askedAt]);
      },
    },
    provider: { readAccount: async () => reading },
  };
  return { options, over, recorded, asked: () => asked };
}

Deno.test("watch headroom: the first answer is stored before it is said to be done, with its moment", async () => {
  const { options, over, recorded } = world();
  const first = await watchHeadroom(options);
  await first.done;
  over.abort();
  assert.equal(first.beforeCalling, true);
  assert.deepEqual(recorded[0], ["headroom", "moment 1"]);
});

Deno.test("watch headroom: it is asked again until the run is over, and not once after", async () => {
  const { options, over, recorded, asked } = world();
  await (await watchHeadroom(options)).done;
  await eventually("three answers", () => recorded.length >= 3 || undefined);
  over.abort();
  const before = asked();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(asked(), before);
});

Deno.test("watch headroom: a refusal is stored, so that Omni is left alone", async () => {
  const { options, over, recorded } = world({ reading: { kind: "refused", error: "HTTP 403" } });
  await (await watchHeadroom(options)).done;
  over.abort();
  assert.deepEqual(recorded[0], ["refused", "moment 1"]);
});

Deno.test("watch headroom: what could not be learnt replaces nothing, and is no failure", async () => {
  const { options, over, recorded } = world({ reading: { kind: "failed", error: "HTTP 500" } });
  await (await watchHeadroom(options)).done;
  over.abort();
  assert.deepEqual(recorded, []);
});

Deno.test("watch headroom: where the database says no, Omni is not asked", async () => {
  const { options, over, recorded } = world({ headroom: false });
  options.provider.readAccount = () => Promise.reject(new Error("Omni was asked"));
  await (await watchHeadroom(options)).done;
  over.abort();
  assert.deepEqual(recorded, []);
});
