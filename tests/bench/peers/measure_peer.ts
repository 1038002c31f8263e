import { connect } from "../../../supabase/local/postgres/connect.ts";
import type { Stack } from "../../../supabase/local/stack.ts";
import { familyCpuMs } from "../family_cpu_ms.ts";
import { postRun } from "../post_run.ts";
import { holdSnapshot } from "./hold_snapshot.ts";
import type { PeersLoad } from "./measure_peers.ts";
import type { OmniProcess } from "./omni_process.ts";
import type { PeerJobs } from "./peer.ts";
import type { PeerName } from "./peer_command.ts";
import { PeerProcess } from "./peer_process.ts";
import type { PeerResult } from "./peer_result.ts";
import { percentile } from "./percentile.ts";

/** One system, and what it is measured with. */
export interface MeasurePeerOptions {
  /** Sets its phone numbers apart from those of the others. */
  index: number;
  load: PeersLoad;
  omni: OmniProcess;
  stack: Stack;
  databaseUrl: string;
}

// The numbers of these are read: they lie in ranges that are in use. The others are never called.
const FIRST_NUMBER = 14152000000;
const FIRST_FUTURE_NUMBER = 14160000000;
const SHALLOW_FUTURE = 10_000;
const WARM_UP_ROUNDS = 20;

type QueueFigures = Pick<
  PeerResult,
  | "noop_per_s"
  | "one_by_one_ms"
  | "claim_p50_ms"
  | "claim_p99_ms"
  | "claim_p99_deep_ms"
  | "claim_p99_held_ms"
>;

const NO_QUEUE: QueueFigures = {
  noop_per_s: null,
  one_by_one_ms: null,
  claim_p50_ms: null,
  claim_p99_ms: null,
  claim_p99_deep_ms: null,
  claim_p99_held_ms: null,
};

interface MeasuredCalls {
  wallMs: number;
  /** Of the system's own process. */
  cpuMs: number;
  postgresCpuMs: number;
}

/** One system, in a process of its own, that is measured a part at a time. */
export class MeasuredPeer implements AsyncDisposable {
  readonly #measured: MeasuredCalls[] = [];
  #nextNumber: number;
  #future = 0;

  private constructor(
    private readonly system: PeerName,
    private readonly peer: PeerProcess,
    private readonly options: MeasurePeerOptions,
  ) {
    this.#nextNumber = FIRST_NUMBER + options.index * 200_000;
  }

  /** Starts its process. */
  static async start(system: PeerName, options: MeasurePeerOptions): Promise<MeasuredPeer> {
    const process = await PeerProcess.start(system, { ...options.stack, ...options });
    return new MeasuredPeer(system, process, options);
  }

  /** Has it make calls until plans are made, code is compiled and connections are open. */
  async warmUp(): Promise<void> {
    const { load } = this.options;
    this.#say("warming up");
    await this.#fillFuture(Math.min(SHALLOW_FUTURE, load.future));
    await this.#calls(WARM_UP_ROUNDS * load.concurrency);
  }

  /** Has it make the calls, once more. */
  async measureCalls(): Promise<void> {
    const { calls, concurrency } = this.options.load;
    this.#say(`${calls} calls, ${concurrency} at once`);
    this.#measured.push(await this.#calls(calls));
  }

  /** Measures the rest; of the calls it is each figure's median. */
  async result(): Promise<PeerResult> {
    const { calls, concurrency, latencyMs } = this.options.load;
    const wallMs = this.#median("wallMs");
    return {
      system: this.system,
      calls,
      concurrency,
      latency_ms: latencyMs,
      wall_s: round(wallMs / 1000),
      ratio: round(wallMs / (calls * latencyMs / concurrency)),
      cpu_ms_per_call: round(this.#median("cpuMs") / calls),
      postgres_cpu_ms_per_call: round(this.#median("postgresCpuMs") / calls),
      ...(this.system === "bare client" ? NO_QUEUE : await this.#queueFigures()),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.peer[Symbol.asyncDispose]();
  }

  #median(figure: keyof MeasuredCalls): number {
    return percentile(this.#measured.map((measured) => measured[figure]), 0.5);
  }

  async #queueFigures(): Promise<QueueFigures> {
    const { load, databaseUrl } = this.options;
    this.#say("jobs that do nothing");
    const noopMs = await this.#noops(load.calls);
    this.#say("one by one");
    const shallow = await this.#oneByOne();
    const held = await this.#heldClaims(databaseUrl);
    this.#say(`one by one, ${load.future} due later`);
    await this.#fillFuture(load.future - this.#future);
    const deep = await this.#oneByOne();
    return {
      noop_per_s: Math.round(load.calls / noopMs * 1000),
      one_by_one_ms: round(shallow.eachMs),
      claim_p50_ms: round(percentile(shallow.claimsMs, 0.5)),
      claim_p99_ms: round(percentile(shallow.claimsMs, 0.99)),
      claim_p99_deep_ms: round(percentile(deep.claimsMs, 0.99)),
      claim_p99_held_ms: round(percentile(held.claimsMs, 0.99)),
    };
  }

  async #calls(count: number): Promise<MeasuredCalls> {
    const { omni, stack } = this.options;
    const jobs = await this.#fillNow(count);
    const before = await familyCpuMs(stack.postgres.pid);
    const measured = await this.#workOff(count);
    const postgresCpuMs = await familyCpuMs(stack.postgres.pid) - before;
    omni.judge(this.system, jobs);
    return { ...measured, postgresCpuMs };
  }

  // Ours takes its whole real way: HTTP, the function's own process, the gateway.
  async #workOff(count: number): Promise<{ wallMs: number; cpuMs: number }> {
    const { load, omni, stack } = this.options;
    if (this.system !== "call-dispatch") {
      const { concurrency } = load;
      return await this.peer.measure({
        do: "work_off",
        count,
        concurrency,
        provider: omni.place,
      });
    }
    const running = stack.function("call-dispatch");
    const before = await running.cpuMilliseconds();
    const startedAt = performance.now();
    const summary = await postRun(stack);
    const wallMs = performance.now() - startedAt;
    if (summary.accepted !== count) throw new Error(`Cannot measure: ${JSON.stringify(summary)}`);
    return { wallMs, cpuMs: await running.cpuMilliseconds() - before };
  }

  async #noops(count: number): Promise<number> {
    const { concurrency } = this.options.load;
    await this.#fillNow(count);
    const done = await this.peer.measure({ do: "work_off", count, concurrency, provider: null });
    return done.wallMs;
  }

  async #oneByOne(): Promise<{ eachMs: number; claimsMs: number[] }> {
    const count = Math.max(100, Math.min(300, Math.round(this.options.load.calls / 5)));
    await this.#fillNow(count);
    const { wallMs, claimsMs } = await this.peer.measure({ do: "one_by_one", count });
    return { eachMs: wallMs / count, claimsMs };
  }

  async #heldClaims(databaseUrl: string): Promise<{ claimsMs: number[] }> {
    this.#say("one by one, with a held snapshot");
    await using _held = await holdSnapshot(databaseUrl);
    return await this.#oneByOne();
  }

  async #fillNow(count: number): Promise<PeerJobs> {
    const jobs = { firstNumber: this.#nextNumber, count };
    this.#nextNumber += count;
    await this.peer.measure({ do: "fill", ...jobs, due: "now" });
    return jobs;
  }

  async #fillFuture(count: number): Promise<void> {
    const firstNumber = FIRST_FUTURE_NUMBER + this.#future;
    await this.peer.measure({ do: "fill", firstNumber, count, due: "in_years" });
    this.#future += count;
    // As the database does by itself some minutes after so much has been written.
    const sql = connect(this.options.databaseUrl, { max: 1 });
    await sql`vacuum analyze`;
    await sql.end();
  }

  #say(what: string): void {
    console.error(`${this.system}: ${what}`);
  }
}

function round(number: number): number {
  return Math.round(number * 1000) / 1000;
}
