import { join, resolve } from "node:path";
import { claimDataDirectory } from "../../postgres/claim_data_directory.ts";
import { reachableDirectory } from "../../postgres/reachable_directory.ts";
import { serverUser } from "../../postgres/server_user.ts";
import { stopStaleServer } from "../../postgres/stop_stale_server.ts";

/** The data of one kind of start, held by this process until disposed of. */
export interface DataFolder extends AsyncDisposable {
  readonly path: string;
  /** For the stack. */
  readonly stackDirectory: string;
  /** The simulated Omni's rings, one line of JSON each. */
  readonly ledgerFile: string;
}

/** Which folder to take. */
export interface ClaimDataFolderOptions {
  /** Holds a folder of each kind, so that simulated calls are never taken for real ones. */
  root: string;
  kind: "live" | "simulated";
  /** Empties it first. */
  reset: boolean;
}

/** Takes the folder; fails when another process holds it. A holder that is gone counts for nothing. */
export async function claimDataFolder(
  { root, kind, reset }: ClaimDataFolderOptions,
): Promise<DataFolder> {
  const path = join(resolve(root), kind);
  const stackDirectory = join(path, "stack");
  await Deno.mkdir(path, { recursive: true });
  const release = await claimDataDirectory(path);
  try {
    if (reset) await empty(path, stackDirectory);
  } catch (error) {
    await release();
    throw error;
  }
  return {
    path,
    stackDirectory,
    ledgerFile: join(path, "rings.ndjson"),
    [Symbol.asyncDispose]: release,
  };
}

async function empty(path: string, stackDirectory: string): Promise<void> {
  // Where PostgreSQL's user cannot reach the folder, the cluster lies elsewhere.
  const clusterHome = await reachableDirectory(stackDirectory, await serverUser());
  await claimDataDirectory(clusterHome);
  await stopStaleServer(join(clusterHome, "cluster"));
  await Deno.remove(clusterHome, { recursive: true });
  for await (const { name } of Deno.readDir(path)) {
    if (name !== "owner") await Deno.remove(join(path, name), { recursive: true });
  }
}
