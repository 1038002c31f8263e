import assert from "node:assert/strict";
import { DISPATCH_CONTRACT } from "../../supabase/functions/call-dispatch/dispatch_contract.ts";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertLead } from "../support/insert_lead.ts";

const FUNCTIONS = new URL("../../supabase/functions/", import.meta.url);
const SHARED = "_shared/plan_callbacks.ts";

Deno.test("dispatch_contract: the database and the function's code have the same number", async () => {
  await using database = await freshDatabase();
  const [row] = await database.sql`select public.dispatch_contract() as number`;
  assert.equal(row!.number, DISPATCH_CONTRACT);
});

Deno.test("dispatch_contract: no signature that call-dispatch uses changes without the number", async () => {
  await using database = await freshDatabase();
  const used = await namesIn("call-dispatch/supabase_store.ts", SHARED);
  await assertPinned(
    `contract_${DISPATCH_CONTRACT}.txt`,
    await signatures(database.sql, used),
    "If code that is deployed cannot live with the change, raise dispatch_contract() in a new " +
      "migration and DISPATCH_CONTRACT, and pin the new list under the new number",
  );
});

Deno.test("dispatch_contract: what call-ended uses stays as it is, because it asks for no number", async () => {
  await using database = await freshDatabase();
  const used = await namesIn("call-ended/supabase_store.ts", SHARED);
  await assertPinned(
    "call_ended_signatures.txt",
    await signatures(database.sql, used),
    "A call-ended that was deployed before must go on being able to report",
  );
});

const refused: [string, number | null, RegExp][] = [
  [
    "a function of before there was a number",
    null,
    /^The function call-dispatch is older than the database \(its contract is 1, the database has 3\): deploy call-dispatch again$/,
  ],
  [
    "an older function",
    DISPATCH_CONTRACT - 1,
    /^The function call-dispatch is older .*: deploy call-dispatch again$/,
  ],
  [
    "a newer function",
    DISPATCH_CONTRACT + 1,
    /^The database is older than the function call-dispatch \(its contract is 3, the function needs 4\): apply the migrations with "supabase db push"$/,
  ],
];

for (const [who, number, message] of refused) {
  Deno.test(`begin_dispatch_run: ${who} begins no run, and changes no row`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await insertLead(sql);
    const [asked] = await sql`
      insert into public.dispatch_runs (source) values ('pg_cron') returning id`;
    await sql`alter table public.dispatch_requests disable trigger answer_dispatch_request`;
    await sql`insert into public.dispatch_requests (source) values ('new_lead')`;
    const before = await rowsOf(sql);
    const begin = (id: string | null) =>
      sql`select public.begin_dispatch_run(${id}, 'pg_cron', contract => ${number})`;
    await assert.rejects(begin(asked!.id), { code: "P0001", message });
    await assert.rejects(begin(null), { code: "P0001", message });
    await assert.rejects(sql`select public.check_dispatch_contract(${number})`, { message });
    assert.deepEqual(await rowsOf(sql), before);
  });
}

Deno.test("close_lost_runs: a run that the function refused says so at the next tick, in its words", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const refusal = '{"ok":false,"error":"The function is older"}';
  const started = await sql<{ id: string }[]>`
    insert into public.dispatch_runs (source, started_at, begun_at, net_request_id) values
      ('pg_cron', now() - interval '1 minute', null, 901),
      ('pg_cron', now() - interval '1 minute', now(), 902),
      ('pg_cron', now() - interval '1 minute', null, 903),
      ('pg_cron', now() - interval '5 seconds', null, 904)
    returning id`;
  await sql`
    insert into net._http_response (id, status_code, content, created)
    select id, case id when 903 then 202 else 503 end, ${refusal}, now()
    from generate_series(901, 904) as id`;
  const [closed] = await sql`select public.close_lost_runs() as n`;
  assert.equal(closed!.n, 1);
  const [status] = await sql`select last_run_error from public.call_status`;
  assert.equal(status!.last_run_error, `The function refused the run, HTTP 503: ${refusal}`);
  const [trouble] = await sql`select public.is_trouble_recent('new_lead') as recent`;
  assert.equal(trouble!.recent, true);
  const open = await sql`select id from public.dispatch_runs where finished_at is null`;
  assert.deepEqual(
    open.map((run) => run.id).sort(),
    started.slice(1).map((run) => run.id).sort(),
  );
});

async function namesIn(...files: string[]): Promise<string[]> {
  const names = new Set<string>();
  for (const file of files) {
    const code = await Deno.readTextFile(new URL(file, FUNCTIONS));
    for (const [, name = ""] of code.matchAll(/\bcall\(\s*"(\w+)"/g)) names.add(name);
  }
  assert.ok(names.size > 2, "the calls were found");
  return [...names];
}

async function signatures(sql: Sql, names: string[]): Promise<string> {
  const rows = await sql<{ line: string }[]>`
    select format('%s(%s) returns %s', proname, pg_get_function_arguments(oid),
      pg_get_function_result(oid)) as line
    from pg_proc
    where pronamespace = 'public'::regnamespace and proname in ${sql(names)}
    order by proname`;
  assert.equal(rows.length, names.length, "each name is one function");
  return rows.map((row) => `${row.line}\n`).join("");
}

async function assertPinned(file: string, found: string, hint: string): Promise<void> {
  const pinned = await Deno.readTextFile(new URL(`./contract/${file}`, import.meta.url));
  assert.equal(found, pinned, `tests/migrations/contract/${file} differs. ${hint}:\n${found}`);
}

async function rowsOf(sql: Sql): Promise<string> {
  const rows = await sql`
    select (select jsonb_agg(r) from public.dispatch_runs r) as runs,
      (select jsonb_agg(r) from public.dispatch_requests r) as requests,
      (select jsonb_agg(f) from public.follow_ups f) as follow_ups`;
  return JSON.stringify(rows);
}
