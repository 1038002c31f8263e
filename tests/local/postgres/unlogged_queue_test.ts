// What becomes of pg_net's tables when the database goes down: the reason why a run that was asked for
// may never come, and why the number of a request says little after a crash.
import assert from "node:assert/strict";
import { bootstrapDatabase } from "../../../supabase/local/postgres/bootstrap_database.ts";
import { connect } from "../../../supabase/local/postgres/connect.ts";
import { startPostgres } from "../../../supabase/local/postgres/start_postgres.ts";

const binDirectory = Deno.env.get("POSTGRES_BIN_DIR") || undefined;

async function ask(url: string, statement: string) {
  const sql = connect(url, { max: 1 });
  try {
    return [...await sql.unsafe(statement)];
  } finally {
    await sql.end();
  }
}

const QUEUE_ONE = "select net.http_post('http://127.0.0.1/hook')::int as id";
const COUNTS = `select
  (select count(*)::int from net.http_request_queue) as queued,
  (select count(*)::int from net._http_response) as responses,
  (select count(*)::int from public.kept) as kept`;

Deno.test("net keeps its tables through an orderly restart, loses them in a crash, and counts anew", async () => {
  const path = await Deno.makeTempDir({ prefix: "call-dispatch-test-" });
  await Deno.chmod(path, 0o711);
  const postgres = await startPostgres({ dataDirectory: path, binDirectory });
  try {
    // Not the one that a real pg_cron serves: its launcher would hold it.
    await ask(postgres.adminUrl, "create database project");
    const adminUrl = postgres.url("project", "supabase_admin");
    await bootstrapDatabase({ adminUrl, realCron: false });
    await ask(adminUrl, "create table public.kept as select 1 as n");
    await ask(adminUrl, "insert into net._http_response (id, status_code) values (0, 200)");
    assert.deepEqual(await ask(adminUrl, QUEUE_ONE), [{ id: 1 }]);

    await postgres.restart();
    assert.deepEqual(await ask(adminUrl, COUNTS), [{ queued: 1, responses: 1, kept: 1 }]);

    await postgres.kill();
    await postgres.restart();
    assert.deepEqual(await ask(adminUrl, COUNTS), [{ queued: 0, responses: 0, kept: 1 }]);
    assert.deepEqual(await ask(adminUrl, QUEUE_ONE), [{ id: 1 }]);
  } finally {
    await postgres.stop();
    await Deno.remove(path, { recursive: true });
  }
});
