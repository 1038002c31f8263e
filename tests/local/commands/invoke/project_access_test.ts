import assert from "node:assert/strict";
import { readProjectAccess } from "../../../../supabase/local/commands/invoke/project_access.ts";

const URL_OF_PROJECT = "https://abcd.supabase.co";

Deno.test("readProjectAccess: the flag beats the variable, of two secrets the first is sent", () => {
  const env = { SUPABASE_URL: "https://other.supabase.co", CRON_JOB_SECRET: "new, old" };
  assert.deepEqual(readProjectAccess(env, `${URL_OF_PROJECT}/`), {
    url: URL_OF_PROJECT,
    cronJobSecret: "new",
    secretKey: null,
  });
});

Deno.test("readProjectAccess: the newer key comes first", () => {
  const env = { SUPABASE_SECRET_KEY: "sb_secret_1", SUPABASE_SERVICE_ROLE_KEY: "eyJ" };
  assert.equal(readProjectAccess(env, URL_OF_PROJECT).secretKey, "sb_secret_1");
});

Deno.test("readProjectAccess: what is missing or unsafe is refused", () => {
  const secret = { CRON_JOB_SECRET: "s" };
  const cases: [Record<string, string>, string | null, RegExp][] = [
    [secret, null, /SUPABASE_URL is missing/],
    [{}, URL_OF_PROJECT, /CRON_JOB_SECRET is missing/],
    [secret, "abcd", /"abcd"/],
    [secret, "http://abcd.supabase.co", /"http:/],
  ];
  for (const login of ["https://user:pass-word@abcd.supabase.co", "user:pass-word@abcd"]) {
    cases.push([secret, login, /^(?!.*pass-word)Cannot use the project URL: there is an @ in it/]);
  }
  for (const [env, url, message] of cases) {
    assert.throws(() => readProjectAccess(env, url), { name: "UsageError", message });
  }
});
