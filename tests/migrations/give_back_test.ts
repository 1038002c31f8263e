import assert from "node:assert/strict";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

Deno.test("release: gives a claim back at once, and a stale token changes nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  const [row] = await claim(sql);
  const release = async (token: string) =>
    (await sql`select public.release_follow_ups(${[token]}::uuid[]) as n`)[0]!.n;
  assert.equal(await release(crypto.randomUUID()), 0);
  assert.equal(await release(row!.lease_token), 1);
  assert.equal((await claim(sql)).length, 1);
  assert.equal(await release(row!.lease_token), 0);
});

Deno.test("release: what was opened is not given back", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const claimed = await claim(sql);
  await open(sql, claimed);
  await sql`select public.release_follow_ups(${[claimed[0]!.lease_token]}::uuid[])`;
  assert.equal((await followUp(sql, id)).lease_token, claimed[0]!.lease_token);
});

Deno.test("fail: gives up a claimed row with its reason, and only under its token", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const [row] = await claim(sql);
  const fail = async (lease_token: string) => {
    const items = JSON.stringify([{ follow_up_id: id, lease_token, reason: "Not a number" }]);
    return (await sql`select public.fail_follow_ups(${items}::text::jsonb) as n`)[0]!.n;
  };
  assert.equal(await fail(crypto.randomUUID()), 0);
  assert.equal((await followUp(sql, id)).status, "pending");
  assert.equal(await fail(row!.lease_token), 1);
  const { status, reason } = await followUp(sql, id);
  assert.deepEqual({ status, reason }, { status: "failed", reason: "Not a number" });
});

Deno.test("fail: a phone that was corrected after the claim keeps its follow-up, and is claimed anew", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const corrected = await insertFollowUp(sql, { lead: { phone: "12" } });
  const wrong = await insertFollowUp(sql, { lead: { phone: "34" } });
  const claimed = await claim(sql);
  await sql`update public.leads set phone = '+14155550100' where phone = '12'`;
  const items = claimed.map((row) => ({ ...row, reason: "Phone number is not valid" }));
  const [{ n } = { n: null }] = await sql`
    select public.fail_follow_ups(${JSON.stringify(items)}::text::jsonb) as n`;
  assert.equal(n, 1);
  const { status, reason, lease_token } = await followUp(sql, corrected);
  assert.deepEqual({ status, reason, lease_token }, {
    status: "pending",
    reason: null,
    lease_token: null,
  });
  assert.equal((await followUp(sql, wrong)).status, "failed");
  assert.deepEqual((await claim(sql)).map((row) => row.phone), ["+14155550100"]);
});

for (const act of ["fail", "release"]) {
  Deno.test(`${act}: rows that an app holds are waited for less than a second`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await insertFollowUp(sql);
    const claimed = await claim(sql);
    const items = JSON.stringify(claimed.map((row) => ({ ...row, reason: "No number" })));
    const tokens = claimed.map((row) => row.lease_token);
    await sql.begin(async (app) => {
      await app`update public.follow_ups set message = 'edited' where status = 'pending'`;
      await assert.rejects(
        act === "fail"
          ? sql`select public.fail_follow_ups(${items}::text::jsonb)`
          : sql`select public.release_follow_ups(${tokens}::uuid[])`,
        { code: "55P03" },
      );
    });
  });
}

Deno.test("retry: makes a failed or skipped follow-up due again, and no other", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const retry = async (id: string) =>
    (await sql`select public.retry_follow_up(${id}) as done`)[0]!.done;
  for (const status of ["failed", "skipped"]) {
    const id = await insertFollowUp(sql, { status, attempts: 6 });
    assert.equal(await retry(id), true);
    const row = await followUp(sql, id);
    assert.deepEqual([row.status, row.attempts, row.reason], ["pending", 0, null]);
  }
  for (const status of ["completed", "cancelled"]) {
    const id = await insertFollowUp(sql, { status });
    assert.equal(await retry(id), false);
    assert.equal((await followUp(sql, id)).status, status);
  }
});

for (
  const [verdict, attempt, status, claimable] of [
    ["placed", "ended", "completed", 0],
    ["not_placed", "abandoned", "pending", 1],
  ] as const
) {
  Deno.test(`resolve: ${verdict} settles an unknown attempt`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const id = await insertFollowUp(sql);
    const [opened] = await open(sql, await claim(sql));
    const resolve = async () =>
      (await sql`select public.resolve_call_attempt(${opened!.attempt_id}, ${verdict}) as done`)[0]!
        .done;
    assert.equal(await resolve(), false);
    await record(sql, [opened!], { status: "unknown", error: "x" });
    assert.equal(await resolve(), true);
    assert.equal(await resolve(), false);
    const [row] = await sql`select status from public.call_attempts`;
    assert.equal(row!.status, attempt);
    assert.equal((await followUp(sql, id)).status, status);
    assert.equal((await claim(sql)).length, claimable);
  });
}

Deno.test("resolve: another verdict is refused by name", async () => {
  await using database = await freshDatabase();
  await assert.rejects(
    database.sql`select public.resolve_call_attempt(gen_random_uuid(), 'maybe')`,
    /verdict "maybe"/,
  );
});

Deno.test("retry: what was, or may have been, called is not made due again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  await record(sql, await open(sql, await claim(sql)), { status: "accepted" });
  await sql`update public.follow_ups set status = 'skipped'`;
  const [row] = await sql`select public.retry_follow_up(${id}) as done`;
  assert.equal(row!.done, false);
});
