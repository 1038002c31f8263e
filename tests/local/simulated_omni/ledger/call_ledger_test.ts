import assert from "node:assert/strict";
import { omniFault } from "../../../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { readLedgerFile } from "../../../../supabase/local/simulated_omni/ledger/read_ledger_file.ts";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { postDispatch } from "../post_dispatch.ts";

Deno.test("a ring holds number, time, both bodies, request id, ordinal and fault", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.next(null, omniFault.drop({ placed: true }));
  const before = new Date().toISOString();
  const rawBody = '{ "agent_id":4711,"from_number_id":42, "to_number":"+919812345678" }';
  const { json } = await postDispatch(omni, undefined, { rawBody });
  await assert.rejects(postDispatch(omni, "+14155550123"));
  const [one, two] = omni.ledger.rings();
  assert.ok(one && one.placedAt >= before && one.placedAt <= new Date().toISOString());
  assert.deepEqual({ ...one, placedAt: "" }, {
    ordinal: 1,
    toNumber: "+919812345678",
    placedAt: "",
    requestId: json?.requestId,
    rawBody,
    body: { agent_id: 4711, from_number_id: 42, to_number: "+919812345678" },
    fault: null,
  });
  assert.equal(two?.ordinal, 2);
  assert.equal(two?.fault, "drop");
});

Deno.test("the ledger tells rings by number and numbers rung twice", async () => {
  await using omni = await startSimulatedOmni();
  for (const number of ["+14155550123", "+919812345678", "+14155550123"]) {
    await postDispatch(omni, number);
  }
  const ordinals = [...omni.ledger.ringsByNumber()].map(([number, rings]) => {
    return [number, rings.map((ring) => ring.ordinal)];
  });
  assert.deepEqual(ordinals, [["+14155550123", [1, 3]], ["+919812345678", [2]]]);
  assert.deepEqual(omni.ledger.ringsTo("+14155550199"), []);
  assert.deepEqual(omni.ledger.numbersRungTwice(), ["+14155550123"]);
});

Deno.test("what the ledger hands out cannot change it", async () => {
  await using omni = await startSimulatedOmni();
  await postDispatch(omni);
  (omni.ledger.rings() as unknown[]).length = 0;
  (omni.ledger.ringsTo("+919812345678") as unknown[]).length = 0;
  (omni.ledger.ringsByNumber() as Map<string, unknown>).clear();
  assert.throws(() => Object.assign(omni.ledger.rings()[0] ?? {}, { toNumber: "+1" }), TypeError);
  assert.equal(omni.ledger.count, 1);
  assert.equal(omni.ledger.ringsTo("+919812345678").length, 1);
});

Deno.test("a ledger's file is up to date before the reply and goes on after a restart", async () => {
  const ledgerFile = await Deno.makeTempFile();
  const rings = [];
  {
    await using omni = await startSimulatedOmni({ ledgerFile, latencyMs: 60_000 });
    const sent = assert.rejects(postDispatch(omni));
    while (omni.ledger.count === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    rings.push(...omni.ledger.rings());
    assert.deepEqual(readLedgerFile(ledgerFile), rings);
    await omni.stop();
    await sent;
  }
  await using omni = await startSimulatedOmni({ ledgerFile });
  await postDispatch(omni);
  assert.deepEqual(omni.ledger.rings().map((ring) => ring.ordinal), [1, 2]);
  assert.deepEqual(omni.ledger.rings()[0], rings[0]);
  assert.deepEqual(omni.ledger.numbersRungTwice(), ["+919812345678"]);
  assert.equal(new Set(omni.ledger.rings().map((ring) => ring.requestId)).size, 2);
  assert.deepEqual(readLedgerFile(ledgerFile), omni.ledger.rings());
  await Deno.remove(ledgerFile);
});

Deno.test("a line torn by a kill spoils neither the rings before it nor those after", async () => {
  const ledgerFile = await Deno.makeTempFile();
  {
    await using omni = await startSimulatedOmni({ ledgerFile });
    await postDispatch(omni, "+14155550123");
  }
  await Deno.writeTextFile(ledgerFile, '{"toNumber":"+1415', { append: true });
  assert.equal(readLedgerFile(ledgerFile).length, 1);
  {
    await using omni = await startSimulatedOmni({ ledgerFile });
    await postDispatch(omni, "+919812345678");
  }
  const numbers = readLedgerFile(ledgerFile).map((ring) => ring.toNumber);
  assert.deepEqual(numbers, ["+14155550123", "+919812345678"]);
  await Deno.remove(ledgerFile);
});

Deno.test("a ledger's file that is not there holds no rings and is made by the first one", async () => {
  const folder = await Deno.makeTempDir();
  const ledgerFile = `${folder}/rings.ndjson`;
  assert.deepEqual(readLedgerFile(ledgerFile), []);
  {
    await using omni = await startSimulatedOmni({ ledgerFile });
    await postDispatch(omni);
  }
  assert.equal(readLedgerFile(ledgerFile).length, 1);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the file outlives a simulator that is killed before it could reply", async () => {
  const ledgerFile = await Deno.makeTempFile();
  const start = import.meta.resolve(
    "../../../../supabase/local/simulated_omni/start_simulated_omni.ts",
  );
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(
    script,
    `import { startSimulatedOmni } from ${JSON.stringify(start)};
    const omni = await startSimulatedOmni({ ledgerFile: Deno.args[0], latencyMs: 60_000 });
    console.log(omni.url);`,
  );
  const simulator = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--no-config", "--quiet", "-A", script, ledgerFile],
    stdout: "piped",
  }).spawn();
  const reader = simulator.stdout.getReader();
  const url = new TextDecoder().decode((await reader.read()).value).trim();
  const sent = assert.rejects(fetch(`${url}/api/v1/calls/dispatch`, {
    method: "POST",
    headers: { Authorization: "Bearer simulated-omni-key" },
    body: '{"agent_id":4711,"from_number_id":42,"to_number":"+919812345678"}',
  }));
  while (readLedgerFile(ledgerFile).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  simulator.kill("SIGKILL");
  await Promise.all([sent, simulator.status, reader.cancel()]);
  assert.equal(readLedgerFile(ledgerFile)[0]?.toNumber, "+919812345678");
  await Promise.all([Deno.remove(ledgerFile), Deno.remove(script)]);
});

Deno.test({
  name: "a ledger's file is its owner's alone, a new one and one that was open to all",
  ignore: Deno.build.os === "windows",
  async fn() {
    const ledgerFile = await Deno.makeTempFile();
    try {
      await Deno.chmod(ledgerFile, 0o644);
      for (const name of [ledgerFile, `${ledgerFile}.new`]) {
        await using omni = await startSimulatedOmni({ ledgerFile: name });
        await postDispatch(omni, "+14155550123");
        assert.equal((await Deno.stat(name)).mode! & 0o777, 0o600);
        assert.equal(readLedgerFile(name).length, 1);
      }
    } finally {
      await Deno.remove(ledgerFile);
      await Deno.remove(`${ledgerFile}.new`);
    }
  },
});
