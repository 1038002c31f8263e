// Everything that can go wrong between the function and the database's functions.
import { allAtOnce } from "./all_at_once.ts";
import { answeringLate } from "./gateway_answers_late.ts";
import { answeringNonsense } from "./gateway_answers_nonsense.ts";
import { failingForEver } from "./gateway_fails_for_ever.ts";
import { failingOnce } from "./gateway_fails_once.ts";

Deno.test("gateway: whatever it does, nobody is rung twice and nobody is lost", async (test) => {
  const longest = failingForEver.filter(({ name }) => name.startsWith("open_call_attempts"));
  const others = failingForEver.filter((each) => !longest.includes(each));
  await allAtOnce(test, [
    ...longest,
    ...answeringLate,
    ...others,
    ...failingOnce,
    ...answeringNonsense,
  ]);
});
