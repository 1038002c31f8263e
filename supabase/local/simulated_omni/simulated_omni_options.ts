import type { OmniSettings } from "./omni_settings.ts";

/** What is fixed at the start, and the settings to begin with. */
export interface SimulatedOmniOptions extends Partial<OmniSettings> {
  /** Default `127.0.0.1`; `0.0.0.0` lets containers in. */
  readonly hostname?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  readonly apiKey?: string;
  readonly agentId?: number;
  readonly fromNumberId?: number;
  /** A file that the rings are appended to, and that those of earlier processes are read from. */
  readonly ledgerFile?: string | URL;
  /** For durations, outcomes and jitter; default 1. */
  readonly seed?: number;
  /** How many requests the record keeps whole; default 10,000. */
  readonly requestsKept?: number;
}
