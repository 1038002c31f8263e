import type { CallLedger } from "./ledger/call_ledger.ts";
import type { EndedCall } from "./calls/ended_call.ts";
import type { FaultPlan } from "./faults/fault_plan.ts";
import type { OmniSettings } from "./omni_settings.ts";
import type { PhoneLines } from "./calls/phone_lines.ts";
import type { RequestRecord } from "./request_record.ts";

/** A running simulated provider. */
export interface SimulatedOmni extends AsyncDisposable {
  /** For `OMNI_BASE_URL`. Stays the same while connections are refused. */
  readonly url: string;
  readonly port: number;
  readonly apiKey: string;
  readonly agentId: number;
  readonly fromNumberId: number;
  /** Every phone that rang. */
  readonly ledger: CallLedger;
  /** What goes wrong with dispatches. */
  readonly faults: FaultPlan;
  /** What goes wrong with the balance and the call log. */
  readonly readFaults: FaultPlan;
  readonly requests: RequestRecord;
  /** The calls going on. */
  readonly lines: PhoneLines;
  readonly settings: OmniSettings;
  /** Changes some settings; calls and waits under way keep what they began with. */
  change(settings: Partial<OmniSettings>): void;
  /** Calls `listener` at the end of each call, when its row is in the log; returns how to undo it. */
  onCallEnded(listener: (call: EndedCall) => void): () => void;
  /** Stops listening, as a provider that is away; exchanges under way are ended properly. */
  refuseConnections(): Promise<void>;
  /** Listens again, on the same port. */
  acceptConnections(): Promise<void>;
  /** Closes the next `count` connections when they are made, before reading from them. */
  closeNextConnections(count: number): void;
  /** Ends everything. Calls going on are cut off untold; the ledger stays readable. */
  stop(): Promise<void>;
}
