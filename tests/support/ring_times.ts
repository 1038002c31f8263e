import type { Ring } from "../../supabase/local/simulated_omni/ledger/ring.ts";
import type { SimulatedOmni } from "../../supabase/local/simulated_omni/simulated_omni.ts";

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** When each phone rang, by the clock of a project whose rows are dated back to let time pass. */
export class RingTimes {
  readonly #passed: { afterRings: number; ms: number }[] = [];

  constructor(private readonly omni: SimulatedOmni) {}

  /** So much time has passed, a text such as `20 minutes` or `-1 day`. */
  pass(span: string): void {
    this.#passed.push({ afterRings: this.omni.ledger.count, ms: spanMs(span) });
  }

  /** What the project's clock shows now, Unix ms. */
  now(): number {
    return Date.now() + this.#passed.reduce((sum, { ms }) => sum + ms, 0);
  }

  /** Unix ms. */
  at(ring: Ring): number {
    const passed = this.#passed.filter(({ afterRings }) => afterRings < ring.ordinal);
    return Date.parse(ring.placedAt) + passed.reduce((sum, { ms }) => sum + ms, 0);
  }
}

function spanMs(span: string): number {
  const [, count = "", unit = ""] = /^(-?\d+) (minute|hour|day)s?$/.exec(span) ?? [];
  const unitMs = UNIT_MS[unit as keyof typeof UNIT_MS];
  if (unitMs === undefined) throw new Error(`Cannot read the span "${span}"`);
  return Number(count) * unitMs;
}
