import { holdSnapshot } from "./hold_snapshot.ts";
import type { PeersLoad } from "./measure_peers.ts";
import type { PeerProcess } from "./peer_process.ts";
import type { PeerQueue } from "./peer_queue.ts";
import type { PeerResult } from "./peer_result.ts";
import { percentile } from "./percentile.ts";
import { rounded } from "./rounded.ts";

/** What a queue costs by itself, without the calls. */
export type QueueFigures = Pick<
  PeerResult,
  | "noop_per_s"
  | "one_by_one_ms"
  | "claim_p50_ms"
  | "claim_p99_ms"
  | "claim_p99_deep_ms"
  | "claim_p99_held_ms"
>;

/** Of a system that has none. */
export const NO_QUEUE: QueueFigures = {
  noop_per_s: null,
  one_by_one_ms: null,
  claim_p50_ms: null,
  claim_p99_ms: null,
  claim_p99_deep_ms: null,
  claim_p99_held_ms: null,
};

/** A system, its queue, and how much is to be done. */
export interface MeasureQueueOptions {
  peer: PeerProcess;
  queue: PeerQueue;
  databaseUrl: string;
  load: PeersLoad;
  onProgress: (step: string) => void;
}

/** Measures jobs that do nothing, and claims one by one over three backlogs. */
export async function measureQueue(options: MeasureQueueOptions): Promise<QueueFigures> {
  const { queue, load, onProgress } = options;
  onProgress("jobs that do nothing");
  const noopMs = await noops(options);
  onProgress("one by one");
  const shallow = await oneByOne(options);
  const held = await heldClaims(options);
  onProgress(`one by one, ${load.future} due later`);
  await queue.fillFutureUpTo(load.future);
  const deep = await oneByOne(options);
  return {
    noop_per_s: Math.round(load.calls / noopMs * 1000),
    one_by_one_ms: rounded(shallow.eachMs),
    claim_p50_ms: rounded(percentile(shallow.claimsMs, 0.5)),
    claim_p99_ms: rounded(percentile(shallow.claimsMs, 0.99)),
    claim_p99_deep_ms: rounded(percentile(deep.claimsMs, 0.99)),
    claim_p99_held_ms: rounded(percentile(held.claimsMs, 0.99)),
  };
}

interface Claims {
  eachMs: number;
  claimsMs: number[];
}

async function noops({ peer, queue, load }: MeasureQueueOptions): Promise<number> {
  const { calls: count, concurrency } = load;
  await queue.fillNow(count);
  const done = await peer.measure({ do: "work_off", count, concurrency, provider: null });
  return done.wallMs;
}

async function oneByOne({ peer, queue, load }: MeasureQueueOptions): Promise<Claims> {
  const count = Math.max(100, Math.min(300, Math.round(load.calls / 5)));
  await queue.fillNow(count);
  const { wallMs, claimsMs } = await peer.measure({ do: "one_by_one", count });
  return { eachMs: wallMs / count, claimsMs };
}

async function heldClaims(options: MeasureQueueOptions): Promise<Claims> {
  options.onProgress("one by one, with a held snapshot");
  await using _held = await holdSnapshot(options.databaseUrl);
  return await oneByOne(options);
}
