// Everything that can go wrong between the function and the database's functions, but for what takes minutes:
// gateway_results_test.ts.
import { allAtOnce, type FaultCase } from "./all_at_once.ts";
import { answeringLate } from "./gateway_answers_late.ts";
import { answeringNonsense } from "./gateway_answers_nonsense.ts";
import { failingForEver } from "./gateway_fails_for_ever.ts";
import { failingOnce } from "./gateway_fails_once.ts";

// Each of these takes half a minute.
const LONG = /^nonsense .* (claim_due|open_call)|^(claim_due|open_call)|held .* done/;

Deno.test("gateway: whatever it does, nobody is rung twice and nobody is lost", async (test) => {
  const all = [...answeringLate, ...failingForEver, ...failingOnce, ...answeringNonsense];
  const isLong = ({ name }: FaultCase) => LONG.test(name);
  await allAtOnce(test, [...all.filter(isLong), ...all.filter((each) => !isLong(each))]);
});
