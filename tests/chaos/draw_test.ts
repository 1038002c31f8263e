import assert from "node:assert/strict";
import { Draw } from "./draw.ts";

const SEEDS = Array.from({ length: 400 }, (_, seed) => seed);

Deno.test("draw: the same seed draws the same", () => {
  const drawn = () => {
    const draw = new Draw(7);
    return [draw.whole(1, 1_000), draw.flip(), draw.pick(["a", "b", "c"])];
  };
  assert.deepEqual(drawn(), drawn());
});

Deno.test("draw: seeds that follow each other draw what has nothing to do with it", () => {
  for (const before of [0, 1, 2, 3]) {
    const heads = SEEDS.map((seed) => {
      const draw = new Draw(seed);
      for (let drawn = 0; drawn < before; drawn += 1) draw.whole(1, 9);
      return draw.flip();
    });
    const share = heads.filter(Boolean).length / heads.length;
    assert.ok(share > 0.4 && share < 0.6, `${share} after ${before}`);
    const changes = heads.filter((head, index) => index > 0 && head !== heads[index - 1]).length;
    assert.ok(changes > 0.4 * heads.length && changes < 0.6 * heads.length, `${changes} changes`);
  }
});

Deno.test("draw: all of a range comes, and nothing beside it", () => {
  const drawn = new Set(SEEDS.map((seed) => new Draw(seed).whole(3, 6)));
  assert.deepEqual([...drawn].sort(), [3, 4, 5, 6]);
});

Deno.test("draw: histories in a row take one after the other", () => {
  const taken = [3, 4, 5, 6].map((seed) => new Draw(seed).inTurn(["a", "b", "c"]));
  assert.deepEqual(taken, ["a", "b", "c", "a"]);
});
