import assert from "node:assert/strict";
import type { LoggedCall } from "../../../supabase/functions/call-dispatch/call_log.ts";
import type { LogReply } from "../../../supabase/functions/call-dispatch/omni_client.ts";
import { priceCalls } from "../../../supabase/functions/call-dispatch/price_calls.ts";
import type { CallCost } from "../../../supabase/functions/call-dispatch/store.ts";
import { loggedCall } from "./settlement_rows.ts";

/** Prices over these pages of the log; returns what was stored and how many pages were read. */
async function price(wanted: string[], pages: (LoggedCall[] | "failed")[], total = 1_000) {
  const stored: CallCost[] = [];
  let read = 0;
  await priceCalls({
    agentId: 4711,
    timeIsUp: new AbortController().signal,
    store: {
      callsWithoutCost: async () => wanted,
      recordCallCosts: async (costs) => void stored.push(...costs),
    },
    provider: {
      readCallLog: async ({ number }): Promise<LogReply> => {
        read += 1;
        const rows = pages[number - 1] ?? [];
        return rows === "failed"
          ? { kind: "failed", error: "HTTP 500" }
          : { kind: "page", rows, received: rows.length, total };
      },
    },
  });
  return { stored, read };
}

Deno.test("price calls: the costs of the wanted calls are stored, and no page more is read", async () => {
  const { stored, read } = await price(["1", "2"], [
    [loggedCall({ requestId: "9", cost: 7 }), loggedCall({ requestId: "2", cost: 0.2 })],
    [loggedCall({ requestId: "1", cost: 0.1 })],
    [loggedCall({ requestId: "1", cost: 50 })],
  ]);
  assert.deepEqual(stored, [{ requestId: "2", cost: 0.2 }, { requestId: "1", cost: 0.1 }]);
  assert.equal(read, 2);
});

Deno.test("price calls: with none wanted Omni is not asked, and nothing is stored", async () => {
  assert.deepEqual(await price([], [[loggedCall({ requestId: "1", cost: 1 })]]), {
    stored: [],
    read: 0,
  });
});

Deno.test("price calls: one request with two rows has cost both", async () => {
  const { stored } = await price(["1"], [[
    loggedCall({ requestId: "1", cost: 0.25 }),
    loggedCall({ requestId: "1", cost: 0.5 }),
  ]]);
  assert.deepEqual(stored, [{ requestId: "1", cost: 0.75 }]);
});

Deno.test("price calls: a request of which one row has no cost yet has none", async () => {
  const { stored } = await price(["1"], [[
    loggedCall({ requestId: "1", outcome: "completed" }),
    loggedCall({ requestId: "1", outcome: "no_answer" }),
  ]]);
  assert.deepEqual(stored, []);
});

Deno.test("price calls: no cost told is nothing for a call that nobody took, and unknown for one that was answered", async () => {
  const { stored } = await price(["1", "2", "3"], [[
    loggedCall({ requestId: "1", outcome: "no_answer" }),
    loggedCall({ requestId: "2", outcome: "completed" }),
    loggedCall({ requestId: "3", outcome: null }),
  ]]);
  assert.deepEqual(stored, [{ requestId: "1", cost: 0 }]);
});

Deno.test("price calls: a call that stands in the log without its cost is looked for no further", async () => {
  const { stored, read } = await price(["1", "2"], [
    [loggedCall({ requestId: "2", outcome: "completed" })],
    [loggedCall({ requestId: "1", cost: 0.1 })],
    [loggedCall({ requestId: "9", cost: 1 })],
  ]);
  assert.deepEqual(stored, [{ requestId: "1", cost: 0.1 }]);
  assert.equal(read, 2);
});

Deno.test("price calls: a page that fails ends it with what is known", async () => {
  const { stored, read } = await price(["1", "2"], [
    [loggedCall({ requestId: "1", cost: 0.1 })],
    "failed",
    [loggedCall({ requestId: "2", cost: 0.2 })],
  ]);
  assert.deepEqual(stored, [{ requestId: "1", cost: 0.1 }]);
  assert.equal(read, 2);
});

Deno.test("price calls: a log without an end is read for twenty pages", async () => {
  const pages = Array.from({ length: 60 }, () => [loggedCall({ requestId: "7", cost: 1 })]);
  assert.equal((await price(["1"], pages)).read, 20);
});
