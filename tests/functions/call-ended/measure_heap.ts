// Prints how many bytes of heap 10,000 reports leave behind. Needs --v8-flags=--expose-gc, without
// which nobody can tell what is left behind from what has not been collected yet.
import { report, startHandler } from "./start_handler.ts";

const { gc } = globalThis as unknown as { gc: () => void };
const started = startHandler();
const text = "x".repeat(5_000);

async function heapAfter(reports: number): Promise<number> {
  for (let index = 0; index < reports; index++) {
    const body = { call_id: index, call_report: { summary: text, full_conversation: text } };
    await (await started.handle(report(body))).body?.cancel();
    // The stub's own notes.
    started.events.length = 0;
  }
  gc();
  return Deno.memoryUsage().heapUsed;
}

const before = await heapAfter(1_000);
console.log(await heapAfter(10_000) - before);
