import assert from "node:assert/strict";
import type { Fault } from "../../../../supabase/local/simulated_omni/faults/fault.ts";
import { omniFault } from "../../../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { type DispatchReply, postDispatch } from "../post_dispatch.ts";

interface Case {
  readonly fault: Fault;
  readonly rings: 0 | 1;
  readonly check: (reply: DispatchReply) => void;
}

const statusCases = [400, 401, 402, 403, 404, 405, 429, 500, 502, 503, 504].flatMap((status) =>
  [false, true].map((placed): Case => ({
    fault: omniFault.status(status, { placed }),
    rings: placed ? 1 : 0,
    check: (reply) => {
      assert.equal(reply.status, status);
      assert.deepEqual(Object.keys(reply.json ?? {}), ["error", "error_description"]);
      assert.equal(reply.headers.get("retry-after"), null);
    },
  }))
);

const cases: Case[] = [
  ...statusCases,
  {
    fault: omniFault.status(503, { html: true, placed: true }),
    rings: 1,
    check: ({ status, text }) => {
      assert.equal(status, 503);
      assert.match(text, /^<!DOCTYPE html>/);
    },
  },
  {
    fault: omniFault.rateLimited(17),
    rings: 0,
    check: ({ status, headers }) => {
      assert.equal(status, 429);
      assert.equal(headers.get("retry-after"), "17");
    },
  },
  {
    fault: omniFault.rateLimited(),
    rings: 0,
    check: ({ status, headers }) => {
      assert.equal(status, 429);
      assert.equal(headers.get("retry-after"), null);
    },
  },
  {
    fault: omniFault.busy(),
    rings: 0,
    check: ({ status, json }) => {
      assert.equal(status, 200);
      const error = "Concurrency call limit exceeded";
      assert.deepEqual(json, { success: false, plan_expire: false, error });
    },
  },
  {
    fault: omniFault.outOfCredit(),
    rings: 0,
    check: ({ status, json }) => {
      assert.equal(status, 402);
      assert.equal(json?.error, "payment_required");
    },
  },
  {
    fault: omniFault.planExpired(),
    rings: 0,
    check: ({ status, json }) => {
      assert.equal(status, 200);
      assert.equal(json?.success, false);
      assert.equal(json?.plan_expire, true);
    },
  },
  {
    fault: omniFault.refused("Blocked by carrier"),
    rings: 0,
    check: ({ status, json }) => {
      assert.equal(status, 200);
      const error = "Blocked by carrier";
      assert.deepEqual(json, { success: false, plan_expire: false, error });
    },
  },
  ...[false, true].flatMap((placed): Case[] => [
    {
      fault: omniFault.rubbish({ placed }),
      rings: placed ? 1 : 0,
      check: ({ status, text, json }) => {
        assert.equal(status, 200);
        assert.ok(text.length > 0);
        assert.equal(json, undefined);
      },
    },
    {
      fault: omniFault.html({ placed }),
      rings: placed ? 1 : 0,
      check: ({ status, headers }) => {
        assert.equal(status, 200);
        assert.match(headers.get("content-type") ?? "", /^text\/html/);
      },
    },
    {
      fault: omniFault.emptyBody({ placed }),
      rings: placed ? 1 : 0,
      check: ({ status, text }) => {
        assert.equal(status, 200);
        assert.equal(text, "");
      },
    },
  ]),
  {
    fault: omniFault.requestIdAs("missing"),
    rings: 1,
    check: ({ json }) => assert.deepEqual(json, { success: true, status: "dispatched" }),
  },
  {
    fault: omniFault.requestIdAs("null"),
    rings: 1,
    check: ({ json }) => assert.equal(json?.requestId, null),
  },
  {
    fault: omniFault.requestIdAs("string"),
    rings: 1,
    check: ({ json }) => assert.match(json?.requestId as string, /^\d+$/),
  },
  {
    fault: omniFault.requestIdAs("float"),
    rings: 1,
    check: ({ json }) => assert.equal((json?.requestId as number) % 1, 0.5),
  },
  {
    fault: omniFault.requestIdAs("huge"),
    rings: 1,
    check: ({ json }) => assert.ok((json?.requestId as number) > Number.MAX_SAFE_INTEGER),
  },
  {
    fault: omniFault.requestIdAs("negative"),
    rings: 1,
    check: ({ json }) => assert.ok((json?.requestId as number) < 0),
  },
  {
    fault: omniFault.twoRows(),
    rings: 1,
    check: ({ json }) => {
      const ids = (json as unknown as { requestId: number }[]).map((row) => row.requestId);
      assert.equal(new Set(ids).size, 2);
    },
  },
  {
    fault: omniFault.enormousBody(20),
    rings: 1,
    check: ({ json, text }) => {
      assert.ok(text.length > 20_000_000);
      assert.equal(json?.success, true);
    },
  },
];

for (const { fault, rings, check } of cases) {
  Deno.test(`${fault.name}, ${rings ? "placed" : "not placed"}: told so, rings ${rings}`, async () => {
    await using omni = await startSimulatedOmni();
    omni.faults.next(fault);
    check(await postDispatch(omni));
    assert.equal(omni.ledger.count, rings);
    assert.equal(omni.lines.inUse, rings);
    assert.equal((await postDispatch(omni, "+14155550123")).json?.success, true);
  });
}

const unheard: [Fault, 0 | 1][] = [
  [omniFault.drop({ placed: true }), 1],
  [omniFault.drop(), 0],
  [omniFault.truncatedBody(), 1],
];
for (const [fault, rings] of unheard) {
  for (const isReused of [false, true]) {
    const connection = isReused ? "a reused connection" : "a new connection";
    Deno.test(`${fault.name} on ${connection} is an error to the client and rings ${rings}`, async () => {
      await using omni = await startSimulatedOmni();
      if (isReused) await postDispatch(omni, "+14155550123");
      omni.faults.next(fault);
      await assert.rejects(postDispatch(omni), TypeError);
      // It was received, once: a client that sends again by itself would be seen here.
      assert.equal(omni.requests.count, isReused ? 2 : 1);
      assert.equal(omni.ledger.ringsTo("+919812345678").length, rings);
    });
  }
}

for (const placed of [false, true]) {
  Deno.test(`hang, ${placed ? "placed" : "not placed"}: no reply while the client waits`, async () => {
    await using omni = await startSimulatedOmni();
    omni.faults.next(omniFault.hang({ placed }));
    const signal = AbortSignal.timeout(150);
    await assert.rejects(postDispatch(omni, undefined, { signal }), { name: "TimeoutError" });
    assert.equal(omni.ledger.count, placed ? 1 : 0);
  });
}

Deno.test("a stalled body gives the status and then nothing more", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.next(omniFault.stalledBody());
  const body = { agent_id: 4711, from_number_id: 42, to_number: "+919812345678" };
  const response = await fetch(`${omni.url}/api/v1/calls/dispatch`, {
    method: "POST",
    headers: { Authorization: `Bearer ${omni.apiKey}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(150),
  });
  assert.equal(response.status, 200);
  await assert.rejects(response.text(), { name: "TimeoutError" });
  assert.equal(omni.ledger.count, 1);
});

Deno.test("slow ends one exchange late and no other", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.forNumber("+14155550123", omniFault.slow(200));
  const ended: string[] = [];
  await Promise.all(["+14155550123", "+919812345678"].map(async (number) => {
    assert.equal((await postDispatch(omni, number)).json?.success, true);
    ended.push(number);
  }));
  assert.deepEqual(ended, ["+919812345678", "+14155550123"]);
});

Deno.test("slow can end in another fault", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.next(omniFault.slow(100, omniFault.status(500, { placed: true })));
  const began = performance.now();
  assert.equal((await postDispatch(omni)).status, 500);
  assert.ok(performance.now() - began >= 99);
  assert.equal(omni.ledger.count, 1);
});

Deno.test("a call placed late rings after the client has given up", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.next(omniFault.placedLate(150));
  await assert.rejects(postDispatch(omni, undefined, { signal: AbortSignal.timeout(50) }));
  assert.equal(omni.ledger.count, 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(omni.ledger.count, 1);
});

Deno.test("a fault that places the call still refuses what cannot be placed", async () => {
  await using omni = await startSimulatedOmni({ lines: 0 });
  omni.faults.always(omniFault.drop({ placed: true }));
  assert.equal((await postDispatch(omni, undefined, { apiKey: "wrong" })).status, 401);
  assert.equal((await postDispatch(omni, "12")).status, 400);
  assert.equal((await postDispatch(omni)).json?.error, "Concurrency call limit exceeded");
  assert.equal(omni.ledger.count, 0);
});
