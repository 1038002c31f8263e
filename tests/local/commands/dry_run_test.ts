// Through the real function, gateway and database, as the person who answers for the calls runs it.
import assert from "node:assert/strict";
import { findProject } from "../../../supabase/local/commands/operator/find_project.ts";
import { readStackAccess } from "../../../supabase/local/commands/operator/read_stack_access.ts";
import { insertFollowUp } from "../../support/insert_follow_up.ts";
import { startEmbeddedProject } from "../../support/start_embedded_project.ts";
import { spawnCommand } from "./spawn_command.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** In London it is 09:00 then, and in New York 04:00. */
const MORNING = "2099-12-01T14:30+05:30";

Deno.test("dry-run: who would be called now, who at another moment, and why not; nothing changes", async (test) => {
  await using project = await startEmbeddedProject();
  const { sql, gateway, cronJobSecret, omni } = project;
  await sql`
    insert into public.calling_hours (region, opens, closes)
    values ('everywhere', '08:00', '20:00')`;
  const past = new Date("2026-11-24T09:00Z");
  const london = await insertFollowUp(sql, { due_at: past, lead: { phone: "+442079460123" } });
  const newYork = await insertFollowUp(sql, { due_at: past, lead: { phone: "+12125550142" } });
  await insertFollowUp(sql, {
    due_at: new Date("2099-11-30T00:00Z"),
    lead: { phone: "+442079460124", stage: "closed" },
  });
  const before = await sql`select * from public.follow_ups order by id`;
  const env = { SUPABASE_URL: gateway.url, CRON_JOB_SECRET: cronJobSecret };

  await test.step("at another moment, what is due then is asked of the same rules", async () => {
    const { code, stdout, stderr } = await spawnCommand(
      "dry_run",
      ["--at", MORNING, "--json"],
      env,
    ).ended;
    assert.equal(code, 0, stderr);
    const { at, would_call, would_not_call } = JSON.parse(stdout);
    assert.equal(at, "2099-12-01T09:00:00.000Z");
    assert.deepEqual(would_call.map((row: { follow_up_id: string }) => row.follow_up_id), [london]);
    assert.deepEqual(
      would_not_call.map((row: { reason: string }) => row.reason).toSorted(),
      ["Lead is closed", "Outside the calling hours"],
    );
    assert.match(stderr, /│ not {3}│ \+44\*+24 +│ 2099-11-30 00:00 UTC │ /);
    assert.match(stderr, /Would call 1 at 2099-12-01 09:00 UTC, and not 2 others\./);
  });
  await test.step("now, what is due later is not asked about; numbers are masked", async () => {
    const { code, stdout } = await spawnCommand("dry_run", [], env).ended;
    assert.equal(code, 0);
    assert.match(stdout, /^Project http:/);
    assert.match(stdout, /Would call \d now, and not \d others/);
    assert.match(stdout, /\+12\*{7}42/);
    assert.doesNotMatch(stdout, /2125550142|\*24 /);
  });
  await test.step("invoke --dry-run --at is the same", async () => {
    const at = "2099-12-01T12:00-05:00";
    const { code, stdout } = await spawnCommand("invoke", ["--dry-run", "--at", at, "--json"], env)
      .ended;
    assert.equal(code, 0);
    const { would_call } = JSON.parse(stdout);
    assert.deepEqual(
      would_call.map((row: { follow_up_id: string }) => row.follow_up_id).toSorted(),
      [london, newYork].toSorted(),
    );
  });
  await test.step("while paused: whom it would call without the pause, which is told once", async () => {
    await sql`update public.dispatch_settings set paused = true`;
    const twin = await insertFollowUp(sql, {
      due_at: new Date("2026-11-24T10:00Z"),
      lead: { phone: "+442079460123" },
    });
    const { code, stdout, stderr } = await spawnCommand(
      "dry_run",
      ["--at", MORNING, "--json"],
      env,
    ).ended;
    assert.equal(code, 0, stderr);
    const { would_call, would_not_call } = JSON.parse(stdout);
    assert.deepEqual(would_call, []);
    const held = would_not_call.filter((row: { only_paused?: true }) => row.only_paused);
    assert.deepEqual(
      held.map((row: { follow_up_id: string; reason: string }) => [row.follow_up_id, row.reason]),
      [[london, "Paused: dispatch_settings.paused is true"]],
    );
    assert.match(
      stderr,
      /Paused\. Without the pause it would call 1 at 2099-12-01 09:00 UTC, and not 3 others\./,
    );
    assert.match(stderr, /│ call {2}│ \+44\*+23 /);
    assert.match(stderr, /Number is in another live call/);
    assert.doesNotMatch(stderr, /dispatch_settings/);
    await sql`delete from public.follow_ups where id = ${twin}`;
    await sql`update public.dispatch_settings set paused = false`;
  });
  await test.step("a running local stack is asked with its own secret", async () => {
    const access = await readStackAccess({
      kind: "simulated",
      databaseUrl: project.database.url,
      cronJobSecret,
    });
    assert.deepEqual(access, { url: gateway.url, cronJobSecret, secretKey: null });
  });
  await test.step("a wrong secret is code 2", async () => {
    const wrong = { ...env, CRON_JOB_SECRET: "wrong" };
    const { code, stderr } = await spawnCommand("dry_run", [], wrong).ended;
    assert.equal(code, 2);
    assert.match(stderr, /Not let in \(HTTP 401\)/);
  });
  assert.equal(omni.ledger.count, 0);
  assert.deepEqual(await sql`select * from public.follow_ups order by id`, before);
  assert.equal((await sql`select from public.dispatch_runs`).length, 0);
});

Deno.test("dry-run: arguments that are not understood are code 2, and nobody there is code 1", async () => {
  const env = { SUPABASE_URL: "http://127.0.0.1:1", CRON_JOB_SECRET: "secret" };
  const cases: [string, string[], number, RegExp][] = [
    ["dry_run", ["--at", "2026-12-01T09:00"], 2, /Cannot use --at "2026-12-01T09:00"/],
    ["dry_run", ["--async"], 2, /Unknown option '--async'/],
    ["dry_run", ["--url", "ftp://x"], 2, /Cannot use the project URL "ftp:\/\/x"/],
    ["dry_run", [], 1, /No answer from http:\/\/127\.0\.0\.1:1/],
    ["invoke", ["--at", "2026-12-01T09:00Z"], 2, /Cannot use --at without --dry-run/],
    ["dry_run", ["--help"], 0, /^$/],
  ];
  await Promise.all(cases.map(async ([name, args, expected, message]) => {
    const { code, stderr } = await spawnCommand(name, args, env).ended;
    assert.equal(code, expected, stderr);
    assert.match(stderr, message);
  }));
});

Deno.test("findProject: the flag, then the environment, then the stack that runs here", async () => {
  await using folder = await temporaryFolder();
  const env = { SUPABASE_URL: "https://abcd.supabase.co", CRON_JOB_SECRET: "new,old" };
  const named = await findProject(null, env, folder.path);
  assert.deepEqual([named.url, named.cronJobSecret], ["https://abcd.supabase.co", "new"]);
  const flagged = await findProject("https://efgh.supabase.co", env, folder.path);
  assert.equal(flagged.url, "https://efgh.supabase.co");
  await assert.rejects(
    findProject(null, { CRON_JOB_SECRET: "secret" }, folder.path),
    /SUPABASE_URL is missing, and deno task start is not running here \(one that runs with --data is not found\): set/,
  );
});
