import assert from "node:assert/strict";
import { LineMeter } from "../../../../supabase/local/simulated_omni/calls/line_meter.ts";

const waited = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("lines in use are added up over the lines, up to now", async () => {
  const meter = new LineMeter();
  await waited(30);
  assert.deepEqual(meter.usage(), { peak: 0, busyMs: 0 });
  const began = performance.now();
  for (let line = 0; line < 100; line++) meter.take();
  await waited(30);
  const { peak, busyMs } = meter.usage();
  const tookMs = performance.now() - began;
  assert.equal(peak, 100);
  assert.ok(busyMs > 100 * 25 && busyMs <= 100 * tookMs, `${busyMs} ms in ${tookMs} ms`);
});

Deno.test("lines that are free again add nothing, and the peak stays", async () => {
  const meter = new LineMeter();
  meter.take();
  meter.take();
  meter.free();
  meter.free();
  const { busyMs } = meter.usage();
  await waited(20);
  assert.deepEqual(meter.usage(), { peak: 2, busyMs });
});
