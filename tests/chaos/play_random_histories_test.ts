import assert from "node:assert/strict";
import fc from "fast-check";
import type { HistoryVerdict } from "./history_verdict.ts";
import { playRandomHistories } from "./play_random_histories.ts";

const WELL: HistoryVerdict = {
  seed: 1,
  rings: 1,
  calls_placed_twice: 0,
  follow_ups_lost: 0,
  unknown: 0,
  ambiguous: 0,
  recovery_s: 0,
  complaints: [],
};

Deno.test("random histories: as many are reported as were asked for", async () => {
  const verdicts: HistoryVerdict[] = [];
  await playAll(20, async () => WELL, verdicts);
  assert.equal(verdicts.length, 20);
});

Deno.test("random histories: the first that fails ends them, in its shortest form and with a way back", async () => {
  const verdicts: HistoryVerdict[] = [];
  const play = async (drawn: number) => ({
    ...WELL,
    rings: drawn,
    complaints: drawn >= 7 ? ["too many"] : [],
  });
  await playAll(20, play, verdicts);
  const [last] = verdicts.slice(-1);
  assert.deepEqual([last?.rings, last?.complaints[0]], [7, "too many"]);
  assert.match(last?.complaints[1] ?? "", /^It comes back with --path \d+(:\d+)*: 7$/);
  assert.ok(verdicts.slice(0, -1).every(({ complaints }) => complaints.length === 0));
  // What is played to make it shorter is no history of its own.
  const again: HistoryVerdict[] = [];
  await playAll(20, async (drawn) => drawn === 0 ? WELL : await play(100 + drawn), again);
  assert.ok(again.length <= 2, JSON.stringify(again));
});

Deno.test("random histories: one that cannot even be begun is no success", async () => {
  const verdicts: HistoryVerdict[] = [];
  const play = () => Promise.reject(new Error("The project cannot be emptied"));
  await assert.rejects(playAll(5, play, verdicts), /cannot be emptied/);
  assert.deepEqual(verdicts, []);
});

Deno.test("random histories: one that cannot be begun once is no success, though the others are well", async () => {
  let begun = 0;
  const play = async () => {
    begun += 1;
    if (begun === 3) throw new Error("The project cannot be emptied");
    return WELL;
  };
  const verdicts: HistoryVerdict[] = [];
  await assert.rejects(playAll(5, play, verdicts), /cannot be emptied/);
  assert.equal(verdicts.length, 2);
});

Deno.test("random histories: fewer than were asked for are no success", async () => {
  const verdicts: HistoryVerdict[] = [];
  const request = { ...requestFor(1, verdicts), path: "0:0:999999" };
  await assert.rejects(
    playRandomHistories(fc.nat({ max: 30 }), request, async () => WELL),
    /Only 0 of 1 random histories were played/,
  );
  assert.deepEqual(verdicts, []);
});

function playAll(
  histories: number,
  play: (drawn: number) => Promise<HistoryVerdict>,
  verdicts: HistoryVerdict[],
): Promise<void> {
  return playRandomHistories(fc.nat({ max: 30 }), requestFor(histories, verdicts), play);
}

function requestFor(histories: number, verdicts: HistoryVerdict[]) {
  const onVerdict = (verdict: HistoryVerdict) => verdicts.push(verdict) > 0;
  return { seed: 3, histories, isShort: true, plant: null, path: null, onVerdict };
}
