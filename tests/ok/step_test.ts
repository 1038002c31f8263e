import assert from "node:assert/strict";
import { count, runStep } from "./step.ts";

const PASSED =
  "running 2 tests from ./a_test.ts\na ... ok (1ms)\n\nok | 2 passed (3 steps) | 0 failed (1s)\n";
const FAILED = "running 2 tests from ./a_test.ts\na ... FAILED (1ms)\n\n ERRORS \n\n" +
  "a => ./a_test.ts:1:6\nerror: Error: why\n\n FAILURES \n\na => ./a_test.ts:1:6\n\n" +
  "FAILED | 1 passed | 1 failed (1s)\n";

Deno.test("step: a run of tests counts as its tests", () => {
  assert.deepEqual(count(PASSED, true), { passed: 2, failed: 0, failures: "" });
});

Deno.test("step: what a test that fails said of it is kept, and not what the others said", () => {
  const { passed, failed, failures } = count(PASSED + FAILED, false);
  assert.deepEqual([passed, failed], [1, 1]);
  assert.match(failures, /^ERRORS.*error: Error: why.*FAILED \| 1 passed \| 1 failed \(1s\)$/s);
});

Deno.test("step: another program counts as one, and its end is kept", () => {
  assert.deepEqual(count("all is well\n", true), { passed: 1, failed: 0, failures: "" });
  const { passed, failed, failures } = count(`${"x\n".repeat(9_000)}the cause\n`, false);
  assert.deepEqual([passed, failed], [0, 1]);
  assert.match(failures, /the cause$/);
  assert.ok(failures.length < 5_000);
});

Deno.test("step: of very many failures the first and the last are kept", () => {
  const { failures } = count(`\n ERRORS \nthe first\n${"x\n".repeat(9_000)}the last\n`, false);
  assert.match(failures, /^ERRORS \nthe first\n.*…\n.*the last$/s);
  assert.ok(failures.length < 5_000);
});

Deno.test("step: a run whose tests pass and which fails nevertheless has failed", () => {
  assert.deepEqual([count(PASSED, false).passed, count(PASSED, false).failed], [2, 1]);
});

Deno.test("step: what a program says of its failure counts on whichever stream it says it", async () => {
  const says = "console.log('a table'); console.error('the cause'); Deno.exit(1)";
  const step = { name: "one that fails", command: [Deno.execPath(), "eval", says] };
  const { passed, failed, failures } = await runStep(step);
  assert.deepEqual([passed, failed], [0, 1]);
  assert.match(failures, /a table/);
  assert.match(failures, /the cause/);
});
