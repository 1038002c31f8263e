// Everything accepts connections and never answers: no command may wait for ever.
import assert from "node:assert/strict";
import { spawnCommand } from "../local/commands/spawn_command.ts";
import { startSilentServer } from "../support/start_silent_server.ts";

Deno.test("silent project: dry-run gives up after 30 s, doctor prints all its lines", async () => {
  using silent = startSilentServer();
  const env = {
    SUPABASE_URL: silent.url,
    CRON_JOB_SECRET: "secret",
    DATABASE_URL: `postgres://postgres:secret-word@127.0.0.1:${silent.port}/postgres`,
    OMNI_BASE_URL: silent.url,
    OMNI_API_KEY: "key-word",
    OMNI_AGENT_ID: "1",
    OMNI_FROM_NUMBER_ID: "2",
  };
  const [dryRun, doctor] = await Promise.all([
    spawnCommand("dry_run", [], env).ended,
    spawnCommand("doctor", [], env).ended,
  ]);
  assert.equal(dryRun.code, 1);
  assert.match(dryRun.stderr, /^call-dispatch at http.* did not answer within 30 s/);
  assert.doesNotMatch(dryRun.stderr, /may go on/);
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /fault {3}database {6}Cannot reach the database/);
  assert.match(doctor.stdout, /fault {3}call-dispatch .* did not answer within 30 s/);
  assert.match(doctor.stdout, /fault {3}call-ended {4}The function does not answer/);
  assert.match(doctor.stdout, /- {7}Omni's agent {2}.*it did not answer within 15 s/);
  assert.match(doctor.stdout, /\d ok, \d+ not checked\.\n$/);
  assert.doesNotMatch(doctor.stdout + doctor.stderr, /-word/);
});
