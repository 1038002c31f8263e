import assert from "node:assert/strict";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { getFrom } from "../get_from.ts";

Deno.test("the account's numbers come in pages, with their ids", async () => {
  await using omni = await startSimulatedOmni({ otherNumbers: 4, fromNumberId: 7 });
  const idsOf = async (query: string) => {
    const { status, json } = await getFrom(omni, `/phone_number/list${query}`);
    assert.deepEqual([status, json.total_records], [200, 5]);
    return (json.phone_numbers as { id: number }[]).map(({ id }) => id);
  };
  assert.deepEqual(await idsOf(""), [8, 9, 10, 11, 7]);
  assert.deepEqual(await idsOf("?pageno=1&pagesize=3"), [8, 9, 10]);
  assert.deepEqual(await idsOf("?pageno=2&pagesize=3"), [11, 7]);
  assert.deepEqual(await idsOf("?pageno=3&pagesize=3"), []);
});

Deno.test("a page that cannot be is refused, and the key is needed", async () => {
  await using omni = await startSimulatedOmni();
  assert.equal((await getFrom(omni, "/phone_number/list?pageno=0")).status, 400);
  assert.equal((await getFrom(omni, "/phone_number/list?pagesize=151")).status, 400);
  assert.equal((await getFrom(omni, "/phone_number/list", "wrong")).status, 401);
});
