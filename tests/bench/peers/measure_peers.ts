import { connect } from "../../../supabase/local/postgres/connect.ts";
import type { BenchLoad } from "../bench_result.ts";
import { startMeasuredStack } from "../start_measured_stack.ts";
import { measurePeer } from "./measure_peer.ts";
import { OmniProcess } from "./omni_process.ts";
import { PEER_NAMES } from "./peer_command.ts";
import type { PeerResult } from "./peer_result.ts";

/** What everybody has to do. */
export interface PeersLoad extends BenchLoad {
  /** Jobs that are due in some years, when the backlog is deep. */
  future: number;
}

const PEERS_DATABASE = "bench_peers";

/** Ours and the others, one after the other, on the same PostgreSQL and the same provider. */
export async function* measurePeers(load: PeersLoad): AsyncGenerator<PeerResult> {
  const directory = await Deno.makeTempDir({ prefix: "call-dispatch-ledger-" });
  try {
    await using omni = await OmniProcess.start(`${directory}/ledger.jsonl`, load.latencyMs);
    await using stack = await startMeasuredStack(omni.place, {
      functions: ["call-dispatch"],
      functionEnv: {
        DISPATCH_CONCURRENCY: String(load.concurrency),
        DISPATCH_TIME_BUDGET_MS: "300000",
      },
    });
    await startNoRuns(stack.databaseUrl);
    const peersUrl = stack.postgres.url(PEERS_DATABASE);
    await createDatabase(stack.adminDatabaseUrl);
    for (const [index, system] of PEER_NAMES.entries()) {
      const databaseUrl = system === "call-dispatch" ? stack.databaseUrl : peersUrl;
      yield await measurePeer(system, { index, load, omni, stack, databaseUrl });
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function createDatabase(adminUrl: string): Promise<void> {
  const sql = connect(adminUrl, { max: 1 });
  await sql.unsafe(`create database ${PEERS_DATABASE} owner postgres`);
  await sql.end();
}

// No run but the measured one.
async function startNoRuns(databaseUrl: string): Promise<void> {
  const sql = connect(databaseUrl, { max: 1 });
  await sql`update public.dispatch_settings set start_at_once = false where id`;
  await sql.end();
}
