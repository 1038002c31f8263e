// What can be wrong with the deployed functions, each brought about with the real ones where that can be.
import assert from "node:assert/strict";
import { callEndedCheck } from "../../../../supabase/local/commands/doctor/checks/call_ended_check.ts";
import { functionCheck } from "../../../../supabase/local/commands/doctor/checks/function_check.ts";
import { repliesCheck } from "../../../../supabase/local/commands/doctor/checks/replies_check.ts";
import { variablesCheck } from "../../../../supabase/local/commands/doctor/checks/variables_check.ts";
import { eventually } from "../../../support/eventually.ts";
import { insertLead } from "../../../support/insert_lead.ts";
import { openPatient } from "./open_patient.ts";
import { verdictsOf } from "./wrong_state.ts";

/** A project that answers everything alike, for states that ours cannot be brought into. */
function startOther(status: number, body: unknown) {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json(body, { status }),
  );
  const project = {
    url: `http://127.0.0.1:${server.addr.port}`,
    cronJobSecret: "secret",
    secretKey: null,
  };
  return { project, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("doctor: the deployed functions, and each wrong state of them", async (test) => {
  await using world = await openPatient();
  const { project } = world;
  const { sql, gateway } = project;
  const ask = () => verdictsOf(functionCheck, world.patient());

  await test.step("all is well", async () => {
    assert.match(
      (await ask()).join(),
      /^ok: The function answers, lets no stranger in, and fits the/,
    );
    assert.match(
      (await verdictsOf(callEndedCheck, world.patient())).join(),
      /^ok: The function answers, and lets no stranger in$/,
    );
  });
  await test.step("a secret that it does not have", async () => {
    const locked = { url: gateway.url, cronJobSecret: "wrong", secretKey: null };
    const verdicts = await verdictsOf(functionCheck, { ...world.patient(), project: locked });
    assert.match(
      verdicts.join(),
      /^fault: The function does not let us in \(HTTP 401\): its CRON_JOB/,
    );
  });
  await test.step("a database that is newer, and one that is older", async () => {
    const setContract = (number: number) =>
      sql.unsafe(`create or replace function public.dispatch_contract() returns integer
        language sql immutable security invoker set search_path = '' as 'select ${number}'`);
    const [{ contract } = { contract: 0 }] = await sql<{ contract: number }[]>`
      select public.dispatch_contract() as contract`;
    await setContract(contract + 1);
    assert.match(
      (await ask()).join(),
      /^fault: .*function call-dispatch is older than the database/,
    );
    await setContract(contract - 1);
    assert.match(
      (await ask()).join(),
      /^fault: .*database is older than the function call-dispatch/,
    );
    await setContract(contract);
  });
  await test.step("a reply without a number, and one that is higher", async () => {
    const told = { ok: true, dry_run: true, would_call: [], would_not_call: [] };
    await using stale = startOther(200, told);
    const old = await verdictsOf(functionCheck, { ...world.patient(), project: stale.project });
    assert.match(
      old.join("\n"),
      /^fault: The deployed function is out of date \(contract none, the database has \d+\): supabase functions deploy/m,
    );
    await using newer = startOther(200, { ...told, contract: 99 });
    const other = await verdictsOf(functionCheck, { ...world.patient(), project: newer.project });
    assert.match(
      other.join("\n"),
      /^fault: The deployed function is newer than the database \(contract 99, .*: supabase db push/m,
    );
    const alone = await verdictsOf(functionCheck, { project: newer.project });
    assert.match(alone.join("\n"), /is newer than this checkout .*: git pull/);
  });
  await test.step("a door that stands open", async () => {
    await using open = startOther(200, { ok: true });
    const verdicts = await verdictsOf(functionCheck, { project: open.project });
    assert.match(
      verdicts.join("\n"),
      /^fault: The function lets anybody in, and anybody may start runs/m,
    );
    const ended = await verdictsOf(callEndedCheck, { project: open.project });
    assert.match(ended.join(), /^fault: The function answers a stranger with HTTP 200/);
  });
  await test.step("a gateway that refuses before the function is asked", async () => {
    await using shut = startOther(401, { code: 401, message: "Missing authorization header" });
    for (const check of [functionCheck, callEndedCheck]) {
      const verdicts = await verdictsOf(check, { project: shut.project });
      assert.match(
        verdicts.join(),
        /^fault: The platform's gateway refuses .*verify_jwt is false$/,
      );
    }
  });
  await test.step("nobody there", async () => {
    const nowhere = { url: "http://127.0.0.1:1", cronJobSecret: "secret", secretKey: null };
    assert.match(
      (await verdictsOf(functionCheck, { project: nowhere })).join(),
      /^fault: No answer from http:\/\/127\.0\.0\.1:1/,
    );
    assert.match(
      (await verdictsOf(callEndedCheck, { project: nowhere })).join(),
      /^fault: The function does not answer/,
    );
  });
  await test.step("the function's answer to a tick", async () => {
    await insertLead(sql);
    await sql`select public.invoke_call_dispatch()`;
    const taken = await eventually("the run is taken up", async () => {
      const verdicts = await verdictsOf(repliesCheck, world.patient());
      return verdicts[0]?.startsWith("not_checked") ? undefined : verdicts;
    }, 20_000);
    assert.match(taken.join(), /^ok: The last 1 runs that were asked for were taken up/);
  });
  await test.step("a configuration that is bad in the project, and good here", async () => {
    await project.function.restart({
      SUPABASE_URL: gateway.url,
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: gateway.secretKey }),
      ...project.env,
      OMNI_API_KEY: "",
      OMNI_AGENT_ID: "four",
    });
    const verdicts = await ask();
    assert.match(
      verdicts[0]!,
      /^fault: The deployed function says: OMNI_API_KEY is missing\. Set it/,
    );
    assert.match(verdicts[1]!, /^fault: The deployed function says: OMNI_AGENT_ID must be a whole/);
    assert.match((await verdictsOf(variablesCheck, world.patient())).join(), /^ok/);
  });
  await test.step("no function is deployed", async () => {
    await using none = startOther(404, {
      code: "NOT_FOUND",
      message: "Requested function was not found",
    });
    const patient = { ...world.patient(), project: none.project };
    assert.match(
      (await verdictsOf(functionCheck, patient)).join(),
      /^fault: The function is not deployed: supabase functions deploy call-dispatch/,
    );
    assert.match((await verdictsOf(callEndedCheck, patient)).join(), /^fault: .* is not deployed/);
    const unused = { ...world.patient({ CALL_ENDED_SECRET: undefined }), project: none.project };
    assert.match(
      (await verdictsOf(callEndedCheck, unused)).join(),
      /^not_checked: not deployed, and nobody is to report to it/,
    );
  });
  // A dry run and a stranger's knock: nobody was called but by the one tick.
  assert.ok(project.omni.ledger.count <= 1);
});

Deno.test("doctor: each fault of the variables is named, and no value is repeated", async () => {
  const good = {
    OMNI_BASE_URL: "https://omni.test",
    OMNI_API_KEY: "key-word",
    OMNI_AGENT_ID: "1",
    OMNI_FROM_NUMBER_ID: "2",
    CRON_JOB_SECRET: "cron-word",
    CALL_ENDED_SECRET: "s".repeat(32),
  };
  assert.match((await verdictsOf(variablesCheck, { variables: good })).join(), /^ok: /);
  const bad = {
    ...good,
    OMNI_BASE_URL: "http://omni.test",
    OMNI_AGENT_ID: "+14155550123",
    CALL_ENDED_SECRET: "short-word",
    DISPATCH_CONCURRENCY: "1000",
    SUPABASE_URL: "nowhere",
  };
  const faults = await verdictsOf(variablesCheck, { variables: bad });
  for (
    const [index, named] of [
      /^fault: OMNI_BASE_URL must begin with https/,
      /^fault: OMNI_AGENT_ID must be a whole number/,
      /^fault: DISPATCH_CONCURRENCY must be .* from 1 to 100: set it in \.env/,
      /^fault: CALL_ENDED_SECRET must have at least 32/,
      /^fault: SUPABASE_URL must be a web address/,
    ].entries()
  ) assert.match(faults[index]!, named);
  assert.equal(faults.length, 5);
  assert.doesNotMatch(faults.join(), /-word/);
  const { CRON_JOB_SECRET: _, ...open } = good;
  assert.match(
    (await verdictsOf(variablesCheck, { variables: open })).join(),
    /^warning: CRON_JOB_SECRET is not set: .*openssl rand -hex 32/,
  );
});
