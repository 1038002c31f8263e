import type { Fault } from "../../supabase/local/simulated_omni/faults/fault.ts";
import type { FaultSubject } from "../../supabase/local/simulated_omni/faults/fault_plan.ts";
import { omniFault } from "../../supabase/local/simulated_omni/faults/omni_fault.ts";
import type { SimulatedOmni } from "../../supabase/local/simulated_omni/simulated_omni.ts";
import type { ScriptedReply } from "./history_command.ts";

const FAULTS: Record<Exclude<ScriptedReply, "well">, Fault> = {
  "busy": omniFault.busy(),
  "refused": omniFault.refused(),
  "unauthorized": omniFault.status(401),
  "lost, rung": omniFault.drop({ placed: true }),
  "lost, not rung": omniFault.drop(),
  "rubbish, rung": omniFault.rubbish({ placed: true }),
  "server error, rung": omniFault.status(500, { placed: true }),
  "server error, not rung": omniFault.status(503),
  "hangs, rung": omniFault.hang({ placed: true }),
  "hangs, not rung": omniFault.hang(),
};

/** Lets the provider answer as it is told, and remembers which attempts lost their reply, and who was refused. */
export class ScriptedReplies {
  /** Ids of the attempts after whose reply nobody can know. */
  readonly lost = new Set<string>();
  /** Ids of the leads whose call was refused. */
  readonly refusedLeads = new Set<string>();
  #badCount = 0;
  #script: ScriptedReply[] = [];
  #current: ScriptedReply = "well";

  constructor(omni: SimulatedOmni) {
    omni.faults.clear();
    // The first rule draws for the request, the others look whether it is theirs.
    omni.faults.when((subject) => this.#draw(subject), omniFault.busy());
    for (const [name, fault] of Object.entries(FAULTS)) {
      omni.faults.when(() => this.#current === name, fault);
    }
  }

  /** How many requests were answered otherwise than well. */
  get badCount(): number {
    return this.#badCount;
  }

  push(replies: ScriptedReply[]): void {
    this.#script.push(...replies);
  }

  clear(): void {
    this.#script = [];
  }

  #draw({ body }: FaultSubject): boolean {
    this.#current = this.#script.shift() ?? "well";
    const { metadata, call_context } = body as RequestBody;
    if (FAULTS_THAT_LOSE.has(this.#current)) this.lost.add(metadata.attempt_id);
    if (this.#current !== "well") this.#badCount += 1;
    if (this.#current === "refused") this.refusedLeads.add(call_context.lead_id);
    return false;
  }
}

interface RequestBody {
  metadata: { attempt_id: string };
  call_context: { lead_id: string };
}

const FAULTS_THAT_LOSE = new Set<ScriptedReply>([
  "lost, rung",
  "lost, not rung",
  "rubbish, rung",
  "server error, rung",
  "server error, not rung",
  "hangs, rung",
  "hangs, not rung",
]);
