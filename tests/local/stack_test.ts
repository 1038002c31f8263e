import assert from "node:assert/strict";
import { connect } from "../../supabase/local/postgres/connect.ts";
import { startStack } from "../../supabase/local/stack.ts";
import { eventually } from "../support/eventually.ts";
import { FUNCTIONS_DIRECTORY } from "./fixtures/functions_directory.ts";

Deno.test("stack carries a scheduled job through net and gateway to the function", async () => {
  const dataDirectory = await Deno.makeTempDir({ prefix: "call-dispatch-stack-" });
  await Deno.chmod(dataDirectory, 0o711);
  const said: string[] = [];
  const options = {
    dataDirectory,
    functions: ["echo"],
    functionsDirectory: FUNCTIONS_DIRECTORY,
    every: { ping: 100 },
    onProgress: (message: string) => said.push(message),
  };
  const first = await startStack(options);
  const sql = connect(first.databaseUrl, { max: 1 });
  await sql`
    select cron.schedule('ping', '10 * * * *', $$
      select net.http_post(
        (select decrypted_secret from vault.decrypted_secrets where name = 'project_url') || '/functions/v1/echo',
        headers => jsonb_build_object('x-cron-secret',
          (select decrypted_secret from vault.decrypted_secrets where name = 'cron_job_secret')))
    $$)`;
  if (!first.postgres.realCron) {
    const content = await eventually("a reply of the function", async () => {
      const [row] = await sql`select content from net._http_response where status_code = 200`;
      return row?.content as string | undefined;
    });
    assert.equal(JSON.parse(content).secret, first.cronJobSecret);
  }
  await sql.end();
  await first.stop();
  await first.stop();
  assert.ok(said.includes("Applying the migrations"));

  const second = await startStack({ ...options, clock: false });
  assert.equal(second.secretKey, first.secretKey);
  assert.equal(second.cronJobSecret, first.cronJobSecret);
  assert.equal(second.callEndedSecret, first.callEndedSecret);
  const again = connect(second.databaseUrl, { max: 1 });
  const secrets =
    await again`select decrypted_secret from vault.decrypted_secrets where name = 'project_url'`;
  assert.deepEqual([...secrets], [{ decrypted_secret: second.url }]);
  const [asked] = await again`select net.http_post(${`${second.url}/functions/v1/echo`}) as id`;
  await eventually("a reply of the function, without the clock", async () => {
    const [row] = await again`
      select status_code from net._http_response where id = ${asked?.id} and status_code = 200`;
    return row;
  });
  await again.end();
  await second.stop();
  await Deno.remove(dataDirectory, { recursive: true });
});

Deno.test("stack leaves nothing running when a part of it cannot start", async () => {
  const dataDirectory = await Deno.makeTempDir({ prefix: "call-dispatch-stack-" });
  await Deno.chmod(dataDirectory, 0o711);
  await assert.rejects(
    startStack({ dataDirectory, functions: ["broken"], functionsDirectory: FUNCTIONS_DIRECTORY }),
    /Function "broken" did not start/,
  );
  await assert.rejects(Deno.stat(`${dataDirectory}/cluster/postmaster.pid`));
  await Deno.remove(dataDirectory, { recursive: true });
});
