import type { Stack } from "../../../supabase/local/stack.ts";
import { familyCpuMs } from "../family_cpu_ms.ts";
import { postRun } from "../post_run.ts";
import type { PeersLoad } from "./measure_peers.ts";
import { measureQueue, NO_QUEUE } from "./measure_queue.ts";
import { median } from "./median.ts";
import type { OmniProcess } from "./omni_process.ts";
import type { PeerName } from "./peer_command.ts";
import { PeerProcess } from "./peer_process.ts";
import { PeerQueue } from "./peer_queue.ts";
import type { PeerResult } from "./peer_result.ts";
import { rounded } from "./rounded.ts";

/** What a system is measured with. */
export interface MeasuredPeerOptions {
  /** Sets its phone numbers apart from those of the others. */
  index: number;
  load: PeersLoad;
  omni: OmniProcess;
  stack: Stack;
  databaseUrl: string;
}

// The numbers are read, and lie in ranges that are in use.
const FIRST_NUMBER = 14152000000;
const SHALLOW_FUTURE = 10_000;
const WARM_UP_ROUNDS = 20;
// More than are claimed one by one.
const OTHER_NUMBERS = 1_000;

interface MeasuredCalls {
  wallMs: number;
  /** Of the system's own process. */
  cpuMs: number;
  postgresCpuMs: number;
}

/** One system, in a process of its own, that is measured a part at a time. */
export class MeasuredPeer implements AsyncDisposable {
  readonly #queue: PeerQueue;
  readonly #measured: MeasuredCalls[] = [];

  private constructor(
    private readonly system: PeerName,
    private readonly peer: PeerProcess,
    private readonly options: MeasuredPeerOptions,
  ) {
    const { index, load, databaseUrl } = options;
    const firstNumber = FIRST_NUMBER + index * numbersNeeded(load);
    this.#queue = new PeerQueue({ peer, databaseUrl, firstNumber });
  }

  /** Starts its process. */
  static async start(system: PeerName, options: MeasuredPeerOptions): Promise<MeasuredPeer> {
    const process = await PeerProcess.start(system, { ...options.stack, ...options });
    return new MeasuredPeer(system, process, options);
  }

  /** Has it make calls until plans are made, code is compiled and connections are open. */
  async warmUp(): Promise<void> {
    const { load } = this.options;
    this.#say("warming up");
    await this.#queue.fillFutureUpTo(Math.min(SHALLOW_FUTURE, load.future));
    await this.#calls(WARM_UP_ROUNDS * load.concurrency);
  }

  /** Has it make the calls, once more. */
  async measureCalls(): Promise<void> {
    const { calls, concurrency } = this.options.load;
    this.#say(`${calls} calls, ${concurrency} at once`);
    this.#measured.push(await this.#calls(calls));
  }

  /** Of each figure of the calls the median; and what its queue costs, which is measured now. */
  async result(): Promise<PeerResult> {
    const { load, databaseUrl } = this.options;
    const { calls, concurrency, latencyMs } = load;
    const wallMs = this.#median("wallMs");
    return {
      system: this.system,
      calls,
      concurrency,
      latency_ms: latencyMs,
      wall_s: rounded(wallMs / 1000),
      ratio: rounded(wallMs / (calls * latencyMs / concurrency)),
      cpu_ms_per_call: rounded(this.#median("cpuMs") / calls),
      postgres_cpu_ms_per_call: rounded(this.#median("postgresCpuMs") / calls),
      ...(this.system === "bare client" ? NO_QUEUE : await measureQueue({
        peer: this.peer,
        queue: this.#queue,
        databaseUrl,
        load,
        onProgress: (step) => this.#say(step),
      })),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.peer[Symbol.asyncDispose]();
  }

  #median(figure: keyof MeasuredCalls): number {
    return median(this.#measured.map((measured) => measured[figure]));
  }

  async #calls(count: number): Promise<MeasuredCalls> {
    const { omni, stack } = this.options;
    const jobs = await this.#queue.fillNow(count);
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
      const provider = omni.place;
      return await this.peer.measure({ do: "work_off", count, concurrency, provider });
    }
    const running = stack.function("call-dispatch");
    const before = await running.cpuMilliseconds();
    const startedAt = performance.now();
    const summary = await postRun(stack);
    const wallMs = performance.now() - startedAt;
    if (summary.accepted !== count) throw new Error(`Cannot measure: ${JSON.stringify(summary)}`);
    return { wallMs, cpuMs: await running.cpuMilliseconds() - before };
  }

  #say(what: string): void {
    console.error(`${this.system}: ${what}`);
  }
}

// Warming up, each round, and the jobs that do nothing.
function numbersNeeded({ calls, concurrency, rounds }: PeersLoad): number {
  return WARM_UP_ROUNDS * concurrency + (rounds + 1) * calls + OTHER_NUMBERS;
}
