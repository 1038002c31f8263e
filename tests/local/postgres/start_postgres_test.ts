import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect } from "../../../supabase/local/postgres/connect.ts";
import { processStart } from "../../../supabase/local/postgres/process_start.ts";
import { embeddedPostgres } from "../../../supabase/local/postgres/embedded_postgres.ts";
import { serverCommand } from "../../../supabase/local/postgres/server_command.ts";
import { serverUser } from "../../../supabase/local/postgres/server_user.ts";
import {
  startPostgres,
  type StartPostgresOptions,
} from "../../../supabase/local/postgres/start_postgres.ts";
import { eventually } from "../../support/eventually.ts";

const binDirectory = Deno.env.get("POSTGRES_BIN_DIR") || undefined;

async function temporaryDirectory() {
  const path = await Deno.makeTempDir({ prefix: "call-dispatch-test-" });
  await Deno.chmod(path, 0o711);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function ask(url: string, statement: string) {
  const sql = connect(url, { max: 1 });
  try {
    return [...await sql.unsafe(statement)];
  } finally {
    await sql.end();
  }
}

Deno.test("startPostgres keeps committed data through SIGKILL, restart and a new start", async () => {
  await using directory = await temporaryDirectory();
  const options = { dataDirectory: directory.path, binDirectory };
  const first = await startPostgres(options);
  const port = first.port;
  await ask(first.adminUrl, "create table kept as select 1 as n");
  await first.kill();
  await assert.rejects(ask(first.adminUrl, "select 1"));
  await first.restart();
  assert.equal(first.port, port);
  assert.deepEqual(await ask(first.adminUrl, "select n from kept"), [{ n: 1 }]);
  await first.stop();
  const second = await startPostgres(options);
  assert.deepEqual(await ask(second.adminUrl, "select n from kept"), [{ n: 1 }]);
  await second.stop();
});

Deno.test("startPostgres lets nobody in without the password, and only on this machine", async () => {
  await using directory = await temporaryDirectory();
  const postgres = await startPostgres({ dataDirectory: directory.path, binDirectory });
  const url = new URL(postgres.adminUrl);
  url.password = "guess";
  await assert.rejects(ask(url.href, "select 1"), /password authentication failed/);
  assert.deepEqual(await ask(postgres.adminUrl, "show listen_addresses"), [
    { listen_addresses: "127.0.0.1" },
  ]);
  const mode = (await Deno.stat(`${directory.path}/postgres_password`)).mode ?? 0;
  assert.equal(mode & 0o777, 0o600);
  await postgres.stop();
});

Deno.test("startPostgres refuses a data folder that a live run works on", async () => {
  await using directory = await temporaryDirectory();
  const options = { dataDirectory: directory.path, binDirectory };
  const running = await startPostgres(options);
  await assert.rejects(startPostgres(options), /Stop that one first/);
  assert.equal((await ask(running.adminUrl, "select 1")).length, 1);
  await running.stop();
});

Deno.test("startPostgres's server goes down with its run, even when that is killed", async () => {
  await using directory = await temporaryDirectory();
  const options = { dataDirectory: directory.path, binDirectory };
  await using run = await startInAnotherProcess(options);
  run.child.kill("SIGKILL");
  await run.child.status;
  await eventually(
    "the server is gone",
    async () => await processStart(run.serverPid) === null ? true : undefined,
  );
  const next = await startPostgres(options);
  assert.equal((await ask(next.adminUrl, "select 1")).length, 1);
  await next.stop();
});

Deno.test("startPostgres stops a server that was left behind on its cluster", async () => {
  await using directory = await temporaryDirectory();
  const bin = binDirectory ?? await embeddedPostgres(directory.path);
  const options = { dataDirectory: directory.path, binDirectory: bin };
  const first = await startPostgres(options);
  await first.stop();
  const clusterDirectory = `${directory.path}/cluster`;
  const place = { binDirectory: bin, dataDirectory: directory.path, user: await serverUser() };
  const left = serverCommand(place, "postgres", [
    ...["-D", clusterDirectory, "-p", String(first.port)],
    ...["-c", "unix_socket_directories=", "-c", "listen_addresses=127.0.0.1"],
  ]).spawn();
  const drained = Promise.all([
    left.stdout.pipeTo(new WritableStream()),
    left.stderr.pipeTo(new WritableStream()),
  ]);
  await eventually(
    "the server runs",
    () =>
      Deno.readTextFile(`${clusterDirectory}/postmaster.pid`).then(
        (text) => text.includes("ready") ? true : undefined,
        () => undefined,
      ),
  );
  const next = await startPostgres(options);
  assert.equal((await left.status).code, 0);
  assert.equal((await ask(next.adminUrl, "select 1")).length, 1);
  await next.stop();
  await drained;
});

Deno.test("startPostgres says what PostgreSQL said when it cannot start", async () => {
  await using directory = await temporaryDirectory();
  await assert.rejects(
    startPostgres({
      dataDirectory: directory.path,
      binDirectory,
      settings: { shared_buffers: "x" },
    }),
    /did not start[^]*shared_buffers/,
  );
});

async function startInAnotherProcess(options: StartPostgresOptions) {
  const local = new URL("../../../supabase/local/", import.meta.url);
  const script = `${options.dataDirectory}/run.ts`;
  await Deno.writeTextFile(
    script,
    `import { startPostgres } from "${new URL("postgres/start_postgres.ts", local).href}";
    console.log((await startPostgres(${JSON.stringify(options)})).pid);
    setInterval(() => {}, 1000);`,
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", fileURLToPath(new URL("deno.json", local)), script],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const serverPid = Number((await reader.read()).value);
  return { child, serverPid, [Symbol.asyncDispose]: () => reader.cancel() };
}
