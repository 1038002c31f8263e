/** What is to be done: so many calls, so many at once, by a provider that takes so long. */
export interface BenchLoad {
  calls: number;
  concurrency: number;
  /** The provider's, in ms. */
  latencyMs: number;
}

/** One measured line. */
export interface BenchResult {
  system: string;
  calls: number;
  concurrency: number;
  latency_ms: number;
  wall_s: number;
  /** Calls times latency over concurrency: no system can be faster. */
  ideal_s: number;
  ratio: number;
  /** The system's own process, user and system; null where it shares a process. */
  cpu_ms_per_call: number | null;
}

/** Puts what was measured beside the ideal. */
export function toBenchResult(
  system: string,
  load: BenchLoad,
  measured: { wallMs: number; cpuMs: number | null },
): BenchResult {
  const idealMs = load.calls * load.latencyMs / load.concurrency;
  return {
    system,
    calls: load.calls,
    concurrency: load.concurrency,
    latency_ms: load.latencyMs,
    wall_s: round(measured.wallMs / 1000),
    ideal_s: round(idealMs / 1000),
    ratio: round(measured.wallMs / idealMs),
    cpu_ms_per_call: measured.cpuMs === null ? null : round(measured.cpuMs / load.calls),
  };
}

function round(number: number): number {
  return Math.round(number * 1000) / 1000;
}
