/** One line of the comparison; null = the system has no such thing. */
export interface PeerResult {
  system: string;
  calls: number;
  concurrency: number;
  latency_ms: number;
  wall_s: number;
  /** The wall over calls times latency over concurrency. */
  ratio: number;
  /** The system's own process, user and system. */
  cpu_ms_per_call: number;
  /** PostgreSQL's processes meanwhile, what they do of themselves included. */
  postgres_cpu_ms_per_call: number;
  /** Jobs that do nothing, a second. */
  noop_per_s: number | null;
  /** One job claimed and completed, then the next: ms for each. */
  one_by_one_ms: number | null;
  /** How long its process waits for the claim of one job, with few jobs that are due later. */
  claim_p50_ms: number | null;
  claim_p99_ms: number | null;
  /** The same with very many that are due later. */
  claim_p99_deep_ms: number | null;
  /** The same while somebody holds a snapshot. */
  claim_p99_held_ms: number | null;
}
