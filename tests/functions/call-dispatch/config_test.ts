import assert from "node:assert/strict";
import { BadConfiguration, projectKeys } from "../../../supabase/functions/_shared/environment.ts";
import { readConfig } from "../../../supabase/functions/call-dispatch/config.ts";
import { GOOD_ENVIRONMENT } from "./good_environment.ts";

function faultsOf(changes: Record<string, string>): string[] {
  try {
    readConfig({ ...GOOD_ENVIRONMENT, ...changes });
  } catch (error) {
    if (error instanceof BadConfiguration) return error.faults;
    throw error;
  }
  return [];
}

Deno.test("config: the needed variables suffice, the others have defaults", () => {
  assert.deepEqual(readConfig(GOOD_ENVIRONMENT), {
    omniBaseUrl: "https://omni.example",
    omniApiKey: "omni-key",
    omniAgentId: 4711,
    omniFromNumberId: 42,
    omniTimeoutMs: 15_000,
    supabaseUrl: "https://project.example",
    supabaseKey: "service-key",
    concurrency: 10,
    timeBudgetMs: 60_000,
    callEndedHook: null,
  });
});

const SECRET = "0123456789abcdef0123456789abcdef";

Deno.test("config: with a secret, calls report their end to this project's own function", () => {
  assert.deepEqual(readConfig({ ...GOOD_ENVIRONMENT, CALL_ENDED_SECRET: SECRET }).callEndedHook, {
    url: "https://project.example/functions/v1/call-ended",
    secret: SECRET,
  });
});

Deno.test("config: calls can report elsewhere, and the newer of two secrets signs", () => {
  const given = {
    CALL_ENDED_SECRET: `${SECRET}new, ${SECRET}`,
    CALL_ENDED_URL: "https://elsewhere.example/ended/",
  };
  assert.deepEqual(readConfig({ ...GOOD_ENVIRONMENT, ...given }).callEndedHook, {
    url: "https://elsewhere.example/ended",
    secret: `${SECRET}new`,
  });
});

Deno.test("config: off switches the reports off", () => {
  const given = { CALL_ENDED_SECRET: SECRET, CALL_ENDED_URL: "off" };
  assert.equal(readConfig({ ...GOOD_ENVIRONMENT, ...given }).callEndedHook, null);
});

Deno.test("config: a secret that could be guessed is refused", () => {
  assert.match(String(faultsOf({ CALL_ENDED_SECRET: "short" })), /CALL_ENDED_SECRET must have/);
  assert.match(String(faultsOf({ CALL_ENDED_SECRET: `${SECRET},x` })), /CALL_ENDED_SECRET must/);
});

Deno.test("config: an address for the reports that is none is refused", () => {
  assert.match(
    String(faultsOf({ CALL_ENDED_URL: "somewhere" })),
    /CALL_ENDED_URL must be off, or a web address/,
  );
});

Deno.test("config: the optional variables are taken where they are given", () => {
  const config = readConfig({
    ...GOOD_ENVIRONMENT,
    OMNI_TIMEOUT_MS: "100",
    DISPATCH_CONCURRENCY: "100",
    DISPATCH_TIME_BUDGET_MS: "300000",
  });
  assert.equal(config.omniTimeoutMs, 100);
  assert.equal(config.concurrency, 100);
  assert.equal(config.timeBudgetMs, 300_000);
});

Deno.test("config: slashes at the end of an address are dropped", () => {
  const addresses = { OMNI_BASE_URL: "https://omni.example/v2//", SUPABASE_URL: "https://p.io/" };
  const config = readConfig({ ...GOOD_ENVIRONMENT, ...addresses });
  assert.equal(config.omniBaseUrl, "https://omni.example/v2");
  assert.equal(config.supabaseUrl, "https://p.io");
});

Deno.test("config: an address with blanks around it is cleaned, or each call would break", () => {
  const addresses = { OMNI_BASE_URL: " https://omni.example ", SUPABASE_URL: "https://p.io\n" };
  const config = readConfig({ ...GOOD_ENVIRONMENT, ...addresses });
  assert.equal(config.omniBaseUrl, "https://omni.example");
  assert.equal(config.supabaseUrl, "https://p.io");
});

for (const name of ["OMNI_BASE_URL", "SUPABASE_URL"]) {
  for (
    const address of [
      "omni.example",
      "/api",
      "https://",
      "ftp://omni.example",
      "javascript:alert(1)",
      "http://omni.example",
      "http://127.0.0.1.omni.example",
      "http://localhost.omni.example:8000",
    ]
  ) {
    Deno.test(`config: "${address}" is no address for ${name}`, () => {
      const [fault, ...others] = faultsOf({ [name]: address });
      assert.match(fault ?? "", new RegExp(`^${name} must `));
      assert.deepEqual(others, []);
    });
  }
}

Deno.test("config: an address with a query or a fragment is refused, for no path can follow it", () => {
  assert.match(faultsOf({ OMNI_BASE_URL: "https://omni.example/?v=1" })[0] ?? "", /^OMNI_BASE_URL/);
  assert.match(faultsOf({ OMNI_BASE_URL: "https://omni.example/#v1" })[0] ?? "", /^OMNI_BASE_URL/);
});

Deno.test("config: plain http is taken for this machine and the local stack only", () => {
  const hosts = ["127.0.0.1:8000", "localhost", "[::1]:54321", "host.docker.internal", "kong:8000"];
  for (const host of hosts) {
    assert.deepEqual(
      faultsOf({ OMNI_BASE_URL: `http://${host}`, SUPABASE_URL: `http://${host}` }),
      [],
    );
  }
});

const badNumbers: [string, string[]][] = [
  ["OMNI_AGENT_ID", ["0", "-1", "1.5", "1e3", "abc", " 5", "0x10", "9007199254740993", "٤٢"]],
  ["OMNI_FROM_NUMBER_ID", ["0", "+14155552671", "4,711"]],
  ["OMNI_TIMEOUT_MS", ["0", "99", "60001", "NaN"]],
  ["DISPATCH_CONCURRENCY", ["0", "101", "ten"]],
  ["DISPATCH_TIME_BUDGET_MS", ["999", "300001", "Infinity"]],
];
for (const [name, values] of badNumbers) {
  Deno.test(`config: ${name} takes none of ${values.join(", ")}`, () => {
    for (const value of values) {
      const faults = faultsOf({ [name]: value });
      assert.equal(faults.length, 1, value);
      assert.match(
        faults[0] ?? "",
        new RegExp(`^${name} must be a whole number from \\d+ to \\d+$`),
      );
    }
  });
}

for (const name of ["OMNI_API_KEY", "SUPABASE_SERVICE_ROLE_KEY"]) {
  Deno.test(`config: ${name} must fit into a header, and is not repeated in the fault`, () => {
    for (const value of ["se cret", "secret\n", "sécret", "secret\u0000", "secret\r\nx: y"]) {
      const faults = faultsOf({ [name]: value });
      assert.deepEqual(faults, [`${name} must be printable ASCII without spaces`]);
    }
  });
}

Deno.test("config: a project key that fits into no header is a fault, whichever variable has it", () => {
  const faults = faultsOf({ SUPABASE_SECRET_KEYS: JSON.stringify({ default: "sec ret\n" }) });
  assert.match(faults[0] ?? "", /^SUPABASE_SECRET_KEYS/);
});

Deno.test("config: what is empty or blank counts as missing", () => {
  const blank = Object.fromEntries(Object.keys(GOOD_ENVIRONMENT).map((name) => [name, " "]));
  const optional = {
    OMNI_TIMEOUT_MS: "",
    DISPATCH_CONCURRENCY: " ",
    DISPATCH_TIME_BUDGET_MS: "\t",
  };
  assert.deepEqual(faultsOf({ ...blank, ...optional }), faultsOf(noneOf(GOOD_ENVIRONMENT)));
  assert.deepEqual(faultsOf(optional), []);
});

function noneOf(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(environment).map((name) => [name, ""]));
}

Deno.test("config: every fault is listed at once, by the variable's name", () => {
  const bad = { OMNI_TIMEOUT_MS: "x", DISPATCH_CONCURRENCY: "x", DISPATCH_TIME_BUDGET_MS: "x" };
  const faults = faultsOf({ ...noneOf(GOOD_ENVIRONMENT), ...bad });
  assert.deepEqual(faults.map((fault) => fault.split(" ")[0]).sort(), [
    "DISPATCH_CONCURRENCY",
    "DISPATCH_TIME_BUDGET_MS",
    "OMNI_AGENT_ID",
    "OMNI_API_KEY",
    "OMNI_BASE_URL",
    "OMNI_FROM_NUMBER_ID",
    "OMNI_TIMEOUT_MS",
    "SUPABASE_SECRET_KEYS",
    "SUPABASE_URL",
  ]);
});

Deno.test("config: the error's message has all faults in it", () => {
  assert.throws(
    () => readConfig({}),
    (error: Error) => /OMNI_BASE_URL.*OMNI_AGENT_ID.*SUPABASE_URL/s.test(error.message),
  );
});

Deno.test("config: one of the newer keys suffices, the one named default goes before the others", () => {
  const newer = JSON.stringify({ web: "web-key", default: "default-key" });
  const { SUPABASE_SERVICE_ROLE_KEY: _, ...rest } = GOOD_ENVIRONMENT;
  assert.equal(readConfig({ ...rest, SUPABASE_SECRET_KEYS: newer }).supabaseKey, "default-key");
  assert.deepEqual(projectKeys({ ...GOOD_ENVIRONMENT, SUPABASE_SECRET_KEYS: newer }), [
    "default-key",
    "web-key",
    "service-key",
  ]);
});

Deno.test("config: newer keys that cannot be read leave the older one", () => {
  for (
    const newer of ["", "{", "null", "[]", '["key"]', '{"default":""}', '{"default":5}', "key"]
  ) {
    assert.deepEqual(projectKeys({ ...GOOD_ENVIRONMENT, SUPABASE_SECRET_KEYS: newer }), [
      "service-key",
    ], newer);
  }
});

Deno.test("config: no key at all is a fault and not an open door", () => {
  assert.deepEqual(projectKeys({}), []);
  assert.deepEqual(projectKeys({ SUPABASE_SERVICE_ROLE_KEY: "  " }), []);
  assert.match(
    faultsOf({ SUPABASE_SERVICE_ROLE_KEY: "" })[0] ?? "",
    /SUPABASE_SECRET_KEYS or SUPABASE_SERVICE_ROLE_KEY is missing/,
  );
});
