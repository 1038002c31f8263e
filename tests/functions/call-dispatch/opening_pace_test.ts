import assert from "node:assert/strict";
import { OpeningPace } from "../../../supabase/functions/call-dispatch/opening_pace.ts";

function newPace(wake = () => {}): OpeningPace {
  return new OpeningPace({ longestWaitMs: 1_000, wake });
}

function paceThatKnows(openingMs: number, replyMs: number, wake = () => {}): OpeningPace {
  const pace = newPace(wake);
  pace.openedWithin(openingMs);
  pace.repliedWithin(replyMs);
  return pace;
}

/** Asks as often as it says that attempts are to be opened; returns how many each time. */
function openAll(pace: OpeningPace, { limit, taken = 0, ready = 1_000 }: {
  limit: number;
  taken?: number;
  ready?: number;
}): number[] {
  const counts: number[] = [];
  for (;;) {
    const count = pace.next({ limit, taken, ready });
    if (count === 0) return counts;
    counts.push(count);
    taken += count;
    ready -= count;
  }
}

Deno.test("opening pace: as long as nothing is known, no more is opened than can be sent", () => {
  assert.deepEqual(openAll(newPace(), { limit: 50 }), Array(5).fill(10));
});

Deno.test("opening pace: with replies that take long, no more is opened than can be sent", async () => {
  for (const limit of [1, 2, 10, 20]) {
    const opened = openAll(paceThatKnows(10, 1_000), { limit }).reduce((sum, n) => sum + n, 0);
    // One or two may wait for others.
    assert.ok(opened > limit - 3 && opened <= limit, `${opened} with a limit of ${limit}`);
  }
  // Until their patience is over.
  await new Promise((next) => setTimeout(next, 10));
});

Deno.test("opening pace: where lines become free while the database is at work, the next are there by then", () => {
  // Four lines become free meanwhile: a flock is begun while four are left to be sent.
  const pace = paceThatKnows(6, 100);
  assert.deepEqual(openAll(pace, { limit: 50, taken: 55 }), []);
  assert.deepEqual(openAll(pace, { limit: 50, taken: 54 }), [10]);
});

Deno.test("opening pace: never more than two fifths of the lines, or of few a half, is ahead", () => {
  const slow = paceThatKnows(15_000, 20);
  assert.deepEqual(openAll(slow, { limit: 50, taken: 50 }), [10, 10]);
  assert.deepEqual(openAll(slow, { limit: 20, taken: 20 }), [4, 4]);
  assert.deepEqual(openAll(slow, { limit: 12, taken: 12 }), [3, 3]);
  assert.deepEqual(openAll(slow, { limit: 6, taken: 6 }), [3]);
  assert.deepEqual(openAll(slow, { limit: 2, taken: 1 }), [2]);
  for (let limit = 2; limit <= 100; limit += 1) {
    const ahead = openAll(slow, { limit, taken: limit }).reduce((sum, count) => sum + count, 0);
    const most = limit < 15 ? Math.min(6, limit / 2) : limit * 2 / 5;
    assert.ok(ahead <= most, `${ahead} ahead of ${limit} lines`);
  }
});

Deno.test("opening pace: nothing is ahead of replies that take longer than an attempt may wait", () => {
  assert.deepEqual(openAll(paceThatKnows(500, 1_001), { limit: 50, taken: 50 }), []);
  assert.deepEqual(openAll(paceThatKnows(500, 999), { limit: 50, taken: 50 }), [10, 10]);
});

Deno.test("opening pace: nothing is ahead of a call that is tried alone", () => {
  assert.deepEqual(openAll(paceThatKnows(15_000, 20), { limit: 1, taken: 1 }), []);
});

Deno.test("opening pace: what it knows follows what it sees", () => {
  const pace = paceThatKnows(10, 100);
  for (let reply = 0; reply < 30; reply += 1) pace.repliedWithin(5_000);
  assert.deepEqual(openAll(pace, { limit: 50, taken: 50 }), []);
});

Deno.test("opening pace: a few free lines wait for others, but not for long", async () => {
  const { promise: woken, resolve } = Promise.withResolvers<void>();
  const pace = newPace(resolve);
  assert.equal(pace.next({ limit: 50, taken: 48, ready: 100 }), 0);
  await woken;
  assert.equal(pace.next({ limit: 50, taken: 48, ready: 100 }), 2);
  // Patience begins anew.
  const before = pace.next({ limit: 50, taken: 48, ready: 100 });
  await new Promise((next) => setTimeout(next, 10));
  assert.deepEqual([before, pace.next({ limit: 50, taken: 48, ready: 100 })], [0, 2]);
});

Deno.test("opening pace: while no line stands idle there is no hurry", async () => {
  let wakes = 0;
  const pace = paceThatKnows(6, 100, () => wakes += 1);
  assert.equal(pace.next({ limit: 50, taken: 55, ready: 100 }), 0);
  await new Promise((next) => setTimeout(next, 20));
  assert.deepEqual([wakes, pace.next({ limit: 50, taken: 55, ready: 100 })], [0, 0]);
});

Deno.test("opening pace: the last few do not wait for a flock", () => {
  assert.deepEqual(openAll(newPace(), { limit: 50, taken: 40, ready: 2 }), [2]);
});
