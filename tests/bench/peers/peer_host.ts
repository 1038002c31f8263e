/**
 * The process of one peer: its name and its options are the arguments. Reads a command a line from
 * stdin, writes a reply a line to stdout, and ends with its input.
 */
import { createOmniClient } from "../../../supabase/functions/call-dispatch/omni_client.ts";
import { TextLineStream } from "../../../supabase/local/text_line_stream.ts";
import { startPeer } from "./start_peer.ts";
import type { Peer, PeerTask } from "./peer.ts";
import { type PeerCommand, peerCommand, type PeerReply } from "./peer_command.ts";

type Provider = Extract<PeerCommand, { do: "work_off" }>["provider"];

async function obey(peer: Peer, command: PeerCommand): Promise<number[]> {
  switch (command.do) {
    case "fill":
      await peer.fill(command, command.due);
      return [];
    case "work_off":
      await peer.workOff(command.count, {
        concurrency: command.concurrency,
        task: taskOf(command.provider),
      });
      return [];
    case "one_by_one":
      return await peer.oneByOne(command.count);
  }
}

// The same client as ours, so that what differs is the queue.
function taskOf(provider: Provider): PeerTask {
  if (provider === null) return () => Promise.resolve();
  const client = createOmniClient({ ...provider, timeoutMs: 15_000 });
  return async ({ number }) => {
    const reply = await client.placeCall({
      agent_id: provider.agentId,
      from_number_id: provider.fromNumberId,
      to_number: number,
      call_context: { name: "", lead_id: "", follow_up_id: "", message: "" },
      metadata: { attempt_id: crypto.randomUUID() },
    });
    if (reply.kind !== "reply" || reply.httpStatus !== 200) {
      throw new Error(`The provider did not accept a call: ${JSON.stringify(reply)}`);
    }
  };
}

function say(reply: PeerReply): void {
  console.log(JSON.stringify(reply));
}

const [name = "", options = "{}"] = Deno.args;
await using peer = await startPeer(name, options);
say({ wallMs: 0, claimsMs: [] });
for await (const line of Deno.stdin.readable.pipeThrough(new TextLineStream())) {
  const command = peerCommand.parse(JSON.parse(line));
  const startedAt = performance.now();
  const claimsMs = await obey(peer, command);
  say({ wallMs: performance.now() - startedAt, claimsMs });
}
