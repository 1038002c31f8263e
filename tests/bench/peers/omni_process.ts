import { readLedgerFile } from "../../../supabase/local/simulated_omni/ledger/read_ledger_file.ts";
import { LineProcess } from "./line_process.ts";
import { type OmniPlace, omniPlace } from "./omni_place.ts";
import type { PeerJobs } from "./peer.ts";
import { phoneNumber } from "./phone_number.ts";

/** The simulated provider in a process of its own, and the ledger by which everybody is judged. */
export class OmniProcess implements AsyncDisposable {
  private constructor(
    readonly place: OmniPlace,
    private readonly process: LineProcess,
    private readonly ledgerFile: string,
  ) {}

  static async start(ledgerFile: string, latencyMs: number): Promise<OmniProcess> {
    const process = new LineProcess("omni_host.ts", [ledgerFile, String(latencyMs)]);
    const place = omniPlace.parse(JSON.parse(await process.read()));
    return new OmniProcess(place, process, ledgerFile);
  }

  /** @throws when one of the numbers has not rung, or has rung twice. */
  judge(system: string, { firstNumber, count }: PeerJobs): void {
    const rung = this.ringsOnce(firstNumber, count);
    if (rung === count) return;
    throw new Error(`Cannot measure: ${system} has rung ${rung} of ${count} numbers`);
  }

  /**
   * How many of `count` numbers, from the first one on, have rung.
   *
   * @throws when one of them has rung twice.
   */
  ringsOnce(firstNumber: number, count: number): number {
    const numbers = new Set(Array.from({ length: count }, (_, n) => phoneNumber(firstNumber, n)));
    const rung = new Set<string>();
    for (const { toNumber } of readLedgerFile(this.ledgerFile)) {
      if (!numbers.has(toNumber)) continue;
      if (rung.has(toNumber)) throw new Error(`The number ${toNumber.slice(-6)} has rung twice`);
      rung.add(toNumber);
    }
    return rung.size;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.process[Symbol.asyncDispose]();
  }
}
