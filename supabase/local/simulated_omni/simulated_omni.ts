import type { CallLedger } from "./ledger/call_ledger.ts";
import type { EndedCall } from "./calls/ended_call.ts";
import type { ForeignCall } from "./calls/foreign_call.ts";
import type { FaultPlan } from "./faults/fault_plan.ts";
import type { OmniSettings } from "./omni_settings.ts";
import type { PhoneLines } from "./calls/phone_lines.ts";
import type { RequestRecord } from "./request_record.ts";
import type { Talk } from "./calls/talk.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";

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
  /** What goes wrong with the balance, the agent, the numbers and the call log. */
  readonly readFaults: FaultPlan;
  readonly requests: RequestRecord;
  /** The calls going on. */
  readonly lines: PhoneLines;
  /** The post-call webhooks that were sent. */
  readonly webhooks: Pick<Webhooks, "deliveries" | "settled">;
  readonly settings: OmniSettings;
  /** Changes some settings; calls and waits under way keep what they began with. */
  change(settings: Partial<OmniSettings>): void;
  /** Calls `listener` at the end of each call, when its row is in the log; returns how to undo it. */
  onCallEnded(listener: (call: EndedCall) => void): () => void;
  /** Puts a call that is over and that no dispatch placed in the log; returns its `call_id`. */
  addForeignCall(call: ForeignCall): number;
  /** Lets somebody have chatted with the agent: a webhook and no row; returns its `call_id`. */
  addChat(talk?: Talk): number;
  /** Stops listening, as a provider that is away; exchanges under way are ended properly. */
  refuseConnections(): Promise<void>;
  /** Listens again, on the same port. */
  acceptConnections(): Promise<void>;
  /** Closes the next `count` connections when they are made, before reading from them. */
  closeNextConnections(count: number): void;
  /** Ends everything. Calls and webhooks going on are cut off untold; the ledger stays readable. */
  stop(): Promise<void>;
}
