import { connect } from "../../../supabase/local/postgres/connect.ts";
import type { BenchLoad } from "../bench_result.ts";
import { startMeasuredStack } from "../start_measured_stack.ts";
import { MeasuredPeer } from "./measured_peer.ts";
import { OmniProcess } from "./omni_process.ts";
import { PEER_NAMES } from "./peer_command.ts";
import type { PeerResult } from "./peer_result.ts";

/** What everybody has to do. */
export interface PeersLoad extends BenchLoad {
  /** Jobs that are due in some years, when the backlog is deep. */
  future: number;
  /** How often all make the calls, in turns. */
  rounds: number;
}

const PEERS_DATABASE = "bench_peers";

/** Ours and the others, in turns, on the same PostgreSQL and the same provider. */
export async function measurePeers(load: PeersLoad): Promise<PeerResult[]> {
  await using parts = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "call-dispatch-ledger-" });
  parts.defer(() => Deno.remove(directory, { recursive: true }));
  const omni = parts.use(await OmniProcess.start(`${directory}/ledger.jsonl`, load.latencyMs));
  const stack = parts.use(
    await startMeasuredStack(omni.place, {
      functions: ["call-dispatch"],
      functionEnv: {
        DISPATCH_CONCURRENCY: String(load.concurrency),
        DISPATCH_TIME_BUDGET_MS: "300000",
      },
    }),
  );
  await startNoRuns(stack.databaseUrl);
  const peersUrl = stack.postgres.url(PEERS_DATABASE);
  await createDatabase(stack.adminDatabaseUrl);
  const peers: MeasuredPeer[] = [];
  for (const [index, system] of PEER_NAMES.entries()) {
    const databaseUrl = system === "call-dispatch" ? stack.databaseUrl : peersUrl;
    const options = { index, load, omni, stack, databaseUrl };
    peers.push(parts.use(await MeasuredPeer.start(system, options)));
  }
  for (const peer of peers) await peer.warmUp();
  for (let round = 0; round < load.rounds; round += 1) {
    for (const peer of peers) await peer.measureCalls();
  }
  const results: PeerResult[] = [];
  for (const peer of peers) results.push(await peer.result());
  return results;
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
