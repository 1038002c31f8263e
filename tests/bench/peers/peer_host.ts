/**
 * The process of one peer: its name and its options are the arguments. Reads a command a line from
 * stdin, writes a reply a line to stdout, and ends with its input.
 */
import { TextLineStream } from "../../../supabase/local/text_line_stream.ts";
import { callTask } from "./call_task.ts";
import { startPeer } from "./start_peer.ts";
import type { Peer } from "./peer.ts";
import { type PeerCommand, peerCommand, type PeerReply } from "./peer_command.ts";

async function obey(peer: Peer, command: PeerCommand): Promise<number[]> {
  switch (command.do) {
    case "fill":
      await peer.fill(command, command.due);
      return [];
    case "work_off":
      await peer.workOff(command.count, {
        concurrency: command.concurrency,
        task: command.provider === null ? () => Promise.resolve() : callTask(command.provider),
      });
      return [];
    case "one_by_one":
      return await peer.oneByOne(command.count);
  }
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
