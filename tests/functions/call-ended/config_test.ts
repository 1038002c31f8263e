import assert from "node:assert/strict";
import { BadConfiguration } from "../../../supabase/functions/_shared/environment.ts";
import { readConfig } from "../../../supabase/functions/call-ended/config.ts";
import { AGENT_SECRET, GOOD_ENVIRONMENT, SIGNING_SECRET } from "./good_environment.ts";

function faultsOf(changes: Record<string, string>): string[] {
  try {
    readConfig({ ...GOOD_ENVIRONMENT, ...changes });
  } catch (error) {
    if (error instanceof BadConfiguration) return error.faults;
    throw error;
  }
  return [];
}

Deno.test("config: what comes out is where the project is, and no secret of a reporter", () => {
  assert.deepEqual(readConfig(GOOD_ENVIRONMENT), {
    supabaseUrl: "https://project.example",
    supabaseKey: "service-key",
  });
});

Deno.test("config: each of the two secrets can be left out", () => {
  assert.deepEqual(faultsOf({ CALL_ENDED_SECRET: "" }), []);
  assert.deepEqual(faultsOf({ CALL_ENDED_AGENT_SECRET: " " }), []);
});

for (const name of ["CALL_ENDED_SECRET", "CALL_ENDED_AGENT_SECRET"]) {
  Deno.test(`config: ${name} that could be guessed is refused, and is not repeated`, () => {
    for (const value of ["x".repeat(31), `${"x".repeat(32)},short`, ","]) {
      const [fault, ...others] = faultsOf({ [name]: value });
      assert.match(fault ?? "", new RegExp(`^${name} must have at least 32 characters`));
      assert.deepEqual(others, []);
    }
  });

  Deno.test(`config: ${name} may be two while one replaces the other`, () => {
    assert.deepEqual(faultsOf({ [name]: `${"n".repeat(32)}, ${"o".repeat(32)}` }), []);
  });
}

Deno.test("config: the secret that signs cannot also be the agent's", () => {
  const expected = ["CALL_ENDED_AGENT_SECRET must be another secret than CALL_ENDED_SECRET"];
  assert.deepEqual(faultsOf({ CALL_ENDED_AGENT_SECRET: SIGNING_SECRET }), expected);
  assert.deepEqual(
    faultsOf({ CALL_ENDED_AGENT_SECRET: `${AGENT_SECRET},${SIGNING_SECRET}` }),
    expected,
  );
});

Deno.test("config: an address for the reports that call-dispatch would refuse is not looked at", () => {
  assert.deepEqual(faultsOf({ CALL_ENDED_URL: "somewhere" }), []);
});

Deno.test("config: every fault is listed at once, by the variable's name", () => {
  const faults = faultsOf({
    CALL_ENDED_SECRET: "x",
    CALL_ENDED_AGENT_SECRET: "y",
    SUPABASE_URL: "",
    SUPABASE_SERVICE_ROLE_KEY: "",
  });
  assert.deepEqual(faults.map((fault) => fault.split(" ")[0]).sort(), [
    "CALL_ENDED_AGENT_SECRET",
    "CALL_ENDED_SECRET",
    "SUPABASE_SECRET_KEYS",
    "SUPABASE_URL",
  ]);
});
