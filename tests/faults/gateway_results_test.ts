// Results are what a run tries longest to store, for minutes, because nobody else knows them.
import { allAtOnce } from "./all_at_once.ts";
import { recordingNonsense } from "./gateway_answers_nonsense.ts";

Deno.test("gateway: results that cannot be stored for minutes lose nobody", async (test) => {
  await allAtOnce(test, recordingNonsense);
});
