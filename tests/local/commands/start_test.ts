// The whole command from outside, each time with a PostgreSQL and ports of its own.
import assert from "node:assert/strict";
import { join } from "node:path";
import { connect } from "../../../supabase/local/postgres/connect.ts";
import { processStart } from "../../../supabase/local/postgres/process_start.ts";
import { startPostgres } from "../../../supabase/local/postgres/start_postgres.ts";
import { readLedgerFile } from "../../../supabase/local/simulated_omni/ledger/read_ledger_file.ts";
import { badLeads } from "./leads/bad_leads.ts";
import { descendants } from "./descendants.ts";
import { spawnCommand } from "./spawn_command.ts";
import { temporaryFolder } from "./temporary_folder.ts";

async function start(args: string[], env: Record<string, string> = {}) {
  return await spawnCommand("start", args, env).ended;
}

function ringsIn(folder: string): string[] {
  return readLedgerFile(join(folder, "simulated", "rings.ndjson")).map(({ toNumber }) => toNumber);
}

Deno.test("start: calls each sample lead once; started again, only who is new", async (test) => {
  await using folder = await temporaryFolder();
  const args = ["--json", "--data", folder.path];
  await test.step("the first start calls the sample leads", async () => {
    const { code, stdout, stderr } = await start(["--once", ...args]);
    assert.equal(code, 0, stderr);
    const [summary, ...more] = linesOfJson(stdout);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [summary?.ok, summary?.accepted, summary?.rings, summary?.skipped, summary?.failed],
      [true, 8, 8, 2, 1],
    );
    for (const reason of ["is closed", "is lost", "no phone number", "not valid", "another live"]) {
      assert.ok(stderr.includes(reason), reason);
    }
    assert.match(stderr, /^8 calls were still going on: cut off/m);
    assert.doesNotMatch(stderr, /Call ended/);
    assert.equal(new Set(ringsIn(folder.path)).size, 8);
  });
  const sampleRings = ringsIn(folder.path);
  await test.step("the second calls nobody, and then at once who is new", async () => {
    const running = spawnCommand("start", ["--every", "1h", ...args]);
    await running.wrote(/Next tick at/);
    assert.deepEqual(ringsIn(folder.path), sampleRings);
    await addLead(folder.path, await running.wrote(/PostgreSQL at 127\.0\.0\.1:(\d+)/));
    await running.wrote(/Run for a new lead/);
    running.signal("SIGTERM");
    const { code, stdout } = await running.ended;
    const [atOnce, forNewLead] = linesOfJson(stdout);
    assert.equal(code, 130);
    assert.deepEqual([atOnce?.ok, atOnce?.rings, atOnce?.seeded, atOnce?.claimed], [true, 0, 0, 0]);
    assert.deepEqual(
      [forNewLead?.source, forNewLead?.ok, forNewLead?.rings, forNewLead?.remaining],
      ["new_lead", true, 1, 0],
    );
    assert.deepEqual(ringsIn(folder.path), [...sampleRings, "+12125550199"]);
  });
});

function linesOfJson(stdout: string): Record<string, unknown>[] {
  return stdout.trim().split("\n").map((line) => JSON.parse(line));
}

async function addLead(folder: string, [, port]: RegExpExecArray): Promise<void> {
  const password = await Deno.readTextFile(join(folder, "simulated", "stack", "postgres_password"));
  const sql = connect(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`, { max: 1 });
  await sql`insert into public.leads (phone) values ('+12125550199')`;
  await sql.end();
}

Deno.test("start: tells of each call that ends, and of those that it cuts off", async () => {
  await using folder = await temporaryFolder();
  const running = spawnCommand("start", ["--every", "1h", "--json", "--data", folder.path]);
  await running.wrote(/The schedule goes on from here/);
  const saidAt = Date.now();
  await running.wrote(/Call ended at .*; next try .*\n/);
  // At their own pace even the shortest calls last 20 seconds.
  assert.ok(Date.now() - saidAt < 15_000);
  running.signal("SIGINT");
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 130);
  assert.match(stderr, /calls last a tenth of their time/);
  assert.equal(stderr.match(/^Next tick at/gm)?.length, 1);
  const [run, ...ended] = linesOfJson(stdout);
  assert.equal(run?.accepted, 8);
  assert.deepEqual(new Set(ended.map(({ event }) => event)), new Set(["call_ended"]));
  assert.equal(ended.length, stderr.match(/^Call ended at /gm)?.length);
  assert.ok(ended.some(({ outcome, recall_at }) => outcome && recall_at));
  const [, cutOff] = /^(\d) calls? w\w+ still going on: cut off/m.exec(stderr) ?? [];
  assert.equal(ended.length + Number(cutOff), 8);
});

Deno.test("start: of 300 leads 40 are reported by line, the others are rung once", async () => {
  await using folder = await temporaryFolder();
  const { text, faults } = badLeads();
  const csv = join(folder.path, "leads.csv");
  await Deno.writeTextFile(csv, text);
  const { code, stdout, stderr } = await start([
    ...["--once", "--json", "--reset", "--leads", csv, "--data", folder.path],
  ], { DISPATCH_CONCURRENCY: "40" });
  const summary = JSON.parse(stdout);
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    [summary.leads_loaded, summary.leads_rejected, summary.accepted, summary.rings],
    [260, 40, 260, 260],
  );
  const reported = [...stderr.matchAll(/^leads\.csv, line (\d+): (\w+)/gm)];
  assert.deepEqual(new Map(reported.map(([, line, field]) => [Number(line), field])), faults);
  assert.equal(new Set(ringsIn(folder.path)).size, 260);
});

Deno.test({
  name: "start: Ctrl-C in the middle of a run leaves nothing running and nothing half-done",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = await temporaryFolder();
    const csv = join(folder.path, "leads.csv");
    const numbers = Array.from({ length: 400 }, (_, at) => `+1212555${String(1_000 + at)}`);
    await Deno.writeTextFile(csv, `phone\n${numbers.join("\n")}\n`);
    const running = spawnCommand("start", ["--leads", csv, "--data", folder.path], {
      DISPATCH_CONCURRENCY: "2",
    });
    await running.wrote(/Calling: .* called/);
    const pids = await descendants(running.pid);
    assert.ok(pids.length >= 2, "the database and the function have processes");
    const intruder = await start(["--once", "--reset", "--data", folder.path]);
    assert.deepEqual([intruder.code, /works on it/.test(intruder.stderr)], [1, true]);
    running.signal("SIGINT");
    const { code, stdout } = await running.ended;
    assert.equal(code, 130);
    assert.match(stdout, /Stopping/);
    for (const pid of pids) assert.equal(await processStart(pid), null, `process ${pid} is left`);
    await assertNothingHalfDone(folder.path);
  },
});

async function assertNothingHalfDone(folder: string): Promise<void> {
  const postgres = await startPostgres({ dataDirectory: join(folder, "simulated", "stack") });
  const sql = connect(postgres.url("postgres"), { max: 1 });
  try {
    const [state] = await sql`
      select
        (select count(*) from public.follow_ups where lease_token is not null)::int as leases,
        (select count(*) from public.call_attempts where status = 'sending')::int as sending,
        (select count(*) from public.dispatch_runs where finished_at is null)::int as runs,
        (select count(*) from public.follow_ups where status = 'completed')::int as completed`;
    const rings = ringsIn(folder).length;
    assert.ok(rings > 0 && rings < 400, `it was in the middle: ${rings} rings`);
    assert.deepEqual(state, { leases: 0, sending: 0, runs: 0, completed: rings });
  } finally {
    await sql.end();
    await postgres.stop();
  }
}

Deno.test("start: what it cannot begin with is code 2, and starts nothing", async () => {
  await using folder = await temporaryFolder();
  const data = ["--data", folder.path];
  const omni = {
    OMNI_BASE_URL: "http://127.0.0.1:1",
    OMNI_API_KEY: "key",
    OMNI_AGENT_ID: "1",
    OMNI_FROM_NUMBER_ID: "2",
  };
  const ended = await Promise.all([
    start([...data, "--leads", join(folder.path, "missing.csv")]),
    start([...data, "--live"], { ...omni, OMNI_API_KEY: "", OMNI_AGENT_ID: "x" }),
    start([...data, "--live"], omni),
    start([...data, "--every", "soon"]),
  ]);
  assert.deepEqual(ended.map(({ code, stdout }) => [code, stdout]), ended.map(() => [2, ""]));
  assert.match(ended[1]?.stderr ?? "", /OMNI_API_KEY is missing; OMNI_AGENT_ID must be/);
  assert.match(ended[2]?.stderr ?? "", /without a terminal: add --yes/);
  assert.equal((await Array.fromAsync(Deno.readDir(folder.path))).length, 0);
});
