import { z } from "zod";
import { bareClientPeer } from "./bare_client_peer.ts";
import { callDispatchPeer } from "./call_dispatch_peer.ts";
import { graphileWorkerPeer } from "./graphile_worker_peer.ts";
import { loopPeer } from "./loop_peer.ts";
import { pgBossPeer } from "./pg_boss_peer.ts";
import type { Peer } from "./peer.ts";
import { PEER_NAMES } from "./peer_command.ts";

const options = z.object({ databaseUrl: z.string(), url: z.string(), secretKey: z.string() });

/** Starts the peer of that name; `optionsText` is the JSON of where the database and the gateway are. */
export function startPeer(name: string, optionsText: string): Peer | Promise<Peer> {
  const place = options.parse(JSON.parse(optionsText));
  switch (z.enum(PEER_NAMES).parse(name)) {
    case "call-dispatch":
      return callDispatchPeer(place);
    case "graphile-worker":
      return graphileWorkerPeer(place.databaseUrl);
    case "pg-boss":
      return pgBossPeer(place.databaseUrl);
    case "one-by-one loop":
      return loopPeer(place.databaseUrl);
    case "bare client":
      return bareClientPeer();
  }
}
